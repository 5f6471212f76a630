"""Numbers that stand in an address or come from a menu; anybody can type anything there."""

from __future__ import annotations

MOST_DIGITS = 18  # what the database's largest whole number surely holds


def number(text: str | None) -> int:
    """The number this text is, 0 where it is none or larger than any row's: what 0 finds, is nothing."""
    text = text or ""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
