"""Files of what was taken in lie in the storage exactly as long as a row names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, OperationalError, connection
from django.test import override_settings

from ganzohr.audit import actions as audit
from ganzohr.channels import intake, stored
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.channels.models import Delivery
from ganzohr.channels.stored import in_one_transaction
from ganzohr.core import times
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


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[intake.Reading]], None]:
    """What the worker does with deliveries it claimed, after it parsed them."""

    def read(batch: list[intake.Reading]) -> None:
        monkeypatch.setattr(intake, "_parse", lambda claimed: batch)
        monkeypatch.setattr(intake, "_still_ours", lambda claimed, until: {one.delivery.id for one in batch})
        intake._read([], times.now())

    return read


def test_one_bad_delivery_leaves_no_file_of_its_neighbours_behind(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[list[intake.Reading]], None]
) -> None:
    """The failure comes after the files were named, in the savepoint around the whole batch, and then once more."""

    def fails(event: Any) -> None:
        if Message.objects.filter(pk__in=event.message_ids, text="bad").exists():
            raise RuntimeError
        emit(event)

    monkeypatch.setattr("ganzohr.inbox.actions.receiving.emit", fails)
    batch = readings(desk, "Hallo", "bad", "Und ich")
    read(batch)
    assert [one.error for one in batch] == ["", "RuntimeError", ""]
    assert len(named()) == 2 and lying(folder) == named()


def test_what_fails_after_the_batch_was_taken_leaves_no_file_either(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[list[intake.Reading]], None]
) -> None:
    seen = list[str]()

    def fails(_readings: object) -> None:
        seen.extend(lying(folder))
        raise RuntimeError

    monkeypatch.setattr(intake, "_leave", fails)
    with pytest.raises(RuntimeError):
        read(readings(desk, "Hallo"))
    assert (len(seen), named(), lying(folder)) == (1, [], [])


def test_nothing_waits_for_the_storage_while_it_holds_locks_and_each_row_has_bytes_of_its_own(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[list[intake.Reading]], None]
) -> None:
    """As many transactions lie around each call as pytest itself has begun; what was here already goes again."""
    around, calls = len(connection.savepoint_ids), list[tuple[str, int]]()
    for name in ("save", "delete"):
        real = getattr(FileSystemStorage, name)

        def call(storage: Any, *values: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            calls.append((name, len(connection.savepoint_ids) - around))
            return real(storage, *values, **more)

        monkeypatch.setattr(FileSystemStorage, name, call)
    batch = readings(desk, "Hallo", "Und ich")
    read(batch)
    read(batch)
    held = desk.arrive(desk.say())
    actions.attach(held, "cv.pdf", PDF, audit.round_("test"))
    assert calls == [*[("save", 0)] * 4, *[("delete", 0)] * 2, ("save", 0)]
    assert len(set(named())) == 3 and lying(folder) == named()


def test_one_file_of_two_channels_lies_there_for_each(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[list[intake.Reading]], None]
) -> None:
    [one] = readings(desk, "Hallo")
    monkeypatch.setattr(intake, "_find_homes", lambda _readings: None)
    one.channels = {"": [desk.mail.pk, desk.website.pk]}
    read([one])
    assert len(set(named())) == 2 and lying(folder) == named()


def test_while_the_storage_is_down_it_is_asked_once_and_letters_without_files_come_in(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[list[intake.Reading]], None]
) -> None:
    asked = list[str]()

    def down(_storage: object, name: str, *_more: object) -> str:
        asked.append(name)
        raise OSError

    monkeypatch.setattr(FileSystemStorage, "save", down)
    monkeypatch.setattr(intake, "LONGEST_IN_VAIN", 0.0)
    batch = readings(desk, "Hallo", "Ohne", "Und ich")
    batch[1].incoming = [desk.say("Ohne")]
    read(batch)
    assert ([one.error for one in batch], len(asked)) == (["OSError", "", "OSError"], 1)
    assert list(Message.objects.values_list("text", flat=True)) == ["Ohne"]


def test_a_file_the_storage_refuses_holds_up_no_other(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[list[intake.Reading]], None]
) -> None:
    real = FileSystemStorage.save

    def scanned(storage: Any, name: str, content: Any, *more: Any) -> str:
        if content.read() == b"virus":
            raise OSError
        return real(storage, name, content, *more)

    monkeypatch.setattr(FileSystemStorage, "save", scanned)
    batch = readings(desk, "Hallo", "bad", "Und ich")
    batch[1].incoming = [desk.say("bad", files=(IncomingFile("cv.pdf", "application/pdf", b"virus"),))]
    read(batch)
    assert [one.error for one in batch] == ["", "OSError", ""]
    assert len(named()) == 2 and lying(folder) == named()


@pytest.mark.parametrize(("size", "calls"), [(8, 2), (8 * 2**20, 4)])
def test_the_claim_lasts_longer_than_all_calls_of_storing_a_file(
    desk: Desk, folder: Path, size: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "put", lambda file: None)
    until = times.now() + intake.CLAIM_LASTS
    row = Delivery.objects.create(channel=desk.mail, body=b"", received_at=NOW, not_before=until)
    batch = readings(desk, "Hallo", "Und ich")
    for one in batch:
        one.delivery.id = row.pk
        one.incoming = [desk.say(files=(IncomingFile("a.pdf", "", bytes(size)),))]
    later = intake._put_files(batch, until)
    row.refresh_from_db()
    assert (row.not_before, later > times.now() + calls * intake.LONGEST_CALL) == (later, True)


def test_one_look_finds_a_name_free(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, real = list[str](), FileSystemStorage.exists

    def exists(storage: FileSystemStorage, name: str) -> bool:
        looked.append(name)
        return real(storage, name)

    monkeypatch.setattr(FileSystemStorage, "exists", exists)
    for _ in range(3):
        stored.put(IncomingFile("cv.pdf", "application/pdf", PDF))
    assert len(set(looked)) == len(looked) == 3


def test_rows_that_cannot_be_written_leave_no_file(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.arrive(desk.say())
    monkeypatch.setattr(audit, "record", lambda *_values, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.attach(held, "cv.pdf", PDF, audit.round_("test"))
    assert lying(folder) == []


def test_a_colleagues_file_goes_with_its_block(desk: Desk, folder: Path) -> None:
    file = IncomingFile("cv.pdf", "application/pdf", PDF)
    with pytest.raises(IntegrityError), in_one_transaction([file]):
        notifications.keep_file(file, ask=None)
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
