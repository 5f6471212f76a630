"""What platforms tell in any order, twice or of things that are gone: the newest stands, nothing comes back."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from ganzohr.channels import outcomes
from ganzohr.channels.connectors.base import Incoming, IncomingFile, IncomingPost, Outcome
from ganzohr.channels.models import Outgoing, PublicPost
from ganzohr.core import times
from ganzohr.inbox.actions import media
from ganzohr.inbox.models import Attachment, Conversation, Message, Parked
from tests.inbox.story import NOW, Desk
from tests.inbox.test_platforms import POST, said, take

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def minute(n: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=n)


def reaction(desk: Desk, n: int, text: str = "", **more: Any) -> Incoming:
    headers = {} if text else {"removed": True}
    return said(
        desk, "reaction", f"r{n}", "noor", reply_to="c1", text=text, headers=headers, provider_at=minute(n), **more
    )


@pytest.mark.parametrize("last", ["", "haha"])
def test_the_newest_reaction_stands_whatever_comes_first(desk: Desk, last: str) -> None:
    told = [said(desk, provider_at=NOW), reaction(desk, 1, "love"), reaction(desk, 2, last)]
    for order in itertools.permutations(told):
        for model in (Message, Parked, Conversation):
            model.objects.all().delete()
        for one in order:
            take(desk, one)
            take(desk, one)
        assert list(Message.objects.filter(kind="reaction").values_list("text", flat=True)) == [last] * bool(last)


def test_hidden_or_shown_goes_by_when_it_was_done(desk: Desk) -> None:
    take(desk, said(desk))
    take(desk, said(desk, "hide", "h2", reply_to="c1", headers={"hidden": False}, provider_at=minute(2)))
    take(desk, said(desk, "hide", "h1", reply_to="c1", headers={"hidden": True}, provider_at=minute(1)))
    assert Message.objects.get().hidden_at is None
    take(desk, said(desk, "hide", "h3", reply_to="c1", headers={"hidden": True}, provider_at=minute(3)))
    assert Message.objects.get().hidden_at == minute(3)


def test_an_older_version_of_a_post_does_not_come_back_and_a_removed_one_keeps_no_words(desk: Desk) -> None:
    take(desk, said(desk))
    for n, words in ((5, "Neu: 1.100 Euro"), (3, "Alt: 900 Euro")):
        post, headers = IncomingPost("p1", "x", words, "Auental"), {"changed_at": minute(n).isoformat()}
        take(desk, said(desk, "post", f"p1:edit:{n}", post=post, is_own=True, provider_at=NOW, headers=headers))
    assert PublicPost.objects.get().text == "Neu: 1.100 Euro"
    removed = {"removed": True, "changed_at": minute(9).isoformat()}
    take(desk, said(desk, "post", "p1:remove", post=POST, is_own=True, headers=removed))
    take(desk, said(desk, "post", "p1", post=IncomingPost("p1", "x", "Wir suchen", "Auental"), is_own=True))
    take(desk, said(desk, external_id="c7", sender_id="noor", post=IncomingPost("p1", "x", "Wir suchen", "Auental")))
    row = PublicPost.objects.get()
    assert (row.text, row.author, row.removed_at) == ("", "", minute(9))


def visitors(desk: Desk) -> None:
    """Mia's own post on our page, with a picture, and somebody's comment below it."""
    post = IncomingPost("v1", "https://platform.example/v1", "Mein Chef schreit", "Mia Muster", author_is_us=False)
    take(desk, said(desk, external_id="v1", sender_id="mia", post=post, text=post.text, headers={"form": "post"}))
    take(desk, said(desk, external_id="c5", sender_id="noor", post=post, text="Echt?"))
    row = PublicPost.objects.get()
    row.picture.save("bild.png", ContentFile(PNG))


def test_what_a_visitor_posted_is_changed_and_taken_away_above_everybodys_comments(
    desk: Desk, as_sophie: Client, django_capture_on_commit_callbacks: Any
) -> None:
    visitors(desk)
    row = PublicPost.objects.get()
    take(
        desk,
        said(desk, "edit", "v1:e", "mia", reply_to="v1", post=None, text="Mein Chef ist laut", provider_at=minute(4)),
    )
    row.refresh_from_db()
    assert row.text == "Mein Chef ist laut"
    picture = row.picture.name or ""
    with django_capture_on_commit_callbacks(execute=True):
        take(desk, said(desk, "delete", "v1:r", "mia", reply_to="v1", post=None, provider_at=minute(6)))
    row.refresh_from_db()
    assert (row.text, row.author, row.picture.name, row.removed_at) == ("", "", "", minute(6))
    assert not default_storage.exists(picture)
    held = Conversation.objects.get(contact__name="Noor")
    assert "Chef" not in as_sophie.get(f"/inbox/{held.pk}/").content.decode()


def test_a_removal_that_overtakes_the_outcome_of_our_answer_counts(desk: Desk) -> None:
    take(desk, said(desk))
    answer = desk.answer(Conversation.objects.get(), "Ja, gern.")
    Outgoing.objects.update(state="sending", attempts=1)
    take(desk, said(desk, "delete", "o1:remove", "our-page", reply_to="o1", is_own=True))
    outcomes.store(Outgoing.objects.get(), Outcome("accepted", external_id="o1"))
    answer.refresh_from_db()
    assert (answer.deleted_at is not None, answer.text, Parked.objects.count()) == (True, "", 0)


class Slow:
    """A platform during whose answer something happens."""

    def __init__(self, happens: Any) -> None:
        self.happens = happens

    def fetch(self, account: object, reference: str) -> IncomingFile:
        self.happens(reference)
        return IncomingFile("bild.png", "image/png", PNG, reference=reference)


def stored() -> set[str]:
    """Every file there is; before the first there is not even a folder."""
    folders = default_storage.listdir("")[0] if default_storage.exists("") else []
    return {name for folder in folders for name in _below(folder)}


def _below(folder: str) -> set[str]:
    folders, files = default_storage.listdir(folder)
    return {f"{folder}/{name}" for name in files}.union(*(_below(f"{folder}/{name}") for name in folders))


def test_a_file_whose_message_is_deleted_on_the_way_leaves_no_bytes_and_its_neighbour_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2):
        files = (IncomingFile(f"{n}.png", "image/png", reference=f"ref-{n}"),)
        take(desk, said(desk, external_id=f"c{n}", post=None, visibility="private", files=files))

    def happens(reference: str) -> None:
        if reference == "ref-1":
            take(desk, said(desk, "delete", "d1", reply_to="c1", visibility="private", post=None))

    monkeypatch.setattr(media, "connector_of", lambda channel: Slow(happens))
    before = stored()
    assert media.fetch_waiting() == 2
    row = Attachment.objects.get()
    assert (row.message and row.message.external_id, row.size) == ("c2", len(PNG))
    assert stored() - before == {row.file.name}


def test_a_file_that_cannot_be_kept_stops_no_other_and_is_nobody_elses_while_it_is_fetched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2):
        files = (IncomingFile(f"{n}.png", "image/png", reference=f"ref-{n}"),)
        take(desk, said(desk, external_id=f"c{n}", post=None, visibility="private", files=files))
    tried: list[str] = []

    def happens(reference: str) -> None:
        tried.append(reference)
        if len(tried) == 1:
            with times.frozen(times.now() + dt.timedelta(minutes=2)):
                assert media.fetch_waiting() == 1  # another worker: the other file only

    monkeypatch.setattr(media, "connector_of", lambda channel: Slow(happens))
    keep = media._keep
    monkeypatch.setattr(media, "_keep", lambda row, got: 1 / 0 if row.reference == "ref-2" else keep(row, got))
    media.fetch_waiting()
    assert tried == ["ref-1", "ref-2"]
    assert dict(Attachment.objects.values_list("reference", "size")) == {"": len(PNG), "ref-2": 0}
