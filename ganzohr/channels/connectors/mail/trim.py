"""The writer's own words, apart from what they quoted and what their mail program signs with.

Nothing is thrown away: what is cut is handed over beside the text, and the original stays one click away. When in
doubt the text is kept: a quote too many is a nuisance, a lost sentence is a question nobody answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ganzohr.channels.connectors.mail.closings import without_closing
from ganzohr.channels.connectors.mail.quoting import Line, Lines, classify
from ganzohr.channels.connectors.mail.signatures import signature_start

MOST_LINES = 20_000
_DASHED = re.compile(r"^\s*[-_=]{3,}\s*[^\W\d_].{2,60}[-_=]{3,}\s*$")
_GREETING_ONLY = re.compile(
    r"^(?:hallo|hi|hey|hello|dear|liebe[rs]?|sehr geehrte[rs]?|guten (?:tag|morgen|abend)|moin|servus|grüß gott"
    r"|beste|geachte|dag|goede(?:morgen|middag|dag)?"
    r"|goedemorgen|goedemiddag|hoi)\b[^.?!:]{0,60}[,!.:]?$",
    re.IGNORECASE,
)
_ANSWERS_BELOW = re.compile(
    r"\b(?:siehe|s\.|antwort\w*|anmerkung\w*|kommentar\w*)\s+(?:\w+\s+){0,3}(?:unten|im text|inline|darunter"
    r"|(?:in|im) (?:rot|blau|grün|fett)\w*)"
    r"|\b(?:see|answers?|comments?|replies|response|my)\s+(?:\w+\s+){0,3}(?:below|inline|in (?:red|blue|green|bold))\b"
    r"|\b(?:zie|antwoord\w*|opmerking\w*|reactie\w*)\s+(?:\w+\s+){0,3}(?:hieronder|onder|inline|tussen de"
    r"|in het (?:rood|blauw|groen))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Trimmed:
    """`text`: the writer's words. `body`: the same without closing, name and contact block, for a draft. The rest:
    what was cut.
    """

    text: str
    body: str
    quoted: str = ""
    signature: str = ""
    is_forward: bool = False

    @property
    def was_cut(self) -> bool:
        """Whether there is more in the original than in the text."""
        return bool(self.quoted or self.signature)


def trim(original: str) -> Trimmed:
    """Tells the writer's words from quotes and signature. The text is never empty when the original is not."""
    texts = original.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").split("\n")
    if len(texts) > MOST_LINES:
        texts = [*texts[: MOST_LINES - 1], "\n".join(texts[MOST_LINES - 1 :])]
    lines = classify(texts)
    kept, is_forward = _own_lines(lines)
    kept, signed = _without_signatures(lines, kept)
    text = _text(texts, kept)
    if not _says_something(text):
        whole = original.strip("\n")
        return Trimmed(whole, whole, is_forward=is_forward)
    shown = {*kept, *signed}
    quoted = _text(texts, [at for at in range(len(texts)) if at not in shown])
    own = _text(texts, [at for at in kept if lines.kinds[at] is not Line.QUOTE])
    body = without_closing(own if _says_something(own) else text)
    return Trimmed(text, body, quoted, _text(texts, signed), is_forward)


def _own_lines(lines: Lines) -> tuple[list[int], bool]:
    """Indices of the lines that are not quoted, and whether the mail is another one passed on without a word."""
    count = len(lines.texts)
    cut = _copied_mail(lines)
    if cut is not None and not _writes_before(lines, cut):
        if lines.kinds[cut] is Line.ORIGINAL:
            return list(range(count)), True
        cut = None
    if cut is not None and _ANSWERS_BELOW.search("\n".join(lines.texts[:cut])):
        return [at for at in range(count) if lines.kinds[at] is not Line.ANNOUNCED], False
    return _without_quotes(lines, count if cut is None else _before_rulers(lines, cut)), False


def _copied_mail(lines: Lines) -> int | None:
    """Where a mail copied without quote marks begins: its headers, a marker, or an announcement followed by plain
    text.
    """
    for at, kind in enumerate(lines.kinds):
        if kind is Line.ORIGINAL and not _only_quotes_follow(lines, at):
            return at
        if kind is Line.ANNOUNCED and at in lines.strong and (at == 0 or lines.kinds[at - 1] is not Line.ANNOUNCED):
            follower = next((k for k in lines.kinds[at:] if k not in (Line.ANNOUNCED, Line.EMPTY)), Line.EMPTY)
            if follower in (Line.TEXT, Line.ORIGINAL, Line.RULER):
                return at
    return None


def _only_quotes_follow(lines: Lines, at: int) -> bool:
    """A marker or headers before lines with quote marks: what is quoted says so itself, text after it is the
    writer's.
    """
    follower = next((k for k in lines.kinds[at:] if k not in (Line.ORIGINAL, Line.EMPTY)), Line.EMPTY)
    return follower is Line.QUOTE


def _writes_before(lines: Lines, cut: int) -> bool:
    before = [lines.texts[at].strip() for at in range(cut) if lines.kinds[at] is Line.TEXT]
    said = [text for text in before if not _GREETING_ONLY.match(text)]
    return _says_something(" ".join(said))


def _before_rulers(lines: Lines, cut: int) -> int:
    while cut and (
        lines.kinds[cut - 1] in (Line.EMPTY, Line.RULER, Line.ORIGINAL) or _DASHED.match(lines.texts[cut - 1])
    ):
        cut -= 1
    return cut


def _without_quotes(lines: Lines, end: int) -> list[int]:
    """Top and bottom posting lose their quote; answers between quotes keep what they answer."""
    kinds = lines.kinds
    texts = [at for at in range(end) if kinds[at] in (Line.TEXT, Line.RULER)]
    if not any(kinds[at] is Line.TEXT for at in texts):
        return list(range(end))
    last_text = texts[-1]
    announced = any(kind in (Line.ANNOUNCED, Line.ORIGINAL) for kind in kinds[:last_text])
    answers_between = len(_blocks(kinds, last_text)) >= 2
    kept = {Line.TEXT, Line.RULER, Line.EMPTY}
    if answers_between or not announced:  # a quote nobody announced was put there on purpose
        kept.add(Line.QUOTE)
    return [at for at in range(last_text + 1) if kinds[at] in kept]


def _blocks(kinds: list[Line], end: int) -> list[int]:
    """First lines of the quotes before `end`, each a block of its own where the writer's text stands between."""
    found, inside = [], False
    for at in range(end):
        if kinds[at] is Line.QUOTE and not inside:
            found.append(at)
        inside = kinds[at] is Line.QUOTE or (inside and kinds[at] in (Line.EMPTY, Line.ANNOUNCED, Line.ORIGINAL))
    return found


def _without_signatures(lines: Lines, kept: list[int]) -> tuple[list[int], list[int]]:
    """Cuts the signature at the end of each run of own text; never all there is."""
    left: list[int] = []
    signed: list[int] = []
    for run in _runs(lines, kept):
        start = signature_start([lines.texts[at] for at in run]) if lines.kinds[run[0]] is not Line.QUOTE else len(run)
        left += run[:start]
        signed += run[start:]
    if not any(lines.kinds[at] is Line.TEXT for at in left):
        return kept, []
    while left and lines.kinds[left[-1]] in (Line.QUOTE, Line.EMPTY) and signed:
        left.pop()
    return left, signed


def _runs(lines: Lines, kept: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for at in kept:
        joined = runs and (lines.kinds[runs[-1][0]] is Line.QUOTE) == (lines.kinds[at] is Line.QUOTE)
        if joined and (at == runs[-1][-1] + 1):
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _text(texts: list[str], kept: list[int]) -> str:
    return "\n".join(texts[at].rstrip() for at in kept).strip("\n")


def _says_something(text: str) -> bool:
    return any(char.isalnum() or ord(char) > 0x2000 for char in text) or "+1" in text or ":)" in text
