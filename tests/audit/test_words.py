"""The trail speaks the reader's language: every verb the code records has words."""

from __future__ import annotations

import ast
from pathlib import Path

from django.utils import translation

import ganzohr
from ganzohr.audit import words
from ganzohr.audit.models import Entry
from ganzohr.audit.words import STATES, VERBS

SOURCES = Path(ganzohr.__file__).parent


def verbs_in(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["verb"]:
            parts = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
            found |= {part for part in parts if isinstance(part, str)}
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if ("record" in name and name != "record_authentication") or name in {"UserChanged", "InvitationChanged"}:
            found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return found


def test_every_recorded_verb_has_words() -> None:
    recorded = {
        verb
        for source in SOURCES.glob("*/**/*.py")
        if not {"proofs", "connectors"} & set(source.parts)
        for verb in verbs_in(source)
    }
    missing = {verb for verb in recorded - set(VERBS) if not verb.startswith("moved to ")}
    assert missing == set()


def test_every_state_has_words() -> None:
    from django.apps import apps

    states = {str(state) for model in apps.get_models() for state in getattr(model, "MOVES", {})}
    assert states - set(STATES) == set()


def test_a_state_is_told_as_a_sentence() -> None:
    entry = Entry(actor_kind="round", verb="moved to accepted", object_kind="channels.outgoing", object_id=274)
    with translation.override("de"):
        told = f"{words.actor(entry)} {words.verb(entry)} {words.thing(entry)}"
    assert told == "ganzohr selbst setzte auf „gesendet“: ausgehende Nachricht 274"
