"""What each column of a sheet holds, guessed from its header in German, Dutch or English. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

AT_SITE, DEPUTY_AT_SITE = "site:", "deputy:"

TOPIC_WORDS: Mapping[str, str] = {
    "topic": "thema themen themengebiet themenbereich bereich fachgebiet frage fragen anliegen kategorie topic subject "
    "category question onderwerp thema's vraag categorie",
    "site": "standort standorte haus häuser klinik filiale betrieb werk niederlassung ort site location branch depot "
    "hospital locatie vestiging winkel plaats",
    "responsible": "verantwortlich verantwortliche verantwortlicher zuständig zuständige zuständiger ansprechpartner "
    "ansprechpartnerin ansprechperson kontakt experte expertin fachperson wer responsible owner contact expert person "
    "who verantwoordelijke verantwoordelijk contactpersoon deskundige wie",
    "deputy": "vertretung vertreter vertreterin stellvertretung stellvertreter stellvertreterin stv deputy substitute "
    "backup stand-in vervanger vervanging plaatsvervanger waarnemer",
    "description": "beschreibung erläuterung inhalt inhalte stichworte description keywords beschrijving omschrijving "
    "toelichting trefwoorden",
    "promise": "zusage frist antwortzeit antwortfrist reaktionszeit antwort-bis antwort-bis-wann antwort-binnen binnen "
    "antwort-innerhalb innerhalb rückmeldung-bis sla promise deadline answer-by reply-by within response-time "
    "termijn reactietijd antwoordtijd antwoordtermijn antwoord-voor antwoord-binnen reactie-binnen",
}
COLLEAGUE_WORDS: Mapping[str, str] = {
    "name": "name mitarbeiter mitarbeiterin mitarbeitende kollege kollegin person employee colleague naam medewerker "
    "collega vollständiger-name full-name volledige-naam",
    "first_name": "vorname first-name given-name forename voornaam",
    "last_name": "nachname familienname last-name surname family-name achternaam",
    "email": "mail e-mail email mailadresse e-mail-adresse email-adresse mail-address email-address mailadres "
    "e-mailadres",
    "role_title": "rolle funktion position stelle jobtitel titel tätigkeit beruf role function title job-title "
    "functie rol",
    "department": "abteilung bereich team department unit afdeling",
    "site": "standort haus klinik filiale betrieb werk niederlassung ort arbeitsort site location branch hospital "
    "locatie vestiging werklocatie",
    "language": "sprache korrespondenzsprache language taal",
    "address": "anrede anredeform du-sie du-oder-sie address form-of-address aanspreekvorm aanspreking je-u",
    "languages": "sprachen antwortet-in fremdsprachen languages talen",
    "deputy": TOPIC_WORDS["deputy"],
    "reports_to": "vorgesetzte vorgesetzter führungskraft chef chefin leitung berichtet-an manager head boss "
    "reports-to supervisor leidinggevende hoofd",
    "kind": "art typ kind type soort",
}
_BREAK = re.compile(r"[\s/_.,;:*()&+-]+")


def folded(text: str) -> str:
    """For comparing: lower case, no accents, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return " ".join("".join(sign if not unicodedata.combining(sign) else "" for sign in plain).split())


def counts_as_header(words: Mapping[str, str]) -> Callable[[Sequence[str]], int]:
    """How many different things the cells of a row name; for finding the header among the first rows."""

    def count(row: Sequence[str]) -> int:
        return len({meaning for cell in row if (meaning := _meaning(cell, words, strict=True))})

    return count


def guess_topics(header: Sequence[str], sites: Iterable[str] = ()) -> list[str]:
    """A meaning for each column; columns named after sites hold who answers there (`site:Seligenbach`)."""
    known = {folded(site): site for site in sites}
    found = [_topic_meaning(cell, known) for cell in header]
    first_responsible = found.index("responsible") if "responsible" in found else None
    if "topic" not in found and header:
        found[0] = "topic"
    is_matrix = any(one.startswith((AT_SITE, DEPUTY_AT_SITE)) for one in found) or (
        "site" not in found and first_responsible is None
    )
    if is_matrix:
        if first_responsible is None:  # "Neues Haus" beside other sites is one more of them
            found = ["" if one == "site" else one for one in found]
        found = [f"{AT_SITE}{cell}" if not one and cell else one for one, cell in zip(found, header, strict=True)]
    return _once(found, ("topic", "description", "site", "responsible", "deputy", "promise"))


def guess_colleagues(header: Sequence[str]) -> list[str]:
    """A meaning for each column of a list of colleagues."""
    found = [_meaning(cell, COLLEAGUE_WORDS) for cell in header]
    if not {"name", "last_name", "email"} & set(found) and found:
        found[0] = "name"
    return _once(found, tuple(COLLEAGUE_WORDS))


def _topic_meaning(cell: str, known: Mapping[str, str]) -> str:
    top, dot, below = cell.partition(" · ")
    if dot:
        return f"{DEPUTY_AT_SITE if _meaning(below, TOPIC_WORDS) == 'deputy' else AT_SITE}{known.get(folded(top), top)}"
    if folded(cell) in known:
        return f"{AT_SITE}{known[folded(cell)]}"
    named = next((site for site in known if site and site in folded(cell)), None)
    meaning = _meaning(cell, TOPIC_WORDS)
    if named and meaning in {"", "deputy", "responsible", "site"}:
        return f"{DEPUTY_AT_SITE if meaning == 'deputy' else AT_SITE}{known[named]}"
    return meaning


def _meaning(cell: str, words: Mapping[str, str], strict: bool = False) -> str:
    """The meaning whose word is the cell, else (not strict) whose word is in the cell; nothing if none fits."""
    whole = "-".join(part for part in _BREAK.split(folded(cell)) if part)
    by_word = {folded(word): meaning for meaning, row in words.items() for word in row.split()}
    if whole in by_word:
        return by_word[whole]
    if strict and len(whole) > 40:
        return ""
    # "Address" by itself says how to speak to somebody; in "home address" it is something else
    hits = [by_word[part] for part in whole.split("-") if part in by_word and part != "address"]
    for strong in ("deputy", "email", "reports_to"):  # "Mail der Vertretung" is about the deputy
        if strong in hits:
            return strong
    return hits[0] if hits else ""


def _once(found: list[str], meanings: Sequence[str]) -> list[str]:
    """Each meaning for its first column only; further ones are left out."""
    seen: set[str] = set()
    kept = []
    for meaning in found:
        kept.append("" if meaning in seen and meaning in meanings else meaning)
        seen.add(meaning)
    return kept
