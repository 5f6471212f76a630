"""`./run prove main-job`: everybody asks at once; the right answer reaches exactly the right person, once."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ganzohr.proofs.mainjob import walk as steps
from ganzohr.proofs.mainjob.questions import Asked, Unreadable, read
from ganzohr.proofs.mainjob.scene import Scene, open_scene
from ganzohr.proofs.mainjob.walk import NotInTime, Walk, plain

T = TypeVar("T")


class Clock:
    """Says each step with the time it took."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    def step(self, words: str, do: Callable[[], T]) -> T:
        """Do it and say it."""
        began = time.monotonic()
        result = do()
        print(f"{time.monotonic() - self.started:6.1f} s  (+{time.monotonic() - began:4.1f})  {words}", flush=True)
        return result


def main(arguments: list[str]) -> int:
    """Walk; 0 only if everybody got the right answer once."""
    parser = argparse.ArgumentParser(prog="./run prove main-job")
    parser.add_argument(
        "--questions",
        type=Path,
        help="lines of channel, name, question, expected topic, answer (tabs); channel is website, mail, hand, comment "
        "(answered in public), comment_private (handed over privately) or whatsapp",
    )
    parser.add_argument("--record", type=Path, help="a folder for what each candidate received")
    chosen = parser.parse_args(arguments)
    try:
        asked = read(chosen.questions)
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        print(f"The questions cannot be read: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="ganzohr-proof-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        return _prove(folder, asked, chosen.record)


def _prove(folder: Path, asked: Sequence[Asked], record: Path | None) -> int:
    walks = [Walk(one) for one in asked]
    clock = Clock()
    candidates = [steps.mail_address(one) for one in asked if one.way == "mail"]
    try:
        with open_scene(folder, candidates, asked) as scene:
            clock.step(f"a desk with an employer; mail by {scene.mail.servers.name}", lambda: None)
            _circle(scene, walks, clock)
    except (NotInTime, LookupError, ValueError, RuntimeError, OSError) as trouble:
        print(f"        stopped: {trouble}", flush=True)
        _show_log(folder)
    if record:
        _keep(record, walks)
    return _judge(walks)


def _circle(scene: Scene, walks: list[Walk], clock: Clock) -> None:
    clock.step(f"{len(walks)} people asked at once", lambda: steps.ask_all(scene, walks))
    clock.step("every question stands in the inbox, understood", lambda: steps.find_conversations(scene, walks))
    sure, unsure, wrong = steps.choose_topics(scene, walks)
    clock.step(f"topics: {sure} sure, {unsure} chosen by a manager, {wrong} sure and wrong", lambda: None)
    clock.step("experts answered", lambda: steps.answer_all(scene, walks))
    by_mail = sum(walk.how == "mail" for walk in walks)
    deputies = scene.deputies_asked()
    ways = f"{by_mail} by mail, {len(walks) - by_mail} on the page, {deputies} of them deputies"
    clock.step(f"  {ways}; one late auto-reply", lambda: None)
    clock.step("a manager read and approved", lambda: steps.approve_all(scene, walks))
    clock.step("every answer was received", lambda: steps.receive_all(scene, walks))
    if scene.network:
        taken, again = scene.network.hooks()
        clock.step(f"  {taken} signed hooks of the platform were taken, {again} of them a second time", lambda: None)


def _show_log(folder: Path) -> None:
    log = folder / "desk.log"
    if log.exists():
        print("        the desk said last:\n" + log.read_text(errors="replace")[-3000:], flush=True)


def _keep(record: Path, walks: Sequence[Walk]) -> None:
    record.mkdir(parents=True, exist_ok=True)
    for walk in walks:
        (record / f"{walk.asked.label}.txt").write_bytes(walk.received)


def _judge(walks: Sequence[Walk]) -> int:
    answered = crossed = lost = double = 0
    for walk in walks:
        held = plain(walk.words)
        times = held.count(plain(walk.asked.answer))
        others = {
            plain(other.asked.answer) for other in walks if plain(other.asked.answer) not in plain(walk.asked.answer)
        }
        answered += times > 0
        lost += times == 0
        double += times > 1
        crossed += any(other in held for other in others)
        for trouble in walk.troubles:
            print(f"        {trouble}", flush=True)
    print(
        f"main-job: {len(walks)} asked, {answered} answered, {crossed} crossed, {lost} lost, {double} double",
        flush=True,
    )
    return 0 if (answered, crossed, lost, double) == (len(walks), 0, 0, 0) else 1
