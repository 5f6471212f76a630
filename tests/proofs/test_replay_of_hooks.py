"""Recorded bodies of platforms' hooks, also odd ones: through the real intake, read back from what the desk holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ganzohr.inbox.models import Message, Parked
from ganzohr.proofs import fetched, hooked, recorded, replay

AT = 1_511_951_015
FROM = {"id": 7, "name": "Mia"}
OURS = {"id": 4}


def comment(id_: Any, text: str = "Gut", author: Any = FROM, **more: Any) -> dict[str, Any]:
    value = {"item": "comment", "verb": "add", "comment_id": id_, "post_id": "4_1", "from": author, "message": text}
    return {"field": "feed", "value": {**value, "created_time": AT, **more}}


def page(*changes: dict[str, Any], id_: Any = 4) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": id_, "time": AT * 1000, "changes": list(changes)}]}


def talk(**event: Any) -> dict[str, Any]:
    sent = {"sender": FROM, "recipient": OURS, "timestamp": AT * 1000, **event}
    return {"object": "page", "entry": [{"id": "4", "time": AT, "messaging": [sent]}]}


def phone(**value: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "49 30 1", "phone_number_id": 900}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": 800, "changes": [change]}]}


def text(id_: str, words: str) -> dict[str, Any]:
    return {"from": 491701, "id": id_, "timestamp": str(AT), "type": "text", "text": {"body": words}}


BODIES: dict[str, tuple[Any, str]] = {
    "facebook_page/01.json": (page(comment("1_5")), "comment\t1_5\t7\tGut\t1511951015"),
    "facebook_page/02.json": (page(comment(5)), "comment\t5\t7\tGut\t1511951015000"),
    "facebook_page/03.json": (page(comment("1_5", "Anders")), "comment\t1_5\t7\tAnders\t1511951015"),
    "facebook_page/04.json": (page(comment("1_5"), comment("1_6", verb="edited")), "edit\t1_6\t7\tGut\t"),
    "facebook_page/05.json": (page(comment("1_5"), comment("1_5", verb="remove")), "delete\t1_5\t7\t\t"),
    "facebook_page/06.json": (page(comment("1_7", author=None)), "comment\t1_7\t\tGut\t"),
    "facebook_page/07.json": (page(comment("1_8", "Danke", author=OURS), id_=0), "comment\t1_8\t4\tDanke\t"),
    "facebook_page/08.json": (comment("1_9"), "comment\t1_9\t7\tGut\t"),
    "messenger/01.json": (talk(message={"mid": "m.1", "text": "Hallo  du"}), "message\tm.1\t7\tHallo du\t1511951015"),
    "messenger/02.json": (talk(reaction={"mid": "m.1", "action": "react", "emoji": "❤️"}), "reaction\tm.1\t7\t❤️\t"),
    "messenger/03.json": ({"object": "page", "entry": []}, "empty\t\t\t\t"),
    "messenger/04.json": (b"", "empty\t\t\t\t"),
    "messenger/05.json": (talk(hologram={"is": 1}), "other\t\t7\t\t"),
    "whatsapp/01.json": (
        phone(messages=[text("w.1", "Hoi"), text("w.2", "Ja")]),
        "message\tw.2\t491701\tJa\t1511951015",
    ),
    "whatsapp/02.json": (phone(statuses=[{"id": "w.9", "status": "read", "timestamp": AT}]), "status_read\tw.9\t\t\t"),
    "whatsapp/03.json": ([phone(messages=[text("w.3", "Oben")]), phone(messages=[text("w.4", "Unten")])], ""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (body, _row) in BODIES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    rows = [f"{name}\t{name.partition('/')[0]}\t{row}" for name, (_body, row) in BODIES.items() if row]
    head = "file\tchannel\tkind\texternal_id\tsender_id\ttext\ttimestamp"
    (tmp_path / "index.tsv").write_text("\n".join([head, *rows]))
    return tmp_path


@pytest.mark.django_db
def test_odd_bodies_are_taken_in_and_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, left = recorded.read(folder)
    fates = replay.through_the_intake(files)
    held = Message.objects.filter(text__in=["Gut", "Anders", "Hallo  du", "Hoi", "Ja", "Oben", "Unten", "Danke", ""])
    code = replay.report(files, fates)
    said = capsys.readouterr().out.splitlines()
    assert (left, code, said[-1]) == ({}, 0, "replay: 16 in, 16 stored, 0 failed, 100.0 % agree"), said
    assert said[:-1] == [
        "facebook_page  8 read, 8 stored, 8 understood, 0 unsupported, 0 failed, 8 agree",
        "messenger      5 read, 5 stored, 4 understood, 1 unsupported, 0 failed, 2 agree "
        "(of 2 compared; 2 of 2 that people wrote or did are understood)",
        "whatsapp       3 read, 3 stored, 3 understood, 0 unsupported, 0 failed, 2 agree "
        "(of 2 compared; 1 of 1 that people wrote or did are understood)",
    ]
    assert (held.count(), Parked.objects.count()) == (13, 2)


def entry_of(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["entry"][0]
    return found


def unframed(body: dict[str, Any], **entry: Any) -> dict[str, Any]:
    """The same webhook with its one entry as an object, and this of it changed."""
    return {**body, "entry": {**entry_of(body), **entry}}


PAGE, TALK = page(comment("1_5")), talk(message={"mid": "m.1", "text": "Gut"})
PHONE = phone(messages=[text("w.1", "Gut")])
UNSEEN: dict[str, Any] = {
    "facebook_page/a.json": [PAGE],
    "facebook_page/b.json": unframed(PAGE),
    "facebook_page/c.json": unframed(PAGE, changes=comment("1_5")),
    "facebook_page/d.json": {**PAGE, "entry": [PAGE["entry"]]},
    "facebook_page/e.json": unframed(PAGE, changes=[{**comment("1_5"), "value": [comment("1_5")["value"]]}]),
    "messenger/a.json": unframed(TALK, messaging=entry_of(TALK)["messaging"][0]),
    "messenger/b.json": [[TALK]],
    "messenger/c.json": talk(message=[{"mid": "m.1", "text": "Gut"}]),
    "whatsapp/a.json": unframed(PHONE, changes=entry_of(PHONE)["changes"][0]),
    "whatsapp/b.json": [[PHONE], None],
    "whatsapp/c.json": phone(messages=text("w.1", "Gut")),
    "whatsapp/d.json": json.dumps(PHONE).replace('"object"', f'"number": {"9" * 5000}, "object"').encode(),
}
SILENT = {"facebook_page/x.json": unframed(PAGE, changes=["feed"]), "whatsapp/x.json": phone(messages=["w.1"])}


@pytest.mark.django_db
def test_forms_nobody_recorded_are_understood_or_kept_and_silence_is_no_understanding() -> None:
    hints = {"kind": "message", "text": "Gut"}
    bodies = {name: body if isinstance(body, bytes) else json.dumps(body).encode() for name, body in UNSEEN.items()}
    bodies |= {name: json.dumps(body).encode() for name, body in SILENT.items()}
    files = [recorded.Recorded(name, name.partition("/")[0], raw, hints) for name, raw in bodies.items()]
    taken = hooked.through_the_hooks(files)
    told = {name: (one.state, [sorted(held.texts) for held in one.held]) for name, one in taken.items()}
    assert {name: told[name][0] for name in UNSEEN} == dict.fromkeys(UNSEEN, "done")
    assert all("Gut" in words for name in UNSEEN for words in told[name][1]), told
    assert {name: told[name] for name in SILENT} == dict.fromkeys(SILENT, ("unsupported", []))
    assert not replay._is_held(replay.Fate("done", taken=hooked.Taken("done")))


@pytest.mark.django_db
def test_damaged_bytes_are_set_aside_and_count_as_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "whatsapp").mkdir()
    (tmp_path / "whatsapp" / "1.json").write_bytes(b'{"entry": [')
    files, _left = recorded.read(tmp_path)
    code = replay.report(files, replay.through_the_intake(files))
    assert (code, capsys.readouterr().out.splitlines()[-1]) == (1, "replay: 1 in, 1 stored, 1 failed, 0.0 % agree")


@pytest.mark.django_db
def test_what_the_desk_does_not_hold_does_not_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [one for one in recorded.read(folder)[0] if one.name == "facebook_page/01.json"]
    taken = hooked.through_the_hooks(files)["facebook_page/01.json"]
    assert [len(taken.held), taken.missing, taken.state] == [1, (), "done"]
    wrong = [recorded.Recorded(one.name, one.channel, one.raw, {**one.hints, "text": "Schlecht"}) for one in files]
    assert replay.report(wrong, replay.through_the_intake(wrong)) == 1
    assert "facebook_page/01.json: text" in capsys.readouterr().out


def test_answers_to_a_fetch_are_read_as_the_connector_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    said = {"id": "1_5", "message": "Gut", "created_time": "2021-07-21T21:05:14+0000", "from": FROM}
    answers = [said, {"data": [said]}, {"1_5": said}, {"id": "212038", "name": "Ryan"}]
    names = ("kind", "external_id", "sender_id", "text", "timestamp")
    hints = dict(zip(names, ("api_comment", "1_5", "7", "Gut", "2021-07-21T21:05:14+0000"), strict=True))
    files = [
        recorded.Recorded(f"{n}.json", "facebook_page", json.dumps(one).encode(), hints)
        for n, one in enumerate(answers)
    ]
    fetched.report(files)
    assert capsys.readouterr().out == (
        "facebook_page  4 answers to a question of ours: 3 with posts or comments (3 agree of 3 compared), "
        "1 of other kinds, 0 failed\n"
    )
