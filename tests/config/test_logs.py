"""What the log may hold: what failed and where; no address, no word and no private link of anybody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from ganzohr.config.logs import JsonLine, Line
from ganzohr.directory.models import Site


class Kept(logging.Handler):
    """The lines as they would stand in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Line("%(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def logged(kept: Kept, fail: Callable[[], object]) -> list[str]:
    """The lines of one failure."""
    try:
        fail()
    except Exception:
        logging.getLogger("ganzohr.somewhere").exception("delivery %s could not be taken in", 7)
    (whole,) = kept.lines
    return whole.splitlines()


def test_the_desk_writes_its_log_with_these_lines() -> None:
    handlers = [one for one in logging.getLogger().handlers if isinstance(one.formatter, Line)]
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]  # type: ignore[index]
    assert len(handlers) == 1


@pytest.mark.django_db
def test_a_refused_row_is_told_by_its_constraint_and_not_by_its_values(kept: Kept) -> None:
    def twice() -> None:
        with transaction.atomic():
            for _ in range(2):
                Site.objects.create(pk=4711, name="lena@web.example")

    lines = logged(kept, twice)
    ends = [line for line in lines if line.startswith(("ERROR", "UniqueViolation", "IntegrityError"))]
    assert ends == [
        "ERROR ganzohr.somewhere: delivery 7 could not be taken in",
        "UniqueViolation: 23505 directory_site_pkey",
        "IntegrityError: 23505 directory_site_pkey",
    ]
    assert ("4711)" in "\n".join(lines), any("test_logs.py" in line for line in lines)) == (False, True)


def test_words_a_parser_did_not_understand_are_not_repeated(kept: Kept) -> None:
    def parse() -> None:
        try:
            int("Ich heiße Lena")
        except ValueError as error:
            raise RuntimeError("cannot read: Ich heiße Lena") from error

    lines = logged(kept, parse)
    assert [line for line in lines if line.startswith(("ValueError", "RuntimeError"))] == ["ValueError", "RuntimeError"]
    assert [line for line in lines if "Ich heiße Lena" in line and "raise" not in line and "int(" not in line] == []


def test_a_failed_system_call_still_says_its_reason(kept: Kept) -> None:
    lines = logged(kept, lambda: Path("/nowhere/lena@web.example").read_text())
    assert lines[-1] == "FileNotFoundError: No such file or directory"


def test_failures_of_a_group_are_all_told(kept: Kept) -> None:
    def both() -> None:
        raise ExceptionGroup("Lena", [ValueError("Lena"), IntegrityError("Lena")])

    lines = logged(kept, both)
    assert [line for line in lines if not line.startswith((" ", "Traceback", "ERROR")) and line] == [
        "ExceptionGroup",
        "ValueError",
        "IntegrityError",
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ask/k3y-of_Karin/", "/ask/…/"),
        ("/ohr/v/t0ken/address/", "/ohr/v/…/address/"),
        ("/g/abc", "/g/…"),
        ("/accounts/demo/1:signed/", "/accounts/demo/…/"),
        ("/accounts/join/t0ken/", "/accounts/join/…/"),
        ("/accounts/password/reset/key/3-abc/", "/accounts/password/reset/key/…/"),
        ("/hooks/mail/t0ken/", "/hooks/mail/…/"),
        ("/inbox/12/undo/t0ken/", "/inbox/12/undo/…/"),
        ("/inbox/12/", "/inbox/12/"),
        ("to lena@web.example: refused", "to …@…: refused"),
    ],
)
def test_private_links_and_addresses_are_masked(kept: Kept, path: str, expected: str) -> None:
    logging.getLogger("some.library").warning("Not Found: %s", path)
    assert kept.lines == [f"WARNING some.library: Not Found: {expected}"]


@pytest.mark.django_db
def test_what_somebody_asks_for_in_vain_writes_no_line(kept: Kept, client: Client) -> None:
    assert client.get("/ask/a-guessed-token/").status_code == 404
    assert client.post("/metrics").status_code == 405
    assert kept.lines == []


def test_an_exception_handed_over_as_a_value_is_named_only(kept: Kept) -> None:
    logging.getLogger("some.library").warning("trouble: %s", ValueError("Lena"))
    logging.getLogger("some.library").error(ValueError("Lena"))
    assert kept.lines == ["WARNING some.library: trouble: ValueError", "ERROR some.library: ValueError"]


def test_a_task_nobody_waited_for_does_not_print_its_exception(kept: Kept) -> None:
    async def fail() -> None:
        raise ValueError("Lena")

    async def forgotten() -> None:
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])
        context = {"message": "Task exception was never retrieved", "future": task, "exception": task.exception()}
        asyncio.get_running_loop().call_exception_handler(context)

    asyncio.run(forgotten())
    assert "exception=ValueError>" in kept.lines[0]
    assert [line for line in kept.lines[0].splitlines() if "Lena" in line and "raise" not in line] == []


def test_for_machines_each_entry_is_one_json_object_and_holds_no_more(kept: Kept) -> None:
    kept.setFormatter(JsonLine())
    logging.getLogger("some.library").warning("Not Found: %s\nby lena@web.example", "/ask/t0ken/")
    try:
        raise ValueError("Lena")
    except ValueError:
        logging.getLogger("ganzohr.somewhere").exception("delivery %s could not be taken in", 7)
    plain, failed = (json.loads(line) for line in kept.lines)
    assert [line.count("\n") for line in kept.lines] == [0, 0]
    assert (plain["level"], plain["logger"], plain["message"]) == (
        "WARNING",
        "some.library",
        "Not Found: /ask/…/\nby …@…",
    )
    assert (failed["message"], failed["failure"].splitlines()[-1]) == ("delivery 7 could not be taken in", "ValueError")
    assert [line for line in failed["failure"].splitlines() if "Lena" in line and "raise" not in line] == []
