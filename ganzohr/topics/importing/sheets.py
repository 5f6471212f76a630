"""Reading tables as teams have them: CSV of any make, XLSX, or cells pasted from a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MOST_BYTES = 10_000_000
MOST_UNPACKED = 150_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 150
LONGEST_CELL = 500
FORMULA = "#FORMULA!"  # a formula whose value was never stored
BROKEN = frozenset(
    [
        FORMULA,
        *["#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#NV", "#BEZUG!", "#WERT!", "#VERW!"],
    ]
)
_FIRST_ROWS = 12
_DELIMITERS = "\t;,|"

Cells = list[str]
IsHeader = Callable[[Sequence[str]], int]


class Unreadable(ValueError):
    """This is no table we can read; `code` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Table:
    """Header and rows with the line each has in the file; empty rows are left out. `notes` are codes for the reader."""

    header: Cells
    rows: list[tuple[int, Cells]]
    notes: list[str] = field(default_factory=list)


def read(data: bytes, is_header: IsHeader) -> Table:
    """The first table in a file. `is_header` counts how many cells of a row are words of a header."""
    if len(data) > MOST_BYTES:
        raise Unreadable("too_big")
    if data.startswith(b"PK"):
        return _table(_xlsx(data), is_header)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old_excel")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf")):
        raise Unreadable("no_table")
    return read_text(_decoded(data), is_header)


def read_text(text: str, is_header: IsHeader) -> Table:
    """The table in a text with separators, as pasted from a spreadsheet."""
    text = text.lstrip("\ufeff")
    first, _newline, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return _table(_csv(rest, first.strip()[4]), is_header, skipped=1)
    return _table(_csv(text, _delimiter(text)), is_header)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", errors="replace")
    sample = data[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > 9 * min(even, odd) and (even + odd) * 4 > len(sample):  # UTF-16: every other byte is nothing
        is_little = odd > even
        return data.decode("utf-16-le" if is_little else "utf-16-be", errors="replace")
    if b"\0" in sample:
        raise Unreadable("no_table")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The sign that divides most of the first lines into the same number of cells."""
    sample = "\n".join(text.splitlines()[:40])

    def score(sign: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in _csv(sample, sign) if len(row) > 1)
        width, lines = widths.most_common(1)[0] if widths else (1, 0)
        return lines, width

    return max(_DELIMITERS, key=score)


def _csv(text: str, delimiter: str) -> Iterator[Cells]:
    csv.field_size_limit(MOST_BYTES)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_tidy(cell) for cell in row]
    except csv.Error as error:
        raise Unreadable("no_table") from error


def _xlsx(data: bytes) -> Iterator[Cells]:
    from openpyxl import load_workbook

    formulas = _checked(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
        raw = iter(()) if not formulas else _formulas(data, sheet.title)
        for row in sheet.iter_rows(values_only=True):
            marked = next(raw, ())
            yield [
                FORMULA if value is None and index < len(marked) and marked[index] else _tidy(value)
                for index, value in enumerate(row[:MOST_COLUMNS])
            ]
    except Exception as error:  # XML and archives made by anybody fail in ways nobody counts
        raise Unreadable("broken_excel") from error


def _checked(data: bytes) -> bool:
    """Whether there are formulas; refuses what is no workbook or would unpack to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
            if "xl/workbook.xml" not in names:
                raise Unreadable("other_office" if "mimetype" in names or "content.xml" in names else "no_table")
            if sum(info.file_size for info in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable("too_big")
            sheets = [name for name in names if name.startswith("xl/worksheets/sheet")]
            return any(b"<f>" in packed.read(name) or b"<f " in packed.read(name) for name in sheets)
    except Unreadable:
        raise
    except Exception as error:  # as above
        raise Unreadable("broken_excel") from error


def _formulas(data: bytes, title: str) -> Iterator[tuple[bool, ...]]:
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(data), read_only=True)[title]
    for row in sheet.iter_rows(values_only=True):
        yield tuple(isinstance(value, str) and value.startswith("=") for value in row[:MOST_COLUMNS])


def _tidy(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).replace("\xa0", " ").split())[:LONGEST_CELL]


def _table(cells: Iterable[Cells], is_header: IsHeader, skipped: int = 0) -> Table:
    rows: list[tuple[int, Cells]] = []
    notes: list[str] = []
    for number, row in enumerate(cells, start=1 + skipped):
        if any(row):
            if len(rows) > MOST_ROWS + _FIRST_ROWS:
                notes.append("cut")
                break
            rows.append((number, row[:MOST_COLUMNS]))
    if len(rows) < 2:
        raise Unreadable("empty")
    at = _header_at([row for _number, row in rows[:_FIRST_ROWS]], is_header)
    header = _headed([row for _number, row in rows[: at + 1]], is_header)
    width = max(len(header), *(len(row) for _number, row in rows[at + 1 :] or [rows[0]]))
    body = [(number, _wide(row, width)) for number, row in rows[at + 1 :]][:MOST_ROWS]
    return Table(_wide(header, width), body, notes)


def _header_at(rows: list[Cells], is_header: IsHeader) -> int:
    """The row with the most words of a header; without any the first with two cells."""
    counts = [is_header(row) for row in rows]
    if max(counts) >= 1:
        return counts.index(max(counts))
    return next((index for index, row in enumerate(rows) if sum(map(bool, row)) >= 2), 0)


def _headed(rows: list[Cells], is_header: IsHeader) -> Cells:
    """The header, with what stands above it where cells are merged over several columns (a site over two columns)."""
    own = rows[-1]
    if len(rows) < 2 or len(set(filter(None, own))) == len(list(filter(None, own))):
        return own
    above = _wide(rows[-2], len(own))
    filled: Cells = []
    for cell in above:
        filled.append(cell or (filled[-1] if filled else ""))
    repeated = {cell for cell, count in Counter(own).items() if count > 1}
    return [
        f"{top} · {cell}" if top and cell in repeated else cell or top for top, cell in zip(filled, own, strict=True)
    ]


def _wide(row: Cells, width: int) -> Cells:
    return row + [""] * (width - len(row))
