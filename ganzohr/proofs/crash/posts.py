"""The order in which deliveries leave: alone and together, twice, in another order, and some that are wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from ganzohr.proofs.crash.bodies import Crowd, Said, body, said, signed

OVERSIZED = 6_000_000
WINDOW = 40


@dataclass(frozen=True)
class Post:
    """One body on its way. `ids` are the messages in it; `wrong` says why it may never be thanked for, `is_damaged`
    that it is signed but cannot be read; `is_cut`: the line breaks before its end."""

    content: bytes
    signature: str
    ids: tuple[str, ...]
    wrong: str = ""
    is_damaged: bool = False
    is_cut: bool = False


def posts(seed: int, by: Crowd) -> Iterator[tuple[int, Post]]:
    """Without an end: how many messages were told so far, and the next post; out of order within a window."""
    dice = random.Random(seed)
    held: list[tuple[int, Post]] = []
    for count, one in _in_order(seed, by, dice):
        held.append((count, one))
        if len(held) > WINDOW:
            yield held.pop(dice.randrange(len(held)))


def _in_order(seed: int, by: Crowd, dice: random.Random) -> Iterator[tuple[int, Post]]:
    count = turn = 0
    while True:
        turn += 1
        many = 1 if dice.random() * 100 < by.alone else dice.randint(2, by.together)
        told = [said(seed, count + position, by) for position in range(many)]
        count += many
        dice.shuffle(told)
        first = _good(told)
        yield count, first
        if dice.random() < 0.1:
            yield count, first
        if dice.random() < 0.05:
            yield count, _good(told[::-1], mark=f"again-{turn}")
        if (wrong := _wrong(seed, turn, dice)) is not None:
            yield count, wrong


def _good(told: list[Said], mark: str = "") -> Post:
    content = body(told, mark)
    return Post(content, signed(content), tuple(one.id for one in told))


def _wrong(seed: int, turn: int, dice: random.Random) -> Post | None:
    """Now and then something that must not get in, or cannot be read. Its messages have ids nobody else has."""
    strange = Said(f"wamid.{seed}.never.{turn}", 0, "491600000000", "Das darf nie ankommen.")
    content, thrown = body([strange]), dice.random()
    if turn % 300 == 5:
        big = b" " * OVERSIZED + content
        return Post(big, signed(big), (strange.id,), wrong="oversized")
    if thrown < 0.03:
        return Post(content, signed(content, "somebody else's"), (strange.id,), wrong="wrongly signed")
    if thrown < 0.05:
        return Post(content[: len(content) // 2], signed(content), (strange.id,), wrong="truncated")
    if thrown < 0.06:
        return Post(content, signed(content), (strange.id,), wrong="line cut", is_cut=True)
    if thrown < 0.07:
        half = json.dumps({"object": "whatsapp_business_account", "mark": turn}).encode()[:-1]
        return Post(half, signed(half), (), is_damaged=True)
    return None
