"""Replaying recordings of others: what is compared, and that everything takes the real way in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ganzohr.proofs import agreement, recorded, replay
from ganzohr.proofs.agreement import Understood

AT = datetime(2026, 11, 21, 19, 2, 34, tzinfo=UTC)
HELD = Understood("<1@person.test>", "anna@person.test", "Ist die Stelle frei?", "Ist die Stelle frei?\n\n> Zitat", AT)
HINTS = {
    "external_id": "<1@person.test>",
    "sender_id": '"Anna" <Anna@person.test>',
    "text": "Ist  die Stelle frei? > Zit",
    "timestamp": "Sat, 21 Nov 2026 20:02:34 +0100",
}


def test_what_says_the_same_agrees_and_what_says_nothing_agrees_too() -> None:
    assert agreement.disagreements(HINTS, HELD) == []
    assert agreement.disagreements({}, HELD) == []
    assert agreement.disagreements({"timestamp": "gestern", "text": "Ist d\ufffd\ufffd\ufffde Stelle"}, HELD) == []


@pytest.mark.parametrize(
    ("hint", "value", "name"),
    [
        ("external_id", "<2@person.test>", "external_id"),
        ("sender_id", "bert@person.test", "sender"),
        ("text", "Ist die Stelle noch frei?", "text"),
        ("text", "Ist d\ufffde Stelle weg", "text"),
        ("timestamp", "Sat, 21 Nov 2026 20:02:34 +0000", "time"),
    ],
)
def test_what_says_something_else_is_named(hint: str, value: str, name: str) -> None:
    assert agreement.disagreements({**HINTS, hint: value}, HELD) == [name]


def test_a_reply_is_judged_by_the_lines_that_are_wanted() -> None:
    assert agreement.judge("Ja.\n\nGern!", "Ja. Gern!\n") == agreement.Judged(True, ())
    assert agreement.judge("Ja.\n> Zitat\nGern!", "Ja.\nGern!") == agreement.Judged(False, ())
    assert agreement.judge("Ja.", "Ja.\nGern!") == agreement.Judged(False, ("Gern!",))


def recordings(folder: Path) -> Path:
    """A folder as others hold them, with one channel nobody reads yet and an index that lacks columns."""
    for channel in ("email", "email_reply", "carrier_pigeon"):
        (folder / channel).mkdir(parents=True)
    mail = "From: Anna <anna@person.test>\nMessage-ID: <1@person.test>\nDate: Sat, 21 Nov 2026 20:02:34 +0100\n\n{}\n"
    (folder / "email" / "1.eml").write_text(mail.format("Ist die Stelle frei?"))
    (folder / "email" / "2.eml").write_text(mail.format("Dieselbe Kennung, andere Worte"))
    (folder / "email" / "3.eml").write_bytes(b"\0\xff no mail at all")
    case = {"input": "Gern!\n\nAm 19.11.26 um 16:12 schrieb K:\n> Wann?", "expected_reply": "Gern!\n"}
    (folder / "email_reply" / "1.json").write_text(json.dumps(case))
    (folder / "email_reply" / "2.txt").write_text("Nur Worte")
    (folder / "carrier_pigeon" / "1.bin").write_bytes(b"coo")
    rows = ["file\tchannel\texternal_id\ttext", "email/1.eml\temail\t<1@person.test>\tIst die Stelle frei?"]
    (folder / "index.tsv").write_text("\n".join([*rows, "email/2.eml\temail\t<1@person.test>\tganz andere"]))
    return folder


def test_the_index_may_lie_beside_or_above_or_nowhere(tmp_path: Path) -> None:
    folder = recordings(tmp_path / "payloads")
    files, left = recorded.read(folder)
    assert [one.name for one in files] == [
        "email/1.eml", "email/2.eml", "email/3.eml", "email_reply/1.json", "email_reply/2.txt",
    ]  # fmt: skip
    assert left == {"carrier_pigeon": 1}
    inner, _left = recorded.read(folder / "email")
    assert [(one.name, one.hints.get("external_id", "")) for one in inner] == [
        ("email/1.eml", "<1@person.test>"), ("email/2.eml", "<1@person.test>"), ("email/3.eml", ""),
    ]  # fmt: skip
    (folder / "index.tsv").unlink()
    assert [one.channel for one in recorded.read(folder / "email")[0]] == ["email"] * 3


@pytest.mark.django_db(transaction=True)
def test_every_recording_takes_the_real_way_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, _left = recorded.read(recordings(tmp_path / "payloads"))
    fates = replay.through_the_intake(files)
    assert {name: fate.state for name, fate in fates.items()} == dict.fromkeys([one.name for one in files], "done")
    assert replay.report(files, fates) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "        email/2.eml: text",
        "email          3 read, 3 stored, 3 understood, 0 unsupported, 0 failed, 2 agree",
        "email_reply    2 read, 2 stored, 2 understood, 0 unsupported, 0 failed, 2 agree",
        "reply_trim     1 judged, 1 exact (100.0 %), 0 lost wanted text",
        "replay: 5 in, 5 stored, 0 failed, 80.0 % agree",
    ]
