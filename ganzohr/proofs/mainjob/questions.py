"""Who asks what: lines of channel, name, question, expected topic, answer between tabs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WAYS = {
    "website": "website", "web": "website", "widget": "website", "chat": "website",
    "mail": "mail", "email": "mail", "e-mail": "mail",
    "hand": "hand", "by hand": "hand", "by_hand": "hand", "manual": "hand",
    "comment": "comment", "facebook": "comment", "facebook_page": "comment", "comment_public": "comment",
    "comment_private": "comment_private", "private_reply": "comment_private",
    "whatsapp": "whatsapp",
}  # fmt: skip
ALIASES = {
    "career changers": "career-change",
    "qualifications from abroad": "foreign-qualifications",
    "apprenticeship start": "apprenticeship",
    "patient or customer matter": "patient-or-customer",
}
DEFAULT = Path(__file__).with_name("questions.tsv")


class Unreadable(Exception):
    """A line of the file cannot be used; the words say which and why."""


@dataclass(frozen=True)
class Asked:
    """One question of one candidate and the answer that must reach exactly them."""

    number: int
    way: str
    name: str
    question: str
    topic: str
    answer: str

    @property
    def label(self) -> str:
        """For lines and file names: `3-mail-jonas`."""
        return f"{self.number:02d}-{self.way}-{re.sub(r'[^a-z0-9]+', '-', self.name.lower()).strip('-') or 'nobody'}"


def read(file: Path | None) -> list[Asked]:
    """The questions of the file, or our ten. A first line of column names is left out."""
    text = (file or DEFAULT).read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and lines[0].split("\t")[0].strip().lower() == "channel":
        lines = lines[1:]
    return [_asked(number, line) for number, line in enumerate(lines, 1)]


def _asked(number: int, line: str) -> Asked:
    cells = [cell.strip().replace("\\n", "\n") for cell in line.split("\t")]
    if len(cells) < 5 or not cells[2] or not cells[4]:
        raise Unreadable(f"Line {number} needs channel, name, question, expected topic and answer between tabs.")
    way = WAYS.get(cells[0].lower())
    if way is None:
        raise Unreadable(
            f"Line {number} names the channel {cells[0]!r}; there are website, mail, hand, "
            "comment (answered in public), comment_private (handed over privately) and whatsapp."
        )
    return Asked(number, way, cells[1], cells[2], cells[3], cells[4])


def topic_slug(words: str, names: Mapping[str, str]) -> str:
    """The slug of the topic meant by a slug or a name in any language (`names`: name → slug), or ValueError."""
    plain = _plain(words)
    known = {_plain(name): slug for name, slug in names.items()} | {_plain(slug): slug for slug in names.values()}
    known |= {_plain(name): slug for name, slug in ALIASES.items() if slug in names.values()}
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.7)
    inside = [slug for name, slug in known.items() if plain and (plain in name or name in plain)]
    if near:
        return known[near[0]]
    if len(set(inside)) == 1:
        return inside[0]
    raise ValueError(words)


def _plain(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.lower().replace("_", " ")))
