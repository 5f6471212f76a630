"""What an expert reads of who asks."""

from __future__ import annotations

import pytest

from ganzohr.contacts.models import Contact
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries.words import first_name


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Dr. Benedikt Achterberg", "Benedikt"),
        ("Prof. Dr. med. Anna-Lena Voß", "Anna-Lena"),
        ("Mia", "Mia"),
        ("@kuechenfee_77", "@kuechenfee_77"),
        ("Dr.", "Dr."),
        ("", ""),
    ],
)
def test_titles_are_no_first_names(name: str, given: str) -> None:
    assert first_name(Conversation(contact=Contact(name=name))) == given
