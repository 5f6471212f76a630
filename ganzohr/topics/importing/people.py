"""Whom a name in a sheet means. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from ganzohr.topics.importing.columns import folded

_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_TITLES = frozenset(
    ["dr", "prof", "med", "dipl", "ing", "herr", "frau", "mr", "mrs", "ms", "dhr", "mevr", "mw", "drs", "ir"]
)
_BREAK = re.compile(r"[\s,.]+")
_SEVERAL = re.compile(r"\s*(?:/|;|\bund\b|\band\b|\ben\b|&|\+|\n)\s*")
NOBODY = frozenset(
    ["-", "–", "—", "?", "n/a", "na", "offen", "niemand", "keiner", "keine", "nobody", "none", "open", "tbd", "geen"]
)
_PLACES = re.compile(r"\s*(?:[/;,&+\n]|\bund\b|\band\b|\ben\b)\s*")
_EVERYWHERE = re.compile(
    r"alles?|all|everywhere|uberall|overal|\*|gesamt|konzern(?:weit)?|standortubergreifend|zentral"
)
_EVERY = re.compile(
    r"(?:an |in |at |op )?(?:alle[nr]?|samtliche[nr]?|all(?: the| our)?) (?:unsere[nr]? |onze )?"
    r"(?:standorten?|hausern?|klinik(?:en)?|filialen?|betrieben?|werken?|niederlassungen|orten?"
    r"|sites|locations|branches|hospitals|offices|locaties|vestigingen|winkels|huizen|plaatsen)"
)
MOST_NEAR = 3
_NEAR = 0.78
_MOST_COMPARED = 400


@dataclass(frozen=True)
class Written:
    """A name as written: the name without address, and the address if there is one."""

    name: str
    email: str = ""

    @property
    def key(self) -> str:
        """The same for the same person, however written."""
        return self.email or " ".join(_parts(self.name))


@dataclass(frozen=True)
class Known:
    """Something with a name here: a colleague (perhaps with an address), a site, a topic (perhaps several names)."""

    id: int
    names: tuple[str, ...]
    email: str = ""


@dataclass
class Index:
    """Everything known, for finding by name."""

    known: list[Known]
    by_key: dict[str, list[Known]] = field(default_factory=dict)
    by_start: dict[str, list[Known]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.known:
            for key in {" ".join(_parts(name)) for name in one.names} | (
                {one.email.casefold()} if one.email else set()
            ):
                self.by_key.setdefault(key, []).append(one)

    def find(self, written: Written) -> Known | None:
        """The only one meant, by address, then by name in any order of its parts; None if nobody or several."""
        found = self.by_key.get(written.email.casefold(), []) if written.email else []
        found = found or self.by_key.get(" ".join(_parts(written.name)), [])
        return found[0] if len({one.id for one in found}) == 1 else None

    def near(self, written: Written) -> list[Known]:
        """Up to three with a similar name: typing errors, initials, a missing first name."""
        parts = _parts(written.name)
        candidates = self._starting_alike(parts)
        names = {" ".join(_parts(name)): one for one in candidates for name in one.names}
        alike = [one for one in candidates if any(_short_for(parts, _parts(name)) for name in one.names)]
        close = difflib.get_close_matches(" ".join(parts), names, MOST_NEAR, _NEAR)
        found = {one.id: one for one in [*alike, *(names[name] for name in close)]}
        return list(found.values())[:MOST_NEAR]

    def _starting_alike(self, parts: list[str]) -> list[Known]:
        """Those with a part that begins as one of these does: comparing everybody with everybody takes minutes."""
        if not self.by_start:
            for one in self.known:
                for start in {part[:2] for name in one.names for part in _parts(name) if len(part) > 1}:
                    self.by_start.setdefault(start, []).append(one)
        found = {one.id: one for part in parts for one in self.by_start.get(part[:2], ())[:_MOST_COMPARED]}
        return list(found.values())


def read_name(cell: str) -> list[Written]:
    """Everybody a cell names, most often one; nobody for an empty cell or a word like *open*."""
    if says_nobody(cell) or not cell.strip():
        return []
    mails = _MAIL.findall(cell)
    if len(mails) == 1:
        name = _MAIL.sub("", cell).strip(" <>()[],;")
        return [Written(name or _from_mail(mails[0]), mails[0].lower())]
    return [Written(part) for part in _SEVERAL.split(cell) if part.strip()]


def says_nobody(cell: str) -> bool:
    """The cell says on purpose that there is nobody."""
    return folded(cell) in NOBODY


def says_everywhere(cell: str) -> bool:
    """The cell means every site, not one called *all*."""
    plain = folded(cell).strip(" .()")
    return bool(_EVERYWHERE.fullmatch(plain) or _EVERY.fullmatch(plain))


def places_in(cell: str) -> list[str]:
    """The places a cell names, one after the other."""
    return [part for part in _PLACES.split(cell) if part]


def first_mail(cell: str) -> tuple[str, str]:
    """The first address and the others of a cell with nothing but addresses; else the cell as it is."""
    mails = _MAIL.findall(cell)
    if len(mails) < 2 or _MAIL.sub("", cell).strip(" <>()[],;/&|\n"):
        return cell, ""
    return mails[0], ", ".join(mails[1:])


def no_mail_in(cell: str) -> bool:
    """The cell looks like a mail address and is none."""
    return "@" in cell and len(_MAIL.findall(cell)) != cell.count("@")


def tidy_name(name: str) -> str:
    """`Wöhlert, Karin` becomes `Karin Wöhlert`; anything else stays."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name.strip()


def _parts(name: str) -> list[str]:
    """The parts of a name, without titles, in an order of their own, so that the order written does not matter."""
    parts = [part for part in _BREAK.split(folded(name)) if part]
    return sorted([part for part in parts if part not in _TITLES] or parts)


def _short_for(short: list[str], long: list[str]) -> bool:
    """`K. Wöhlert` or `Wöhlert` for `Karin Wöhlert`."""
    if len(short) > len(long) or short == long:
        return False
    rest = list(long)
    for part in sorted(short, key=len, reverse=True):
        fit = next((one for one in rest if one == part or (len(part) <= 2 and one.startswith(part))), None)
        if fit is None:
            return False
        rest.remove(fit)
    return max(map(len, short)) > 2


def _from_mail(mail: str) -> str:
    return " ".join(part.capitalize() for part in re.split(r"[._-]+", mail.partition("@")[0]))
