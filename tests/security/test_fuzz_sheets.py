# ruff: noqa: E501 (samples stand on one line each)
"""Spreadsheets made to harm: bombs, nesting, counts, and files that only call themselves a sheet."""

from __future__ import annotations

import io
import random
import resource
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from ganzohr.topics.importing import columns, sheets
from tests.security.nasty import IS_LONG

IS_HEADER = columns.counts_as_header(columns.TOPIC_WORDS)
PATIENCE = 4.0  # seconds of this process
MOST_MEMORY = 300_000  # kilobytes more than before
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{dtd}<sheets>'
    '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>"
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
ROW = '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>Thema</t></is></c><c r="B{n}" t="inlineStr"><is><t>Standort</t></is></c></row>'


def book(rows: str = "", dtd: str = "", before: str = "", **files: bytes) -> bytes:
    """A workbook of these rows, with more or other files in it."""
    held = io.BytesIO()
    parts = {
        "[Content_Types].xml": TYPES, "xl/workbook.xml": before + BOOK.format(dtd=dtd),
        "xl/_rels/workbook.xml.rels": RELATION, "xl/worksheets/sheet1.xml": before + SHEET.format(rows=rows),
    }  # fmt: skip
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {**{name: text.encode() for name, text in parts.items()}, **files}.items():
            packed.writestr(name.replace("__", "/"), content)
    return held.getvalue()


def bomb(size: int) -> bytes:
    """An archive that says it unpacks to this; a real one is made in the long form only, for it takes its time."""
    data = book(PLAIN, xl__media__x=b"\0" * (size if IS_LONG else 12_345_678))
    return data if IS_LONG else data.replace((12_345_678).to_bytes(4, "little"), size.to_bytes(4, "little"))


def lying(data: bytes) -> bytes:
    """The same archive, saying that its largest file is one byte long."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        size = max(info.file_size for info in packed.infolist())
    return data.replace(size.to_bytes(4, "little"), (1).to_bytes(4, "little"))


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
PLAIN = "".join(ROW.format(n=n) for n in range(1, 4))
BIG = "".join(ROW.format(n=n) for n in range(1, 12_000))
WIDE = f'<row r="1">{"".join(f"<c><v>{n}</v></c>" for n in range(20_000))}</row>' + PLAIN
BAD: dict[str, Callable[[], bytes]] = {
    "bomb": lambda: bomb(160_000_000),
    "bomb that lies": lambda: lying(book(PLAIN + " " * 9_000_000)),
    "laughs": lambda: book(PLAIN.replace("Thema", "&j;"), before=LAUGHS),
    "outside": lambda: book(PLAIN.replace("Thema", "&x;"), before='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "many rows": lambda: book(BIG),
    "wide": lambda: book(WIDE),
    "far row": lambda: book('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + PLAIN),
    "no number": lambda: book(PLAIN.replace('r="2"', 'r="x"')),
    "dates": lambda: book('<row r="1"><c t="d"><v>2026-99-99</v></c><c s="9"><v>1e300</v></c></row>' + PLAIN),
    "strings": lambda: book('<row r="1"><c t="s"><v>99</v></c><c t="s"><v>1</v></c></row>' + PLAIN),
    "deep": lambda: book("<row>" * 30_000),
    "twice": lambda: book(PLAIN) * 2,
    "half": lambda: book(PLAIN)[:900],
    "quotes": lambda: b'a;b\n"' + b"x" * 3_000_000,
    "separators": lambda: b";" * 400_000,
    "lines": lambda: b"a;b\n" * 100_000,
    "sep": lambda: b"sep=\n\n\na",
    "utf-16": lambda: b"\xff\xfe" + b"\x00\xd8" * 500_000,
    "zeros": lambda: b"PK\x03\x04" + b"\0" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_sheet_is_refused_or_read_within_bounds(name: str) -> None:
    data = BAD[name]()
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = outcome(data)
    spent = time.process_time() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    assert (spent < PATIENCE, grown < MOST_MEMORY, "root:" in said) == (True, True, False), (spent, grown)


def outcome(data: bytes) -> str:
    """The table in words, or the code of the refusal."""
    try:
        return str(sheets.read(data, IS_HEADER))[:100_000]
    except sheets.Unreadable as refused:
        return refused.code


def test_torn_sheets_are_refused_with_a_reason() -> None:
    chance, whole = random.Random(None if IS_LONG else 3), book(PLAIN)
    for _ in range(3000 if IS_LONG else 60):
        torn: Any = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        assert outcome(bytes(torn))
