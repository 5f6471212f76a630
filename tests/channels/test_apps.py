"""Several accounts behind one hook of an app: each entry finds its channel; wishes passed on are honoured."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, hooks, intake
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.meta.signed import sign_request
from ganzohr.channels.models import App, Channel, Delivery, Outgoing, PlatformRequest, Status
from ganzohr.contacts.actions import Stranger, recognise
from ganzohr.contacts.models import Contact
from ganzohr.core import jobs, times
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db(transaction=True)


def page(app: App, external_id: str) -> Channel:
    return Channel.objects.create(kind="standin", name=external_id, key=external_id, app=app, external_id=external_id)


def said(*entries: dict[str, Any]) -> bytes:
    return json.dumps([{"id": f"m{n}", "text": f"t{n}", **one} for n, one in enumerate(entries)]).encode()


def knock(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(hooks.application(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_each_entry_goes_to_the_channel_of_its_account(app: App, claimed: list[str], monkeypatch: Any) -> None:
    nord, sued = page(app, "nord"), page(app, "sued")
    body = said({"account": "sued"}, {"account": "nord"}, {"account": "nord"})
    assert [actions.store_for_app(app, "standin", "", {}, body) for _ in range(2)] == [True, False]
    homes: list[int] = []

    def offer(batch: list[Arrived]) -> set[int]:
        homes.extend(one.channel_id for one in batch)
        return set(range(len(batch)))

    monkeypatch.setattr("ganzohr.channels.intake.offer", offer)
    intake.process_deliveries()
    assert homes == [sued.pk, nord.pk, nord.pk]
    assert Delivery.objects.get().state == "done"
    assert {row.last_event_at for row in Channel.objects.all()} == {Delivery.objects.get().received_at}


def test_what_belongs_to_no_channel_of_ours_waits_until_one_is_connected(app: App, claimed: list[str]) -> None:
    actions.store_for_app(app, "standin", "", {}, said({"account": "nord"}, {"account": "77"}))
    page(app, "nord")
    intake.process_deliveries()
    row = Delivery.objects.get()
    assert (claimed, row.state, row.error) == (["t0"], "unsupported", "no channel for 77")
    page(app, "77")
    actions.run_again(row, audit.round_("test"))
    intake.process_deliveries()
    row.refresh_from_db()
    assert (claimed, row.state, row.error) == (["t0", "t0", "t1"], "done", "")


def test_the_hook_of_an_app_takes_only_what_its_platform_signed(app: App) -> None:
    page(app, "nord")
    body = said({"account": "nord"})
    assert knock("POST", "/hooks/standin/app1/", body, x_signature="wrong") == (403, b"")
    assert knock("POST", "/hooks/standin/app1/", body, x_signature="s3cret") == (200, b"")
    assert knock("POST", "/hooks/standin/nord/", body, x_signature="s3cret") == (404, b"")
    assert knock("POST", "/hooks/nothing/app1/", body, x_signature="s3cret") == (404, b"")
    assert Delivery.objects.count() == 1


def test_the_handshake_is_answered_only_with_the_right_word(app: App) -> None:
    assert knock("GET", "/hooks/standin/app1/", query="token=wrong&challenge=42") == (403, b"")
    assert App.objects.get().asked_at is None
    assert knock("GET", "/hooks/standin/app1/", query="token=v&challenge=42") == (200, b"42")
    assert App.objects.get().asked_at is not None
    assert knock("GET", "/hooks/website/app1/", query="token=v&challenge=42")[0] == 405


def ask(kind: str, secret: str, **values: str) -> tuple[int, dict[str, str]]:
    status, body = knock("POST", f"/hooks/meta/app1/{kind}", b"signed_request=" + sign_request(secret, values).encode())
    return status, json.loads(body) if body else {}


def test_a_person_who_asks_the_platform_for_deletion_is_erased_and_can_read_so(app: App) -> None:
    client = Client(headers={"accept-language": "en"})
    nord = page(app, "nord")
    with transaction.atomic():
        recognise([Stranger(nord.pk, "psid-1", name="Mia", also=("asid-9",)), Stranger(nord.pk, "psid-2", name="Noor")])
    assert ask("deletion", "wrong", user_id="asid-9") == (403, {})
    status, answer = ask("deletion", "new", user_id="asid-9")
    again = ask("deletion", "old", user_id="asid-9")
    assert (status, again[1]["confirmation_code"]) == (200, answer["confirmation_code"])
    jobs.run_everything()
    assert list(Contact.objects.filter(erased_at=None).values_list("name", flat=True)) == ["Noor"]
    shown = client.get(f"/d/{answer['confirmation_code']}/")
    assert (shown.status_code, b"have been deleted here" in shown.content) == (200, True)
    assert answer["url"].endswith(f"/d/{answer['confirmation_code']}/")


def test_whom_the_platforms_number_does_not_lead_to_is_looked_for_by_a_person(app: App) -> None:
    client = Client(headers={"accept-language": "en"})
    nord = page(app, "nord")
    _status, answer = ask("deletion", "new", user_id="nobody")
    jobs.run_everything()
    here = f"/d/{answer['confirmation_code']}/"
    shown = client.get(here).content
    assert (b"Somebody of us looks into it" in shown, b"nobody was found" in shown) == (True, False)
    nord.refresh_from_db()
    assert nord.problem == "deletion_asked"
    sophie = Client(headers={"accept-language": "en"})
    sophie.force_login(User.objects.create(email="s@werk.example", name="Sophie", role="manager", language="en"))
    assert answer["confirmation_code"].encode() in sophie.get("/channels/meta/").content
    asked = PlatformRequest.objects.get()
    assert sophie.post(f"/channels/meta/wishes/{asked.pk}/", {"found": "0"}).status_code == 303
    asked.refresh_from_db()
    nord.refresh_from_db()
    assert (asked.found, asked.subject, nord.problem) == (0, "", "")
    assert b"nobody was found" in client.get(here).content
    assert client.get("/d/0123456789abcdef0123/").status_code == 404


def test_a_person_who_takes_our_app_off_is_no_account_of_ours(app: App) -> None:
    page(app, "nord"), page(app, "sued")
    assert ask("deauthorise", "new", user_id="555")[0] == 200
    assert set(Channel.objects.values_list("problem", flat=True)) == {""}
    assert (PlatformRequest.objects.get().found, PlatformRequest.objects.get().done_at is None) == (0, False)


def test_an_account_that_took_our_app_off_says_so(app: App) -> None:
    page(app, "nord"), page(app, "sued")
    assert ask("deauthorise", "new", profile_id="sued")[0] == 200
    assert dict(Channel.objects.values_list("external_id", "problem")) == {"nord": "", "sued": "app_removed"}
    assert PlatformRequest.objects.get().found == 1


def sent(channel: Channel, external_id: str, **also: Any) -> Outgoing:
    outgoing = actions.enqueue(
        channel=channel, kind="notice", target={"recipient_id": "p"}, payload={}, key=external_id
    )
    at = times.now()
    values = {"state": "accepted", "external_id": external_id, "fenced_at": at, "finished_at": at, **also}
    Outgoing.objects.filter(pk=outgoing.pk).update(**values)
    outgoing.refresh_from_db()
    return outgoing


def status(of: str, name: str, **headers: str) -> dict[str, Any]:
    return {"id": f"{of}:{name}", "what": "status", "reply_to": of, "headers": {"status": name, **headers}}


def test_the_furthest_status_stands_in_whatever_order_they_come(channel: Channel) -> None:
    for entries in ([status("w1", "read")], [status("w1", "sent"), status("w1", "delivered")], [status("w1", "odd")]):
        actions.store(channel, "", {}, said(*entries))
    intake.process_deliveries()
    assert list(Status.objects.values_list("external_id", "status")) == [("w1", "read")]


def test_a_sending_the_platform_could_not_deliver_after_all_is_refused(channel: Channel) -> None:
    outgoing = sent(channel, "w1")
    actions.store(channel, "", {}, said(status("w1", "failed", code="person_unavailable")))
    intake.process_deliveries()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.outcome) == ("refused", "person_unavailable")


def test_a_failure_told_before_the_answer_to_our_call_counts_too(channel: Channel, platform: Platform) -> None:
    actions.store(channel, "", {}, said(status("p-1", "failed", code="window_closed")))
    intake.process_deliveries()
    actions.enqueue(channel=channel, kind="notice", target={}, payload={}, key="k")
    jobs.run_everything()
    row = Outgoing.objects.get()
    assert (row.state, row.outcome) == ("refused", "window_closed")


def test_a_status_with_our_key_settles_what_nobody_knew_the_end_of(channel: Channel) -> None:
    outgoing = sent(channel, "", state="unclear")
    Outgoing.objects.update(key="our-key")
    actions.store(channel, "", {}, said(status("w7", "sent", key="our-key")))
    intake.process_deliveries()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.external_id) == ("accepted", "w7")


@pytest.mark.parametrize("state", ["sending", "waiting", "refused"])
def test_what_the_platform_speaks_of_by_our_key_has_arrived_whatever_we_thought(channel: Channel, state: str) -> None:
    outgoing = sent(channel, "", state=state, attempts=1, fenced_at=times.now())
    Outgoing.objects.update(key="our-key")
    actions.store(channel, "", {}, said(status("w7", "sent", key="our-key"), status("w7", "delivered", key="our-key")))
    intake.process_deliveries()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.external_id) == ("accepted", "w7")


def test_failed_after_all_is_not_made_good_by_a_word_that_came_late(channel: Channel) -> None:
    outgoing = sent(channel, "w7")
    Outgoing.objects.update(key="our-key", fenced_at=times.now())
    for word in ("failed", "sent"):
        actions.store(channel, "", {}, said(status("w7", word, key="our-key")))
        intake.process_deliveries()
    outgoing.refresh_from_db()
    assert outgoing.state == "refused"


def test_many_words_about_ours_take_as_few_questions_as_one(channel: Channel) -> None:
    counts = []
    for many in (2, 60):
        entries = [status(f"w{many}-{n}", "delivered", key=f"k{n}") for n in range(many)]
        actions.store(channel, "", {}, said(*entries))
        with CaptureQueriesContext(connection) as asked:
            intake.process_deliveries()
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_read_up_to_a_moment_marks_everything_sent_to_that_person_before(channel: Channel) -> None:
    sent(channel, "w1")
    receipt = {"what": "receipt", "sender": "p", "headers": {"status": "read", "watermark": times.now().isoformat()}}
    sent(channel, "w2", finished_at=times.now())
    actions.store(channel, "", {}, said(receipt))
    intake.process_deliveries()
    assert sorted(Status.objects.values_list("external_id", "status")) == [("w1", "read")]


def test_news_of_the_account_stand_on_the_channel_until_they_are_over(channel: Channel) -> None:
    for problem in ("quality_low", ""):
        news = {"problem": problem, "detail": "RED", "settles": not problem}
        entry = {"what": "account", "id": f"a-{problem}", "headers": news}
        actions.store(channel, "", {}, said(entry))
        intake.process_deliveries()
        channel.refresh_from_db()
        assert channel.problem == problem
