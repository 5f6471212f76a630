"""Every verb of this room: `topics.py`, `examples.py`, `imports.py`."""

from ganzohr.topics.actions.examples import add_examples, forget_examples, learn_choice, remove_example, restore_example
from ganzohr.topics.actions.topics import (
    archive_topic,
    change_texts,
    create_topic,
    promise,
    same_as_everywhere,
    set_responsible,
    start_with_catalogue,
    unarchive_topic,
)

__all__ = [
    "add_examples",
    "archive_topic",
    "change_texts",
    "create_topic",
    "forget_examples",
    "learn_choice",
    "promise",
    "remove_example",
    "restore_example",
    "same_as_everywhere",
    "set_responsible",
    "start_with_catalogue",
    "unarchive_topic",
]
