"""Files of what was taken in lie in the storage exactly as long as a row names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.test import override_settings

from ganzohr.audit import actions as audit
from ganzohr.channels import intake
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.channels.stored import undone_with_its_block
from ganzohr.core.events import emit
from ganzohr.inbox import actions
from ganzohr.inbox.actions import media
from ganzohr.inbox.models import Attachment, Message
from ganzohr.notifications import actions as notifications
from tests.inbox.story import NOW, Desk

PDF = b"%PDF-1.4 Lena"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


def lying(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def named() -> list[str]:
    return sorted(Attachment.objects.exclude(file="").values_list("file", flat=True))


def readings(desk: Desk, *texts: str) -> list[intake.Reading]:
    return [_reading(desk, number, text) for number, text in enumerate(texts, 1)]


def _reading(desk: Desk, number: int, text: str) -> intake.Reading:
    said = desk.say(text, files=(IncomingFile("cv.pdf", "application/pdf", PDF),))
    row = intake.Claimed(number, 0, desk.mail.pk, None, desk.mail.kind, b"", NOW, "{}")
    return intake.Reading(row, [said], channels={said.account: [desk.mail.pk]})


def test_one_bad_delivery_leaves_no_file_of_its_neighbours_behind(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure comes after the files were kept, in the savepoint around the whole batch, and then once more."""

    def fails(event: Any) -> None:
        if Message.objects.filter(pk__in=event.message_ids, text="bad").exists():
            raise RuntimeError
        emit(event)

    monkeypatch.setattr("ganzohr.inbox.actions.receiving.emit", fails)
    batch = readings(desk, "Hallo", "bad", "Und ich")
    intake._take_all(batch)
    assert [one.error for one in batch] == ["", "RuntimeError", ""]
    assert len(named()) == 2 and lying(folder) == named()


def test_what_fails_after_the_batch_was_taken_leaves_no_file_either(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, seen = readings(desk, "Hallo"), list[str]()

    def fails(_readings: object) -> None:
        seen.extend(lying(folder))
        raise RuntimeError

    monkeypatch.setattr(intake, "_parse", lambda claimed: batch)
    monkeypatch.setattr(intake, "_still_ours", lambda claimed, until: {1})
    monkeypatch.setattr(intake, "_leave", fails)
    with pytest.raises(RuntimeError):
        intake._read([], NOW)
    assert (len(seen), named(), lying(folder)) == (1, [], [])


def test_rows_that_cannot_be_written_leave_no_file(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.arrive(desk.say())
    monkeypatch.setattr(audit, "record", lambda *_values, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.attach(held, "cv.pdf", PDF, audit.round_("test"))
    assert lying(folder) == []


def test_a_colleagues_file_goes_with_its_block(desk: Desk, folder: Path) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), undone_with_its_block():
        notifications.keep_file("cv.pdf", PDF, ask=None)
    assert lying(folder) == []


def test_bytes_that_were_fetched_stay_where_nobody_heard_how_the_commit_ended(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.arrive(desk.say(files=(IncomingFile("cv.pdf", "application/pdf", reference="abc"),)))
    row, still = Attachment.objects.get(), media._still

    class Cut:
        def update(self, **values: Any) -> int:
            still(row).update(**values)
            raise OperationalError

    got = IncomingFile("cv.pdf", "application/pdf", PDF)
    monkeypatch.setattr(media, "_still", lambda _row: Cut())
    with pytest.raises(OperationalError):
        media._keep(row, got)
    monkeypatch.undo()
    media._keep(row, got)  # somebody else has fetched it
    assert len(named()) == 1 and lying(folder) == named()
