"""The words that mark history in mails, in eight languages. Folded: lower case, no accents."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans(
	{"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "\u2019": "'", "\u2018": "'", "\xa0": " ", "\u202f": " "}
)


def fold(text: str) -> str:
	"""Lower case without accents, so that one spelling of a word is enough."""
	lowered = text.lower()
	if lowered.isascii():
		return lowered
	return _ACCENTS.sub("", unicodedata.normalize("NFKD", lowered.translate(_LETTERS)))


def words(text: str) -> frozenset[str]:
	"""The words of a text as a set."""
	return frozenset(text.split())


def phrases(text: str) -> tuple[str, ...]:
	"""Phrases that "|" stands between."""
	return tuple(text.split("|"))


# Labels of the header lines that Outlook, Lotus, Apple and Thunderbird put above history.
_LABELS = {
	"from": "from|de|von|da|van|od|expediteur|absender|remitente|mittente|afzender|nadawca|remetente",
	"sent": "sent|sent at|envoye|envoye le|gesendet|gesendet am|enviado|enviado el|enviado em|enviada em"
	"|enviada|inviato|inviato il|verzonden|wyslano|wyslane|wyslana",
	"date": "date|datum|fecha|data",
	"to": "to|a|an|para|aan|do|destinataire|pour|per|destinatario",
	"cc": "cc|kopie|kopia|dw|copie|copie a|copia|bcc|cci",
	"subject": "subject|objet|betreff|asunto|oggetto|assunto|onderwerp|temat",
	"other": "reply-to|repondre a|antwort an|importance|wichtigkeit|attachments|pieces jointes|anlagen"
	"|priority|priorite|importancia|priorita|prioritat|urgentie|waznosc",
}
HEADER_ROLES = {label: role for role, labels in _LABELS.items() for label in labels.split("|")}

_ORIGINAL = (
	"original message|original appointment|message d'origine|message original|message"
	" initial|ursprungliche nachricht"
	"|urspr[.] nachricht|originalnachricht|original-nachricht|mensaje original|messaggio"
	" originale|mensagem original"
	"|oorspronkelijk bericht|origineel bericht|oryginalna wiadomosc|wiadomosc oryginalna|original"
	" email|reply message"
	"|antwortnachricht"
)
_FORWARDED = (
	"forwarded message|forwarded by .{1,80}|message transfere|message transmis|weitergeleitete nachricht"
	"|weitergeleitet von .{1,80}|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|mensagem"
	" reencaminhada"
	"|doorgestuurd bericht|przekazana wiadomosc|wiadomosc przekazana|transfere par .{1,80}"
)
# "-----Original Message-----": dashes on both sides.
ORIGINAL_LINE = re.compile(rf"[-_=* ]{{3,}}({_ORIGINAL})[ :]*[-_=* ]{{3,}}")
FORWARDED_LINE = re.compile(
	rf"[-_=* ]{{3,}}({_FORWARDED})[ :]*[-_=* ]{{3,}}"
	r"|(?:begin forwarded message|debut du message (?:transfere|reexpedie)"
	r"|anfang der weitergeleiteten nachricht"
	r"|inicio del mensaje reenviado|inizio (?:del )?messaggio inoltrato"
	r"|inicio da mensagem (?:re)?encaminhada"
	r"|begin doorgestuurd bericht|poczatek przekazywanej wiadomosci|poczatek przekazanej wiadomosci) ?:"
)
REPLY_ABOVE = re.compile(
	r"(?:please )?(?:type|write|reply|enter) (?:your )?(?:reply |answer )?above this line"
	r"|(?:repondez|ecrivez|votre reponse) au[- ]dessus de cette ligne|antworten sie (?:bitte )?(?:uber"
	r"|oberhalb) dies"
	r"|responda (?:por encima|encima|acima) (?:de|desta) |rispondi sopra (?:a )?questa (?:riga|linea)"
	r"|antwoord boven deze (?:regel|lijn)|(?:odpowiedz|pisz) powyzej tej linii"
)

# The verb of an attribution line ("On ... Paul wrote:").
WRITES = re.compile(
	r"\b(?:wrote|a ecrit|ecrit|ha scritto|scrive|scritto|schrieb|schreibt|geschrieben|escribio|escribe"
	r"|ha escrito"
	r"|escreveu|escreve|schreef|schrijft|geschreven|napisal|pisze|napisana|napisala)\b"
)
# How an attribution line begins when it does not begin with the name.
ATTRIBUTION_START = re.compile(
	r"(?:on|le|en date de|am|il|il giorno|el|en|em|no dia|as|a|op|w dniu|dnia|wiadomosc napisana przez|data"
	r"|(?:lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|pon|wt|sr|czw|pt"
	r"|sob|niedz)[.,]"
	r")(?=[\s.,:])"
)

POINTER = re.compile(
	r"(?:fyi|f\.y\.i\.?|for your info(?:rmation)?|pour info(?:rmation)?|pour suite a donner|pour action"
	r"|a traiter|zur info(?:rmation)?"
	r"|zur kenntnis(?:nahme)?|z\. ?k\.?|z\. ?hd\. .{1,30}|siehe unten|s\.u\.?|s\. unten|siehe anhang"
	r"|see below|please see below|see attached"
	r"|voir ci-dessous|cf\.? ci-dessous|ci-dessous|para su informacion|para tu informacion|ver abajo"
	r"|vease abajo|per info(?:rmazione)?"
	r"|per conoscenza|vedi sotto|vedere sotto|v\. sotto|para conhecimento|ver abaixo|segue abaixo"
	r"|ter info(?:rmatie)?|zie onder"
	r"|zie onderstaand.{0,15}|zie hieronder|do wiadomosci|patrz ponizej|jak nizej|fw|fwd|tr|wg)[ .!:,]*"
)
GREETING = re.compile(
	r"(?:bonjour|bonsoir|salut|hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag"
	r"|morgen|abend)|sehr geehrte\w*|moin"
	r"|servus|liebe\w?|hola|buenos dias|buenas tardes|buenas|estimad[oa]s?|buongiorno|buonasera|ciao"
	r"|salve|gentile|bom dia|boa tarde|ola"
	r"|caro|cara|prezad[oa]s?|goedemorgen|goedemiddag|goedendag|beste|geachte|dag|dzien dobry|witam"
	r"|czesc|szanowni)\b[^.?!]{0,40}[,.!:]?"
)
REPLY_SUBJECT = re.compile(r"\s*(?:re|aw|sv|rif|r|odp|antw|res|vs|ynt)\s?(?:\[\d+\])?\s?:", re.I)
FORWARD_SUBJECT = re.compile(r"\s*(?:fw|fwd|tr|wg|rv|i|enc|doorst|pd|wtr|fs)\s?(?:\[\d+\])?\s?:", re.I)
