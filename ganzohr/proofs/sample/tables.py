"""The sample's texts: lines of cells between bars, written by us."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent
DOMAIN = "auental.example"


def rows(name: str) -> list[list[str]]:
    """The lines of a file as cells; comments and empty lines left out."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]


def address_of(name: str) -> str:
    """The made-up mail address of a colleague."""
    plain = name.lower().replace("ß", "ss").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ı", "i")
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z]+", ascii_only.replace("dr.", ""))
    return f"{'.'.join([words[0], *words[1:][-1:]])}@{DOMAIN}"
