"""A post of ours is shown with its words, its picture and its date, whoever is told of first."""

from __future__ import annotations

import json

import pytest

from ganzohr.channels import actions, intake
from ganzohr.channels.models import PublicPost
from ganzohr.core import times
from ganzohr.inbox.actions import media
from ganzohr.proofs.meta import scenery, shapes
from ganzohr.proofs.sample import pictures
from tests.channels.test_reconcile import Desk, desk

__all__ = ["desk"]


@pytest.mark.parametrize("first", ["post", "comment"])
def test_a_post_is_shown_with_its_picture_and_date(desk: Desk, first: str) -> None:
    photo = scenery._photo(desk.platform, min(pictures.DRAWN))
    post = desk.platform.people.post(desk.page, "Unser Team", photo=photo)
    comment = desk.platform.people.comment(post, desk.mia, "Schön!")
    told = [shapes.post(post, "add", times.now()), shapes.comment(comment, "add", times.now())]
    for entry in told if first == "post" else reversed(told):
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        actions.store(desk.channel, "", {}, body)
        intake.process_deliveries()
        media.fetch_waiting()
    row = PublicPost.objects.get()
    assert (row.text, row.author, row.posted_at) == ("Unser Team", "Werk Nord", post.at.replace(microsecond=0))
    assert row.picture.read()[:2] == b"\xff\xd8"
    assert (row.fetch_at, row.picture_reference) == (None, "")
