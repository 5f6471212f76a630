"""What was found, as a calm table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

HEAD = ("what", "ours", "compared", "ratio", "reach", "")


@dataclass(frozen=True)
class Row:
    """One line. `is_reached` is None where nothing was promised or the comparison was not made."""

    suite: str
    what: str
    ours: str
    compared: str = ""
    ratio: float | None = None
    reach: str = ""
    is_reached: bool | None = None
    figures: dict[str, Any] = field(default_factory=dict)

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}×"
        verdict = {True: "ok", False: "short", None: ""}[self.is_reached]
        return self.what, self.ours, self.compared, ratio, self.reach, verdict

    def values(self) -> dict[str, Any]:
        """As the JSON holds it."""
        names = ("suite", "what", "ours", "compared", "ratio", "reach", "is_reached", "figures")
        return {name: getattr(self, name) for name in names}


def drawn(rows: Sequence[Row]) -> str:
    """The table, columns under each other."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:]])


def brief(value: float) -> str:
    """As many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"
