"""Words that say nothing about what people ask: German, Dutch and English, from four letters on."""

from __future__ import annotations

GERMAN = """
aber alle allem allen aller alles also andere anderen anderer anderes auch aufs beim bereits besser besonders bestimmt
bevor bisher bitte brauche brauchen bräuchte dabei dadurch dafür dagegen daher damit danach dann daran darauf daraus
darf darüber darum dass davon davor dazu dein deine deinem deinen deiner denen denn dennoch deren derer deshalb dessen
dich diese diesem diesen dieser dieses doch dort durch dürfen echt eben eigentlich eigene eigenen einem einen einer
eines einfach einige einigen einmal einzige endlich erst erste ersten etwa etwas euch euer eure eurem euren eurer
fast finde finden frage fragen ganz ganze ganzen gegen genau gern gerne gewesen gibt ging glaube gleich grade gerade
groß gute guten guter gutes habe haben habt hallo halt hast hatte hatten hättet hätte hätten heißt hier hiermit hin
ihnen ihre ihrem ihren ihrer ihres immer irgendwann irgendwie irgendwo jede jedem jeden jeder jedes jedoch jemand
jene jetzt kann kannst kein keine keinem keinen keiner klar komme kommen kommt könnt könnte könnten können kurz lange
lassen leider letzte letzten liebe lieben lieber liebes machen macht machst manche manchmal mehr mein meine meinem
meinen meiner meist mich mehrere möchte möchten mögen möglich muss musste müssen müsst nach nachdem nämlich neben nein
nicht nichts noch nochmal nun oder ohne paar recht sagen sagt schon schön sehe sehen sehr seid sein seine seinem seinen
seiner seit selbst sich sicher sind sobald sofort solche sollen sollte sollten somit sondern sonst sowie später statt
steht stehe tage teil toll trotzdem über überhaupt unbedingt unser unsere unserem unseren unserer unten viel viele
vielen vielleicht vielmehr voll vom von vorher wann warum weil weit weiter weitere weiß welche welchem welchen welcher
welches wenig wenige wenn werde werden werdet wieder wieso will willst wird wirklich wirst wissen wobei wohl wollen
wollt wollte wollten womit worden würde würden wurde wurden ziemlich zudem zuerst zufällig zurück zusammen zwar zwischen
danke dankeschön dank gruß grüße grüßen freundliche freundlichen herzliche herzlichen moin servus guten morgen abend
tschüss schöne schönen schönes super prima okay liebes team freue freuen hoffe hoffentlich habt euch sagt bitteschön
gehört gehören gehöre normal normale normalen normalerweise üblich üblicherweise eigentliche bekommen bekomme bekommt
bleiben bleibt brauch braucht bringen dauert denke denken falls geben gebt genug gesehen gelesen gefunden geschrieben
gemacht gesagt gefragt genauso gleichen gleiche hoch hätt ihr jeweils jeweilige kenne kennen kennt klappt konnte konnten
laufen läuft lieber melden melde mitbekommen nehmen nimmt nächste nächsten nächster nächstes neue neuen neuer neues
oben passiert passt reicht reichen richtig sonstige spielt stimmt suche suchen sucht schreibe schreiben schreibt tun
versuche versuchen verstehe verstehen vorbei warten wäre wären weißt wenigstens wichtig wisst wohin worauf wofür
woche wochen monat monate jahr jahre jahren stunde stunden minuten heute gestern morgen gestern montag dienstag mittwoch
donnerstag freitag samstag sonntag mal zeit ding dinge sache sachen leute mensch menschen person auto
"""

DUTCH = """
aangezien alle alleen alles allemaal altijd ander andere anders beetje ben bent beste bijna binnen boven buiten daar
daarom daarna daarvoor dank danke dankjewel dankuwel deze dezelfde dinsdag doen doet donderdag door dus echt echter
eens eerst eerste eigen eigenlijk elke enige erg ergens even gaan gaat geen geeft geven gewoon goed goede goedemorgen
goedemiddag goedenavond graag groet groeten groetjes hallo hebben hebt heeft heel hele hier hier hoeveel hoelang hoor
hoop iedereen iemand iets ikzelf jaar jaren jouw jullie kunnen kunt laat laten later maak maand maanden maar maken
maandag mag mensen mijn minder misschien moest moet moeten mogelijk mogen morgen naar natuurlijk nergens niemand niet
niets nodig nogal nooit omdat onder ondanks ongeveer onze ook over overal paar precies samen sinds snel sommige soms
staat steeds straks super tegen terug tijd tijdens toch toen tussen uren uurtje vaak vandaag vanaf veel verder vind
vinden volgende voor vooral vraag vragen vrijdag waar waarom wanneer want waren wat normaal normale gehoord gehoord
gelezen gezien gevonden gevraagd krijgen krijg krijgt denk denken blijft blijven nieuwe
belangrijk brengen komt komen klopt loopt lukt neem nemen nemen past schrijven staan volgens werkt zoek zoeken zoekt
week weken weer weet weinig welke
weten wie wil willen woensdag wordt worden zaterdag zeer zeggen zegt zelf zelfs zich zien ziet zijn zodat zoals zonder
zondag zou zouden zullen zult zoveel bedankt alvast vriendelijke hartelijk hartelijke gisteren
"""

ENGLISH = """
able about above actually after afterwards again against almost alone already also although always another anybody
anyone anything around asked asking away back because been before being below best better between both bring came can
cannot cheers come comes coming could days dear does doesn doing done down during each either else enough even evening
ever every everybody everyone everything feel find first following friday from gave getting give given gives giving goes
going gone good great guys have haven having hello help hence here hers herself himself hope hour hours however into
isn itself just keep kind kindly knew know known last late later least less like little long look looking looks lots
love made make makes making many maybe mean means might mine minute minutes monday month months more morning most much
must myself need needed needs never next nice night nobody none nothing often okay once only other others ourselves
over people perhaps person please possible pretty probably question questions quite rather really regards right said
same saturday says seem seems seen several shall should simply since some somebody somehow someone something sometimes
soon sorry still such sunday sure take taken takes team tell thank thanks that their them themselves then there these
they thing things think this those though thought through thursday time times today together told tomorrow tonight took
toward tried tuesday under until upon used using usually very want wanted wants wednesday normal normally heard belong
belongs found read seen work works working start starts number thought understand
write wrote written important different happen happens sense true already
week weeks well went were
what whatever when where whether which while whole whom whose will wish with within without wonder wondering would
year years yes yesterday your yours yourself
"""

FILLERS = frozenset(f"{GERMAN} {DUTCH} {ENGLISH}".split())
