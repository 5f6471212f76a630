"""People who write by the website's widget: a thread of the sender that asks for its settings and posts letters as a
browser would, again under the same id until it is thanked. What it was thanked for stands in its own file."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

KEY = "proof-crash-widget"
APART = 1.2  # a channel takes 600 letters in ten minutes
READING = 2.5  # whoever writes quicker than hands is refused
AGAIN = 0.5
EVERY_THIRD = 3  # is sent once more after it was thanked for
HELD = """
SELECT m.text FROM inbox_message m JOIN channels_channel c ON c.id = m.channel_id
WHERE c.key = %s AND m.direction = 'in'
"""


def write(folder: Path, urls: Sequence[str], is_over: Callable[[], bool]) -> None:
    """One letter after the other until the storm is calm or over, one at least; the one begun is brought to its end."""
    doors = itertools.cycle(urls)
    while not (form := _asked(next(doors), "GET", "config")):
        time.sleep(AGAIN)
    time.sleep(READING)
    with (folder / "letters.jsonl").open("a", buffering=1) as file:
        for number in itertools.count():
            if number and (is_over() or (folder / "calm").exists()):
                return
            words = _words(number, form)
            for _ in range(2 if number % EVERY_THIRD == 0 else 1):
                while "entries" not in _asked(next(doors), "POST", "letters", words, number):
                    time.sleep(AGAIN)
            file.write(json.dumps({"text": words["text"]}) + "\n")
            time.sleep(APART)


def held() -> list[str]:
    """What stands in the desk of all letters."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(HELD, [KEY])
        return [text for (text,) in cursor.fetchall()]


def compare(thanked: Iterable[str], held: Iterable[str]) -> tuple[int, int]:
    """How many letters that were thanked for are not there, and how many stand there once too often."""
    counted = Counter(held)
    return len(set(thanked) - counted.keys()), counted.total() - len(counted)


def _words(number: int, form: dict[str, Any]) -> dict[str, str]:
    id_ = f"letter-{number:06d}"
    return {
        "id": id_, "token": secrets.token_urlsafe(32), "stamp": form["stamp"], "consent": "on",
        "consent_version": form["words"]["consent"]["version"], "text": f"Brief {id_}: gilt die Frist?",
    }  # fmt: skip


def _asked(url: str, method: str, what: str, words: dict[str, str] | None = None, number: int = 0) -> dict[str, Any]:
    """What the desk answers if it is well; nothing if it is not. Each letter comes from another address, by a proxy."""
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=15)
    heads = {
        "Origin": os.environ["GANZOHR_URL"], "X-Forwarded-For": f"10.7.{number // 250}.{number % 250}",
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    try:
        line.request(method, f"/w/{KEY}/{what}", urlencode(words or {}), heads)
        answer = line.getresponse()
        said = answer.read()
        return dict(json.loads(said)) if answer.status == 200 else {}
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        line.close()
