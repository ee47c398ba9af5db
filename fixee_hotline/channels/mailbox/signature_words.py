"""The words that mark signatures in mails, in eight languages. Folded: lower case, no accents."""

from __future__ import annotations

import re

from fixee_hotline.channels.mailbox.words import phrases, words

STRONG_CLOSINGS = phrases(
	# French
	"cordialement|bien cordialement|tres cordialement|cordiales salutations|sinceres salutations"
	"|meilleures salutations|salutations distinguees|salutations|sinceres salutations|bien a vous"
	"|cdlt|cdt|crdt|bien cdlt|respectueusement|avec mes salutations|veuillez agreer|amicalement"
	"|cordialement votre|salutations cordiales|sincerement"
	# English
	"|kind regards|best regards|warm regards|kindest regards|regards|with kind regards"
	"|with best regards|many regards|best wishes|sincerely|yours sincerely|sincerely yours"
	"|yours faithfully|yours truly|rgds|kr|br|brgds|respectfully"
	# German
	"|mit freundlichen grussen|mit freundlichen gruessen|mit freundlichem gruss"
	"|freundliche grusse|freundliche gruesse|freundlichen gruss|freundlicher gruss"
	"|mit besten grussen|beste grusse|viele grusse|liebe grusse|herzliche grusse|schone grusse"
	"|mit herzlichen grussen|mit lieben grussen|mit vielen grussen|mfg|vg|lg|gruss|grusse"
	"|viele gruesse|beste gruesse|liebe gruesse|hochachtungsvoll|schonen gruss"
	"|mit freundlichen grussen aus|besten gruss|schoene gruesse"
	# Spanish
	"|saludos|un saludo|saludos cordiales|cordiales saludos|un cordial saludo"
	"|reciba un cordial saludo|atentamente|cordialmente|atte|un saludo cordial|saludos atentos"
	# Italian
	"|cordiali saluti|distinti saluti|i migliori saluti|migliori saluti|saluti|un saluto"
	"|cari saluti|saluti cordiali|un cordiale saluto|porgo cordiali saluti"
	"|in attesa di riscontro porgo cordiali saluti"
	# Portuguese
	"|atenciosamente|cumprimentos|com os melhores cumprimentos|melhores cumprimentos"
	"|com cumprimentos|att|os melhores cumprimentos|saudacoes|cordiais saudacoes|abraco|abracos"
	"|respeitosamente"
	# Dutch
	"|met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|mvg"
	"|groet|groeten|hartelijke groet|hartelijke groeten|met hartelijke groet|hoogachtend"
	"|met groet|gr"
	# Polish
	"|pozdrawiam|pozdrawiam serdecznie|serdecznie pozdrawiam|z powazaniem|pozdrowienia"
	"|z pozdrowieniami|pozdr|z wyrazami szacunku|lacze pozdrowienia"
)
# Also ordinary thanks: a signature follows only with the sender's name or a phone, mail or company line.
WEAK_CLOSINGS = phrases(
	"merci|merci d'avance|merci beaucoup|merci par avance|d'avance merci|bonne journee"
	"|bonne reception|a bientot|thanks|thank you|many thanks|thanks in advance|thanks and regards|thx"
	"|cheers|best|thanks & regards|thank you and best regards|danke|vielen dank|besten dank"
	"|danke im voraus|vielen dank im voraus|danke schon|gracias|muchas gracias|gracias de antemano"
	"|gracias y saludos|grazie|grazie mille|grazie in anticipo|grazie e saluti|buona giornata"
	"|buon lavoro|obrigado|obrigada|muito obrigado|muito obrigada|desde ja obrigado|bedankt"
	"|alvast bedankt|dank u|dank u wel|bij voorbaat dank|dziekuje|dzieki|z gory dziekuje"
	"|dziekuje i pozdrawiam"
)

PHONE_SIGNATURE = re.compile(
	r"(?:(?:message )?(?:envoye|envoyee|sent|gesendet|verzonden|verstuurd|enviado|enviada|inviato"
	r"|wyslan[eoay]) "
	r"(?:de |depuis |a partir d[e'] ?|from |via |von |vanaf |vanuit |desde |do |da |dal |dall'|con "
	r"|mit |with |using |z |ze |met "
	r"|a partir do |by )"
	r"(?:mon |ma |my |meinem |meiner |mijn |mi |meu |minha |mio |il mio |moj[aei]?(?:ego)? |le |la |l'"
	r"|der |dem |o |een |an? )*"
	r"|von meinem |von meiner |von unterwegs |diese nachricht wurde von meinem |"
	r"(?:get|obtenez|telechargez|telecharger|holen sie sich|hol dir|laden sie|obtener|obten|descarga"
	r"|descargar|scarica|ottieni"
	r"|obter|obtenha|baixe o|download|pobierz|outlook downloaden|outlook voor) ?)"
	r".{0,30}\b(?:iphone|ipad|android|samsung|galaxy|huawei|xiaomi|pixel|nokia|oneplus|motorola|oppo"
	r"|honor|outlook|smartphone|handy"
	r"|mobile|mobil|phone|device|appareil|gerat|dispositivo|toestel|urzadzenia|mobiltelefon|telephone"
	r"|telefon[oe]?|telemovel|movil|celular|cellulare|telefoon"
	r"|telefonu|telefonem|blackberry"
	r"|yahoo|proton ?mail|gmx|web[.]de|orange|tablet|tablette|mail app|app mail|application mail"
	r"|mailapp)\b.{0,40}"
)

# Printing machines and pressure are everyday words here: each phrase names the mail or the paper itself.
FOOTER = re.compile(
	r"(?:please )?(?:consider|think of) (?:the|our) environment|pensez a l'environnement"
	r"|n'imprimez (?:ce|cet|que) (?:mail|message|courriel|e-mail)"
	r"|bitte (?:denken|prufen) sie.{0,40}umwelt|denken sie an die umwelt|piense en el medio ambiente"
	r"|pensa all'ambiente"
	r"|antes de imprimir (?:este|esta) (?:mensaje|correo|e-?mail|mensagem)"
	r"|prima di stampare quest[ao'] ?(?:mail|e-mail|messaggio)"
	r"|denk aan het milieu|zanim wydrukujesz (?:ten|te) (?:mail|e-mail|wiadomosc)|\bvirus-?free\b"
	r"|virenfrei|\bsans virus\b|libre de virus"
	r"|\bavast\b|scanned by (?:avg|mcafee|mailscanner|symantec|kaspersky|norton)|amtsgericht"
	r"|registergericht|geschaftsfuhr(?:er|ung|erin) ?:"
	r"|handelsregister|\bhrb ?\d|vorstand ?:|vorsitzender des aufsichtsrat|au capital de"
	r"|\brcs [\w -]+ [b\d]|capitale sociale|capital social"
	r"|\bkvk[- ]?(?:nr|nummer)|\bkrs:? ?\d|registered (?:office|in england)|\bust-id"
)
NOTICE_START = re.compile(
	r"(?:this|these|the information|ce|cet|cette|les informations|l'information|le present|diese|dieses"
	r"|der inhalt|die in dieser|este|esta"
	r"|la informacion|el contenido|questo|questa|le informazioni|il contenuto|a informacao|o conteudo"
	r"|dit|deze|de informatie|de inhoud"
	r"|ta|wiadomosc|mensaje|mensagem|messaggio|niniejsz\w+|tresc|informacje|avis|notice|disclaimer"
	r"|confidential\w*|avviso|hinweis|aviso"
	r"|vertraulich\w*)\b"
)

SECRET = re.compile(
	r"confiden|vertraulich|vertrouwelijk|poufn|riservat|privileged|legally protected|sigil|zastrzezon"
)
MAIL_ITSELF = re.compile(
	r"\b(?:e-?mail|mail|message|courriel|mensaje|correo|messaggio|comunicazione|mensagem|bericht"
	r"|wiadomosc|nachricht)\b"
)
ADDRESSEE = re.compile(
	r"destinatair|recipient|intended|addressee|empfanger|adressat|destinatari|geadresseerde|ontvanger"
	r"|bestemd voor|adresat|odbiorc"
	r"|unauthori[sz]|non autoris|unbefugt|no autorizad|non autorizz|nao autorizad|onbevoegd|nieuprawni"
	r"|erroneously|par erreur|irrtumlich"
	r"|por error|per errore|por engano|omylk|abusievelijk|ten onrechte"
)


# Words that no signature line has: verbs and pronouns of sentences. A line with one is kept.
SENTENCE_WORDS = words(
	"is are was were has have had will would can cannot could should must does did not we you she they"
	" this that there please still call reply"
	" est sont etait sera ont avons avez ai a-t nous vous je il elle ne pas plus cette ce ceci svp peut"
	" pouvez faut depuis encore toujours rappelez appelez rappelle rappeler"
	" ist sind war wird werden wurde hat haben kann konnen mussen muss wir ich sie er es nicht kein"
	" keine bitte noch seit dass rufen anrufen ruft"
	" esta estan sera ha han hemos tiene tenemos puede pueden hay nosotros usted ustedes yo nos que"
	" favor todavia desde llame llamen llamad"
	" sono ha hanno abbiamo puo possono deve dobbiamo noi io lei non che ancora questo questa prego"
	" chiamate chiamare chiamatemi"
	" esta estao foi tem temos pode podem nao ele ela voce voces ainda isto isso ligue liguem"
	" zijn heeft hebben kan kunnen moet moeten wij ik jij hij ze niet geen nog sinds dit dat graag bel"
	" bellen"
	" jest byl byla bedzie maja mamy moze mozna musi nie sie prosze jeszcze ze to juz zadzwon"
	" zadzwoncie dzwonic"
)
# Words of the machine and its trouble: they make a short line news, not a name.
TROUBLE = re.compile(
	r"\b(?:stop\w*|alarm\w*|erreur|error\w*|fehler\w*|err|falla|fallo|avaria|awaria|guasto|errore|erro"
	r"|storing\w*|panne|defaut|defekt\w*|kaputt|defect\w*|code|kod|codice|codigo|machine\w*|maschine\w*"
	r"|maquina|macchina|maszyn\w*|linie"
	r"|ligne|line|linea|linha|lijn|linia|pompe|pumpe|pump|bomba|pompa|anlage|presse|press|motor\w*"
	r"|moteur|robot\w*|serial|serie|serien\w*"
	r"|seriennummer|s/n|attention|achtung|danger|gefahr|feuer|fire|feu|fumee|rauch|smoke"
	r"|fuego|fuoco|fogo|brand|pozar)\b"
)
SHOUT = re.compile(
	r"\b(?:urgen\w*|dringend\w*|asap|sos|help|hilfe|aide|ayuda|aiuto|ajuda|hulp|pomocy|pilne|spoed)\b"
)
# A number that somebody answers at night may say what it is for: "breakdown line 24/7".
ON_CALL = re.compile(
	r"\b24 ?h?/ ?(?:24|7)|\bh ?24\b|\b24 ?h\b|astreinte|bereitschaft|notfall-?(?:hotline|nummer"
	r"|telefon)|notdienst|reperibilit"
	r"|emergency (?:\w+ )?(?:line|number|desk|phone)|breakdown (?:line|number)|storings?(?:nummer"
	r"|dienst)|dyzur|telefon alarmowy"
	r"|(?:numero|linea|linha|tel\.?|telefono|telefone|ligne|numero d') ?(?:de |di |d')?(?:emergenc\w+"
	r"|emergenz\w+|urgenc\w+)"
)
# What to do in a fire or an accident, as plants print it below their signatures.
EMERGENCY_ADVICE = re.compile(
	r"\W*(?:in case of|en cas d|bei (?:brand|feuer|unfall|gefahr|notfall)|en caso de|in caso di"
	r"|em caso de|bij (?:brand|ongeval|calamiteit)"
	r"|w razie|w przypadku|au feu|incendie|feu)\b.{0,60}\b(?:112|911|999|998|118|18|15)\b.{0,40}"
)
POSTSCRIPT = re.compile(r"(?:ps|p\.s|nb|n\.b|p\.-s)\b")

TITLES = re.compile(
	r"\b(?:responsable|chef|directeur|directrice|technicien\w*|ingenieur\w*|maintenance|assistant\w*"
	r"|service|atelier|production|achats|gerant\w*"
	r"|manager|engineer|technician|supervisor|director|head|lead|planner|operator|operations|department"
	r"|dept|purchasing|buyer|ceo|cto|coo"
	r"|leiter\w*|leitung|meister|techniker\w*|instandhaltung\w*|werk\w*|abteilung|einkauf\w*"
	r"|betriebs\w*|mechatroniker\w*|schichtfuhrer\w*"
	r"|jefe|jefa|encargad[oa]|director\w*|tecnic[oa]|ingenier[oa]|mantenimiento|produccion|compras|gerente"
	r"|responsabile|capo\w*|direttore|direttrice|manutenzione|produzione|ufficio|acquisti|reparto|ingegnere"
	r"|gestor\w*|chefe|engenheir[oa]|manutencao|producao|encarregad[oa]|departamento"
	r"|hoofd|leider|teamleider|ploegleider|monteur|technicus|onderhoud\w*|productie\w*|afdeling"
	r"|inkoop\w*|bedrijfs\w*"
	r"|kierownik\w*|dyrektor\w*|technik|inzynier|mechanik|utrzymani\w*|produkcj\w*|dzial\w*"
	r"|brygadzist\w*|specjalist\w*|mistrz)\b"
)
