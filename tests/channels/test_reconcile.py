"""What a hook never told us is made up for, once, and silence is never taken for a deletion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.channels import actions, intake, reconcile
from ganzohr.channels.accounts import sealed
from ganzohr.channels.models import App, Channel, Delivery, PublicPost, Reconciliation
from ganzohr.core import times
from ganzohr.core.people import Person
from ganzohr.inbox import personal_data
from ganzohr.inbox.models import Message
from ganzohr.proofs.meta import Platform, running
from ganzohr.proofs.meta.world import Comment

pytestmark = pytest.mark.django_db


class Desk:
    """A page of ours whose hook tells only what the story wants told."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.page = platform, platform.add_page("Werk Nord")
        app = App.objects.create(kind="meta", name="App", key="app", settings={"graph_url": platform.url})
        self.channel = Channel.objects.create(
            kind="facebook", name="Werk Nord", key="k", app=app, external_id=self.page.id,
            settings={"page_id": self.page.id}, secrets=sealed({"access_token": self.page.token}),
        )  # fmt: skip
        Channel.objects.update(created_at=times.now() - timedelta(days=5))
        self.post = platform.people.post(self.page, "Tag der Ausbildung")
        self.mia = platform.people.person("Mia")

    def writes(self, text: str) -> Comment:
        comment: Comment = self.platform.people.comment(self.post, self.mia, text)
        return comment

    def compares(self, minutes: int = 5) -> Reconciliation:
        """The round, so many minutes from now."""
        with times.frozen(times.now() + timedelta(minutes=minutes)):
            assert reconcile.compare_due() == 1
        return Reconciliation.objects.all()[0]

    def held(self) -> list[str]:
        return list(Message.objects.filter(direction="in").order_by("id").values_list("text", flat=True))


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    with running(background=False) as platform:
        platform.silence = 0.2
        yield Desk(platform)


def test_a_comment_the_hook_lost_is_fetched_once_with_its_post(desk: Desk) -> None:
    desk.writes("Geht das in Teilzeit?")
    first, second = desk.compares(), desk.compares(20)
    assert desk.held() == ["Geht das in Teilzeit?"]
    assert [(one.platform_count, one.held_count, one.added) for one in (first, second)] == [(1, 1, 1), (1, 1, 0)]
    assert PublicPost.objects.get().text == "Tag der Ausbildung"
    assert {row.state for row in Delivery.objects.all()} == {"done"}
    assert Channel.objects.get().last_event_at is None


def test_what_was_written_a_moment_ago_is_left_to_the_hook(desk: Desk) -> None:
    desk.writes("Gerade eben")
    row = desk.compares(0)
    assert (row.platform_count, row.held_count, row.added, desk.held()) == (1, 0, 0, [])


def test_a_lost_edit_and_a_lost_hiding_are_made_up_for(desk: Desk) -> None:
    edited, hidden = desk.writes("Frage mit Tipfehler"), desk.writes("Werbung")
    desk.compares()
    desk.platform.people.edit(edited, "Frage ohne Tippfehler")
    hidden.is_hidden = True
    first, second = desk.compares(20), desk.compares(40)
    assert sorted(desk.held()) == ["Frage ohne Tippfehler", "Werbung"]
    assert Message.objects.get(text="Werbung").hidden_at is not None
    assert (first.changed, second.changed) == (2, 0)


def test_a_deletion_counts_when_the_platform_says_so_twice_in_a_row(desk: Desk) -> None:
    comment = desk.writes("Nehme ich zurück")
    desk.compares()
    comment.is_removed = True
    first = desk.compares(20)
    assert (first.gone, first.removed, desk.held()) == ([comment.id], 0, ["Nehme ich zurück"])
    second = desk.compares(40)
    assert (second.removed, desk.held()) == (1, [""])
    assert Message.objects.get(direction="in").deleted_at is not None


def test_an_error_in_between_is_no_word_of_the_platform(desk: Desk) -> None:
    comment = desk.writes("Steht noch da")
    desk.compares()
    comment.is_removed = True
    desk.compares(20)
    desk.platform.token_of(desk.page).is_valid = False
    broken = desk.compares(40)
    assert (broken.problem, Channel.objects.get().problem) == ("token_expired", "token_expired")
    desk.platform.token_of(desk.page).is_valid = True
    Channel.objects.update(problem="", rests_until=None)
    after = desk.compares(60)
    assert (after.gone, after.removed, desk.held()) == ([comment.id], 0, ["Steht noch da"])


def test_what_the_list_merely_leaves_out_is_not_deleted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.writes("Steht noch da")
    desk.compares()
    monkeypatch.setattr("ganzohr.channels.connectors.facebook.reading.recent", lambda account, since: iter(()))
    rows = [desk.compares(minutes) for minutes in (20, 40)]
    assert [(row.gone, row.removed) for row in rows] == [([], 0), ([], 0)]


def test_a_lost_permission_is_no_deletion(desk: Desk) -> None:
    for n in range(6):
        desk.writes(f"Frage {n}")
    desk.compares()
    desk.platform.token_of(desk.page).scopes -= {"pages_read_user_content"}
    desk.post.comments, kept = [], desk.post.comments  # Graph leaves out what a token may not see …
    for comment in kept:
        comment.is_removed = True  # … and calls it missing when asked
    rows = [desk.compares(minutes) for minutes in (20, 40, 60)]
    assert [(row.gone, row.removed) for row in rows] == [([], 0)] * 3
    assert sorted(desk.held()) == [f"Frage {n}" for n in range(6)]


def test_of_many_gone_at_once_a_person_says_whether_they_were_deleted(desk: Desk) -> None:
    comments = [desk.writes(f"Frage {n}") for n in range(8)]
    desk.compares()
    for comment in comments[:6]:
        comment.is_removed = True
    desk.compares(20)
    row = desk.compares(40)
    assert (row.problem, row.removed, len(row.gone), len(desk.held())) == ("many_gone", 0, 6, 8)
    assert (Channel.objects.get().problem, "" in desk.held()) == ("many_gone", False)
    client = Client()
    client.force_login(User.objects.create(email="m@werk.example", name="Mia", role="manager"))
    assert client.post(reverse("channels:remove_gone", args=[desk.channel.pk])).status_code == 303
    intake.process_deliveries()
    assert (desk.held().count(""), Channel.objects.get().problem) == (6, "")
    assert client.post(reverse("channels:remove_gone", args=[desk.channel.pk])).status_code == 303


def test_what_was_shown_again_over_there_is_shown_here(desk: Desk) -> None:
    comment = desk.writes("Doch keine Werbung")
    comment.is_hidden = True
    desk.compares()
    hidden = desk.compares(20), Message.objects.get(direction="in").hidden_at is not None
    comment.is_hidden = False
    desk.compares(40)
    assert (hidden[1], Message.objects.get(direction="in").hidden_at) == (True, None)


def test_whom_we_erased_before_anything_was_compared_does_not_come_back(desk: Desk) -> None:
    comment = desk.writes("Bitte löschen")
    told = {
        "item": "comment", "verb": "add", "comment_id": comment.id, "post_id": desk.post.id, "message": comment.text,
        "from": {"id": desk.mia.id, "name": "Mia"}, "created_time": int(times.now().timestamp()),
    }  # fmt: skip
    entry = {"id": desk.page.id, "changes": [{"field": "feed", "value": told}]}
    actions.store(desk.channel, "", {}, json.dumps({"entry": [entry]}).encode())
    intake.process_deliveries()
    assert desk.held() == ["Bitte löschen"]
    personal_data.erase(Person(Message.objects.get(direction="in").conversation.contact.pk, ()))
    assert (desk.compares(20).added, desk.held()) == (0, [])


def test_whom_we_erased_does_not_come_back(desk: Desk) -> None:
    desk.writes("Bitte löschen")
    desk.compares()
    desk.compares(20)
    contact = Message.objects.get(direction="in").conversation.contact
    personal_data.erase(Person(contact.pk, ()))
    row = desk.compares(40)
    assert (row.platform_count, row.held_count, row.added, desk.held()) == (1, 0, 0, [])


def test_each_channel_is_compared_by_one_worker_and_not_too_often(desk: Desk) -> None:
    stale = Channel.objects.get()
    assert (reconcile._claim(stale), reconcile._claim(stale)) == (True, False)
    assert reconcile.compare_due() == 0
    Channel.objects.update(compared_at=None, state="paused")
    assert reconcile.compare_due() == 0


def test_after_an_outage_the_time_of_it_is_read_too(desk: Desk) -> None:
    long_ago = times.now() - timedelta(days=9)
    Channel.objects.update(created_at=long_ago - timedelta(days=9))
    Reconciliation.objects.create(channel=desk.channel, at=long_ago)
    assert reconcile._since(Channel.objects.get()) == long_ago - reconcile.ON_ITS_WAY


def test_the_page_of_the_channel_says_how_it_compares(desk: Desk, client: Client) -> None:
    user = User.objects.create_user("sophie@example.org", role="reader", language="en")
    client.force_login(user)
    desk.writes("Geht das in Teilzeit?")
    desk.compares()
    shown = client.get(reverse("channels:channel", args=[desk.channel.pk])).content.decode()
    assert "1 comment there, and it is here too. 1 was fetched later." in shown


def test_a_hook_cannot_pretend_that_we_asked(desk: Desk) -> None:
    from ganzohr.channels import actions

    actions.store(desk.channel, "read back", {}, b'{"what": "delete"}')
    intake.process_deliveries()
    assert Delivery.objects.get().state != "done"
