"""Words that say what the number beside them is, in the eight languages, without accents and in lower case.

Vocabulary only: which numbers count is decided in lookup.py and fault_codes.py.
"""

from __future__ import annotations

import re

_FLAGS = re.ASCII


def words_of(text: str) -> frozenset[str]:
	"""The words of a list that is written as text."""
	return frozenset(text.split())


SERIAL_WORDS = words_of(
	"""
	serial serials serie serien seriennummer seriennummern seriennr serienr serienummer sernr snr sn
	matricola matricole matricule matricula seryjny seryjnego seryjnym fabryczny fabrycznego fabr
	fabriknummer fabriknr fabrikationsnummer fabrieksnummer maschinennummer maschinennr machinenummer
	machinenr masch typenschild
	"""
)
MACHINE_WORDS = words_of(
	"""
	machine maschine maquina macchina maszyna maszyny maszynie urzadzenia urzadzenie anlage
	"""
)
NUMBER_WORDS = words_of(
	"""
	no nr nrs nro num number numbers numero numeros numeri nummer nummern nummers numer numery n
	"""
)
SERIAL_LINKS = NUMBER_WORDS | words_of(
	"""
	of the de du des del della dello di da do dos das der die den van von le la les l el il lo is ist
	est es e jest lautet laut this our cette dit in to
	"""
)
# Documents, goods and connections that carry numbers of their own.
PAPER_WORDS = words_of(
	"""
	art article articles artikel artikelnr artikelnummer articulo articolo artigo artykul ref refs
	reference references referencia riferimento rif referenz referentie part parts pn teil teile
	teilenummer teilenr ersatzteil ersatzteile ersatzteilnummer pieza piezas peca pecas pezzo
	onderdeel onderdeelnummer czesc czesci bestellung bestellnummer bestellnr bestelnr bestelnummer
	bestelling order orders ordernummer orderno commande cde cmd pedido pedidos ordine ordini
	encomenda encomendas zamowienie zamowienia zam auftrag auftragsnummer po auftragsnr invoice
	invoices facture factures rechnung rechnungen rechnungsnummer factura facturas fattura fatture
	fatura faturas factuur facturen faktura faktury faktur ticket tickets billet devis quote quotation
	offerte angebot preventivo presupuesto orcamento oferta oferty offert wycena tel phone telefon
	telephone telefono telefone telefoon fax mobile handy mob mobil gsm movil cell cellulare telemovel
	drawing dessin plan zeichnung zeichnungsnummer zeichnungsnr dibujo plano disegno desenho tekening
	rysunek norm norme norma kat katalog catalogue catalogus catalogo sap ean gtin lot batch charge
	lotto lote partia kundennummer klantnummer client customer kunde kunden cliente klient klienta
	klant kommission comm projekt project projet postal postale postleitzahl plz postcode qr pin
	barcode barre barras zip security acces access promo version firmware software release fw sw ver
	revision rev page seite pagina strona strony kapitel chapter chapitre capitulo capitolo section
	abschnitt rezept recipe recette receta ricetta receita recept receptura creditnota lieferschein
	livraison delivery expedition colis sendung week semaine semana settimana woche kw tydzien tydz
	year annee jahr ano anno jaar rok roku collet bearing roulement lager kugellager cuscinetto
	rodamiento rolamento lozysko pince spannzange mail stock budget bestell auftrags rechnungs
	zeichnungs material mat ident sachnummer liefer lieferung
	"""
)
# Papers that report faults: "incident 4711" is a number of theirs, "incident E21" is about a fault.
CASE_WORDS = words_of(
	"""
	incident vorgang dossier case zgloszenie zgloszenia item report rapport bericht relatorio informe
	raport pos incidents incidente incidenti incydent incydentu vorfall
	"""
)
PLACE_WORDS = words_of(
	"""
	hall halle hallen hal hala hali nave capannone pavilhao pavilion batiment bat building gebaude
	gebouw edificio budynek line ligne linie linia linii linea linha lijn lines station poste posto
	posta estacion estacao stazione stacja stacji stanowisko stanowisku stand cell cellule zelle cella
	celda celula cel cela gate tor porte porta portao puerta poort brama bramie tore row rangee gang
	aisle allee bay rack regal room salle raum sala box platz zone zona sector secteur sektor bereich
	area atelier workshop werkstatt taller officina oficina warsztat floor etage stock quai dock rampe
	rampa slot werk site plant werkplek kolom colonne column saule pallet palette rua autobahn road
	route rue strasse
	"""
)
PART_WORDS = words_of(
	"""
	fuse fuses fusible fusibles fusibile fusivel sicherung sicherungen zekering bezpiecznik motor
	moteur motore silnik sensor capteur sensore czujnik valve ventil vanne valvula valvola ventiel
	zawor klep relay relais rele przekaznik schutz contactor contacteur contattore contator stycznik
	breaker disjoncteur klemme terminal borne bornier morsetto stecker connector connecteur cable
	kabel cavo przewod axis axe achse asse eje eixo as osi os cylinder zylinder verin cilindro
	cilinder silownik switch schalter interrupteur interruttore schakelaar input output eingang
	ausgang entree sortie entrada salida ingresso uscita ingang uitgang wejscie wyjscie screw screws
	vis schraube schrauben vite viti parafuso parafusos tornillo tornillos bolt bolts sruba sruby
	schroef nozzle duse buse ugello tool outil werkzeug herramienta utensile narzedzie module modul
	baugruppe plc automate sps api cpu format paper papier lampe lamp bulb
	"""
)
KEY_WORDS = words_of(
	"""
	key keys taste tasten touche touches tasto tasti tecla teclas toets toetsen klawisz klawisza
	klawiszem button buttons bouton boutons knopf knoppen knop boton pulsante botao przycisk
	przyciskiem press
	"""
)
NOT_A_CODE_BEFORE = PAPER_WORDS | PLACE_WORDS | PART_WORDS | KEY_WORDS
# Units of one letter in their own case: "204 à l'écran" and "204 am Display" name none.
UNIT_LETTERS = frozenset("VAWCFKNmghstlx")
UNIT_WORDS = words_of(
	"""
	kv mv kw kva hz khz bar bars mbar psi pa kpa mpa grad grados graus gradi graden stopni stopnie
	degres degrees degree mm cm km um ml hl kg tonnen tons nm kn sec secs sek sekunden seconds
	secondes segundos secondi seconden sekund min mins minuten minutes minutos minuti minuty minut
	minute hr hrs hours heures horas ore uur godzin godziny godzinach godz stunden std uhr pm days day
	jours jour tage tagen dias giorni dagen dni weeks week semaines wochen semanas settimane weken
	tygodni tygodnie months mois monate meses mesi maanden miesiecy fois mal times veces volte vezes
	keer razy raz pcs pieces piece stuck stk piezas pecas pezzi stuks stuk sztuk szt rpm tr upm rev
	percent prozent pct procent cento eur euro euros usd chf pln zl people leute personnes personas
	persone pessoas mensen osob ans jahre years anos anni jaar lat januar january janvier enero
	gennaio janeiro januari stycznia februar february fevrier febrero febbraio fevereiro februari
	lutego marz march mars marzo marco maart marca april avril abril aprile kwietnia mai may mayo
	maggio maio mei maja juni june juin junio giugno junho czerwca juli july juillet julio luglio
	julho lipca august aout agosto augustus sierpnia september septembre septiembre settembre setembro
	wrzesnia oktober october octobre octubre ottobre outubro pazdziernika november novembre noviembre
	novembro listopada dezember december decembre diciembre dicembre dezembro grudnia errors faults
	alarms alarmes erreurs defauts pannes alarmas errores fallos averias allarmi guasti erros falhas
	avarias storingen fouten alarmen bledow alarmow teile teilen parts produkte products produits
	productos prodotti produtos producten produktow kartons cartons kartonow boxes boites cajas
	scatole caixas dozen palet pallets palettes paletten pales palete bottles bouteilles flaschen
	botellas bottiglie garrafas flessen butelek cycles zyklen cycli cykli ciclos cicli units unites
	unidades unita exemplare
	"""
)
# "message on the display: 204": a weaker hint than the word for a fault itself.
SHOW_WORDS = words_of(
	"""
	encendido encendida encendidos allume allumee allumes acceso accesa aceso acesa brandt brandend
	zapalony swieci zapala pali leuchten glowing lights light flashed popped shows show showing showed
	displays display displayed screen panel hmi reads says said flashing flashes blinking lit affiche
	affichee affichees afficheur ecran affichage indique pupitre clignote zeigt angezeigt anzeige
	bildschirm blinkt steht leuchtet bedienfeld tafel muestra pantalla indica marca parpadea sale
	mostra schermo visualizza lampeggia compare appare ecra visor painel mostrador pisca aparece toont
	scherm beeld knippert staat paneel wyswietla wyswietlacz wyswietlaczu ekran ekranie pokazuje miga
	panelu pulpicie
	"""
)
NUMBER_LINKS = NUMBER_WORDS | words_of(
	"""
	code codes kod codigo codice id lautet
	"""
)
FAULT_LINKS = (
	NUMBER_LINKS
	| SHOW_WORDS
	| words_of(
		"""
	d de du des del della dell dello di da do of the le la les l el il lo los las der die das den dem
	het een ein eine une un una uma unico with avec mit con com met z ze is ist est es e jest sont
	sind are zijn sao sono called named ce cet cette ces this that same new again encore wieder erneut
	schon nuevo nueva otra outra vez novo nova ancora weer znowu znow nowy nowa ten tego ta to
	following suivant suivante folgender folgende folgenden siguiente seguente seguinte volgende
	nastepujacy appears apparait apparaissent erscheint aparece appare aktiv active actif attivo
	activo ativo gemeldet typ type comme als jak como come like namens list liste lista elenco lijst
	historie history historique historial storico log
	"""
	)
)
# "avería en la 204" names a machine; behind a display ("on the panel: 204") these say nothing.
AT_WORDS = words_of("on sur auf en no na sul sulla op nel nella im am au in an at su")
AND_WORDS = words_of(
	"""
	and et und y e i en oraz ou or oder o u of lub puis dann then despues luego poi depois dan potem
	plus sowie ainsi asi bzw nebst sau also auch aussi tambien anche tambem ook tez
	"""
)
# Short words that look like the letters of a code or serial when a blank and a number follow.
SHORT_WORDS = words_of(
	"""
	a ab ad ai al alle als am an as at au aux av aw by c ca ce ci co com con d da dal das de dei del
	den der des di do dos du e ed ein el em en er es et eu f few for from fur ha hat has il im in is
	ist it je ju ja k ki l la las le les lo los m mai me met mit n na nach nas ne ni no nos not nr o
	od of ok okolo om on onze op or os ou our over para per po pod por pour przez que se si sie sin so
	som son su sur te the to tot tra tu u um un una une und uns up van von vor w we with y z za ze zu
	zum
	"""
)
FAULT_WORD = re.compile(
	r"(?:(?:error|fault|alarm|warning|trip|message|failure|code|erreur|defaut|defaillance|panne|alarme"
	r"|avertissement|anomalie|code|alarma|allarme|fallo|falla|averia|aviso|avviso|mensaje|messaggio|guasto|errore"
	r"|anomalia|codice|codigo|erro|falha|avaria|melding|storing|fout|waarschuwing)(?:e?s|en)?"
	r"|err|alm|flt|tripped|errores|allarmi|guasti|errori|codici|anomalie|avvisi|messaggi|mensagem|mensagens"
	r"|[a-z]{0,14}(?:fehler|storung|stoerung|meldung|warnung|alarm|alarme)(?:en|s|e|es|n|er)?"
	r"|[a-z]{0,14}(?:fehler|stor|stoer|storungs|stoerungs|alarm|warn|melde|fault|error|storings|fout|blad)"
	r"(?:codes?|nummern?|nr|kode|kodes|meldung(?:en)?|melding(?:en)?|mitteilung(?:en)?|text|nummers?)"
	r"|alarm(?:u|y|em|ow|ami|owi)|bl(?:ad|edu|edy|edow|edem|edami|edzie)|uster(?:ka|ki|ke|ka|ek|ce)|awari(?:a|i|e|ia)"
	r"|kod(?:u|y|em|ow|ami|zie)?|komunikat(?:u|y|em|ow|ami)?|ostrzezeni(?:e|a|u|em))",
	_FLAGS,
)
# Faults in the plural before a number count them ("12 alarms"), one fault after a number is named by it.
FAULT_WORD_AFTER = re.compile(
	r"(?:error|fault|alarm|warning|trip|message|code|fehler|storung|stoerung|meldung|warnung|alarme|alarma|allarme"
	r"|storing|melding|fout|er)",
	_FLAGS,
)
