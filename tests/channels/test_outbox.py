"""One way out: nothing leaves twice, nothing gets lost, whatever the platform or the machine does."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection

from ganzohr.audit import actions as audit
from ganzohr.channels import actions, claiming, health, outbox, outcomes
from ganzohr.channels.connectors.base import Abilities, Outcome, OutgoingFile
from ganzohr.channels.events import OutgoingAccepted, OutgoingRefused, OutgoingTakenBack, OutgoingUnclear
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import events, times
from ganzohr.directory.models import Colleague
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db
ME = audit.round_("test")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[events.Event]:
    """Every fact the outbox tells."""
    heard: list[events.Event] = []
    monkeypatch.setattr(outcomes, "emit", heard.append)
    monkeypatch.setattr(actions, "emit", heard.append)
    return heard


def put(channel: Channel | None, key: str = "k", **values: Any) -> Outgoing:
    values = {"kind": "answer", "target": {"to": "x"}, "payload": {"text": "Hello"}, **values}
    return actions.enqueue(channel=channel, key=key, **values)


def test_an_answer_leaves_once(channel: Channel, platform: Platform, told: list[events.Event]) -> None:
    one = put(channel)
    assert put(channel).pk == one.pk
    assert outbox.send_waiting() == 1
    assert outbox.send_waiting() == 0
    one.refresh_from_db()
    assert (one.state, one.external_id, one.attempts, len(platform.heard)) == ("accepted", "p-1", 1, 1)
    assert told == [OutgoingAccepted((one.pk,))]
    channel.refresh_from_db()
    assert channel.last_sent_at is not None


def test_the_connector_gets_target_payload_key_and_files_unchanged(channel: Channel, platform: Platform) -> None:
    path = default_storage.save("test/letter.txt", ContentFile(b"bytes"))
    entry = {"name": "Letter.txt", "content_type": "text/plain", "path": path}
    put(channel, payload={"text": "Hi", "files": [entry]}, target={"to": "a", "n": 1})
    outbox.send_waiting()
    (heard,) = platform.heard
    assert (heard.key, heard.kind, heard.target) == ("k", "answer", {"to": "a", "n": 1})
    assert [(one.name, one.content_type, one.content) for one in heard.files] == [
        ("Letter.txt", "text/plain", b"bytes")
    ]


def test_a_missing_file_is_a_refusal_in_words(channel: Channel, platform: Platform) -> None:
    entry = {"name": "Letter.txt", "content_type": "text/plain", "path": "test/gone.txt"}
    one = put(channel, payload={"text": "Hi", "files": [entry]})
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.outcome, platform.heard) == ("refused", "file_missing", [])


def test_an_answer_can_be_taken_back_until_it_leaves(
    channel: Channel, platform: Platform, told: list[events.Event]
) -> None:
    now = times.now()
    with times.frozen(now):
        one = put(channel, not_before=now + dt.timedelta(seconds=10))
        assert outbox.send_waiting() == 0
        assert actions.take_back(one, ME) is True
    with times.frozen(now + dt.timedelta(seconds=11)):
        assert outbox.send_waiting() == 0
    assert told == [OutgoingTakenBack((one.pk,))]
    two = put(channel, key="2")
    outbox.send_waiting()
    assert actions.take_back(two, ME) is False


def test_held_things_and_paused_or_disconnected_channels_wait(channel: Channel, platform: Platform) -> None:
    put(channel, key="held", hold="crisis", lane="a")
    put(channel, key="free", lane="b")
    put(channel, key="standing", kind="standing", lane="c")
    for state, left in (("paused", []), ("disconnected", ["standing"]), ("active", ["standing", "free"])):
        Channel.objects.update(state=state)
        outbox.send_waiting()
        assert [heard.key for heard in platform.heard] == left
    assert Outgoing.objects.get(key="held").state == "waiting"


def test_answers_to_one_person_leave_in_order(channel: Channel, platform: Platform) -> None:
    now = times.now()
    with times.frozen(now):
        put(channel, key="1", not_before=now + dt.timedelta(seconds=5))
        put(channel, key="2")
        put(channel, key="elsewhere", target={"to": "y"})
        outbox.send_waiting()
    assert [heard.key for heard in platform.heard] == ["elsewhere"]
    with times.frozen(now + dt.timedelta(seconds=6)):
        outbox.send_waiting()
    assert [heard.key for heard in platform.heard] == ["elsewhere", "1", "2"]


def test_a_refusal_for_good_is_told_and_may_be_sent_again(
    channel: Channel, platform: Platform, told: list[events.Event]
) -> None:
    platform.answers.append(Outcome("refused", code="quota_full", detail="552"))
    one = put(channel)
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.outcome, one.outcome_detail, told) == (
        "refused", "quota_full", "552", [OutgoingRefused((one.pk,))],
    )  # fmt: skip
    actions.send_again(one, ME)
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, len(platform.heard)) == ("accepted", 2)
    with pytest.raises(audit.NotAllowed):
        actions.send_again(one, ME)


def test_a_refusal_for_now_is_tried_again_further_apart_and_not_for_ever(
    channel: Channel, platform: Platform, told: list[events.Event]
) -> None:
    one = put(channel)
    at, waits = one.not_before, []
    for _ in range(outcomes.MOST_ATTEMPTS):
        platform.answers.append(Outcome("refused", code="greylisted", retry_at=at))
        with times.frozen(at):
            outbox.send_waiting()
            assert outbox.send_waiting() == 0
        one.refresh_from_db()
        waits.append((one.not_before - at).total_seconds())
        at = max(at, one.not_before)
    assert (one.state, one.attempts, len(told)) == ("refused", outcomes.MOST_ATTEMPTS, 1)
    assert (waits[0] < 40, 2000 < waits[8] < 4600) == (True, True)


def test_the_providers_own_waiting_time_is_kept(channel: Channel, platform: Platform) -> None:
    later = times.now() + dt.timedelta(hours=5)
    platform.answers.append(Outcome("refused", code="greylisted", retry_at=later))
    one = put(channel)
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.not_before) == ("waiting", later)


def test_a_channel_in_trouble_rests_as_a_whole_and_recovers_by_itself(channel: Channel, platform: Platform) -> None:
    at = times.now() + dt.timedelta(seconds=1)
    platform.problem = "login_refused"
    for key in "abc":
        put(channel, key=key, target={"to": key})
        platform.answers.append(Outcome("refused", code="login_refused", retry_at=at))
    with times.frozen(at):
        outbox.send_waiting()
        outbox.send_waiting()
        health.check_channels()
    channel.refresh_from_db()
    assert (len(platform.heard), channel.problem, channel.rests_until) == (1, "login_refused", at + health.LATER)
    platform.answers.clear()
    platform.problem = ""
    with times.frozen(at + dt.timedelta(minutes=16)):
        assert health.check_channels() == 1
        outbox.send_waiting()
    channel.refresh_from_db()
    assert channel.problem == ""
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"accepted"}


def test_a_hiccup_costs_seconds_and_what_lasts_is_left_alone_for_longer(channel: Channel) -> None:
    at, rests = times.now(), []
    for _ in range(7):
        with times.frozen(at):
            health.note(channel.pk, "connection_refused")
        channel.refresh_from_db()
        assert channel.rests_until
        rests.append((channel.rests_until - at).total_seconds())
        at = channel.rests_until
    assert rests == [5, 5, 10, 20, 40, 60, 60]


def test_a_warning_that_hinders_nothing_stays_although_something_left(channel: Channel, platform: Platform) -> None:
    health.note(channel.pk, "quality_low")
    put(channel)
    outbox.send_waiting()
    channel.refresh_from_db()
    assert (len(platform.heard), channel.problem) == (1, "quality_low")


def test_unclear_is_looked_for_and_found(channel: Channel, platform: Platform, told: list[events.Event]) -> None:
    platform.answers.append(Outcome("unclear", code="timeout"))
    platform.found = Outcome("accepted", external_id="p-found")
    one = put(channel)
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.external_id, len(platform.heard)) == ("accepted", "p-found", 1)
    assert told == [OutgoingAccepted((one.pk,))]


@pytest.mark.parametrize("answer", [Outcome("unclear", code="timeout"), RuntimeError("a bug")])
def test_unclear_is_never_repeated_without_a_person(
    channel: Channel, platform: Platform, told: list[events.Event], answer: Any
) -> None:
    platform.answers.append(answer)
    one = put(channel)
    at = one.not_before
    for _ in range(10):
        with times.frozen(at):
            outbox.send_waiting()
            outbox.look_again()
        at += dt.timedelta(hours=1)
    one.refresh_from_db()
    assert (one.state, len(platform.heard), len(platform.looked)) == ("unclear", 1, 1 + outbox.MOST_LOOKS)
    assert told == [OutgoingUnclear((one.pk,))]


def test_a_person_settles_what_is_unclear(channel: Channel, platform: Platform, told: list[events.Event]) -> None:
    colleague = Colleague.objects.create(name="Sophie Brandt")
    for key, was_sent, state, heard in (("1", True, "accepted", 1), ("2", False, "accepted", 3)):
        platform.answers.append(Outcome("unclear", code="timeout"))
        one = put(channel, key=key)
        outbox.send_waiting()
        one.refresh_from_db()
        actions.resolve_unclear(one, ME, was_sent, colleague)
        outbox.send_waiting()
        one.refresh_from_db()
        assert (one.state, len(platform.heard)) == (state, heard)
    assert Outgoing.objects.get(key="1").finished_by == colleague


def test_a_platform_that_knows_our_key_is_simply_asked_again(channel: Channel, platform: Platform) -> None:
    platform.abilities = Abilities(idempotent=True)
    platform.answers.append(Outcome("unclear", code="timeout"))
    put(channel)
    outbox.send_waiting()
    with times.frozen(times.now() + dt.timedelta(minutes=2)):
        outbox.send_waiting()
    assert [heard.key for heard in platform.heard] == ["k", "k"]
    assert Outgoing.objects.get().state == "accepted"


def test_what_had_not_arrived_leaves_again(channel: Channel, platform: Platform) -> None:
    platform.answers.append(Outcome("unclear", code="dropped"))
    platform.found = Outcome("refused")
    put(channel)
    outbox.send_waiting()
    with times.frozen(times.now() + dt.timedelta(minutes=2)):
        outbox.send_waiting()
    assert (Outgoing.objects.get().state, len(platform.heard)) == ("accepted", 2)


def test_a_crash_after_the_fence_is_unclear_and_never_sent_again(
    channel: Channel, platform: Platform, told: list[events.Event]
) -> None:
    platform.answers.append(SystemExit("the worker was killed"))
    one = put(channel)
    at = one.not_before
    with times.frozen(at), pytest.raises(SystemExit):
        outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.fenced_at) == ("sending", at)
    with times.frozen(at + claiming.LEASE / 2):
        assert outbox.send_waiting() == 0
    with times.frozen(at + claiming.LEASE * 2):
        outbox.send_waiting()
        outbox.look_again()
        outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.outcome, len(platform.heard)) == ("unclear", "crashed", 1)
    assert told == [OutgoingUnclear((one.pk,))]


def test_a_late_outcome_of_an_attempt_given_up_changes_nothing(channel: Channel, platform: Platform) -> None:
    one = put(channel)
    (late,) = claiming.fence(1, lambda door: 1)
    assert late is not None
    with times.frozen(times.now() + claiming.LEASE * 2):
        outbox.send_waiting()
    one.refresh_from_db()
    actions.resolve_unclear(one, ME, was_sent=False)
    outbox.send_waiting()
    assert outcomes.store(late, Outcome("refused", code="quota_full")) is False
    one.refresh_from_db()
    assert one.state == "accepted"


def test_an_outcome_stands_even_if_a_listener_breaks_and_is_told_later(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[events.Event] = []

    def broken(event: events.Event) -> None:
        raise RuntimeError("a bug above")

    monkeypatch.setattr(outcomes, "emit", broken)
    one = put(channel)
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.is_told, outcomes.tell_again()) == ("accepted", False, 0)
    monkeypatch.setattr(outcomes, "emit", heard.append)
    assert (outcomes.tell_again(), outcomes.tell_again()) == (1, 0)
    assert heard == [OutgoingAccepted((one.pk,))]


def test_what_can_never_be_told_keeps_no_other_outcome_from_being_told(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    never, _other = (put(channel, key) for key in "ab")
    Outgoing.objects.update(state="accepted", is_told=False)

    def heard(event: events.Event) -> None:
        if event == OutgoingAccepted((never.pk,)):
            raise RuntimeError("a bug above")

    monkeypatch.setattr(outcomes, "emit", heard)
    monkeypatch.setattr(outcomes, "AT_ONCE", 1)
    assert any(outcomes.tell_again() for _ in range(40))
    assert list(Outgoing.objects.filter(is_told=False)) == [never]


def test_a_channel_that_cannot_be_noted_changes_no_outcome(
    channel: Channel, platform: Platform, told: list[events.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(moves: Any) -> None:
        raise OperationalError("deadlock")

    monkeypatch.setattr(outcomes, "_note_on_channels", busy)
    one = put(channel)
    assert outbox.send_waiting() == 1
    one.refresh_from_db()
    assert (one.state, one.is_told, told) == ("accepted", True, [OutgoingAccepted((one.pk,))])


def test_an_attempt_given_up_while_a_listener_broke_changes_nothing(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(channel)
    (late,) = claiming.fence(1, lambda door: 1)

    def broken(event: events.Event) -> None:
        raise RuntimeError("a bug above")

    monkeypatch.setattr(outcomes, "emit", broken)
    monkeypatch.setattr(outcomes.log, "exception", lambda *words: Outgoing.objects.update(fenced_at=times.now()))
    assert outcomes.store(late, Outcome("accepted", external_id="p")) is False
    assert Outgoing.objects.get().state == "sending"


def fenced_and_given_up(channel: Channel, at: dt.datetime) -> Outgoing:
    """An attempt whose call hangs until nobody believes in it any more."""
    put(channel, not_before=at)
    with times.frozen(at):
        (hanging,) = claiming.fence(1, lambda door: 1)
    with times.frozen(at + claiming.LEASE * 2):
        outbox._give_up_leases()
    assert Outgoing.objects.get().state == "unclear"
    return hanging


def test_what_an_old_attempt_hears_is_nothing_to_the_one_a_person_asked_for(
    channel: Channel, platform: Platform
) -> None:
    at = times.now()
    hanging = fenced_and_given_up(channel, at)
    with times.frozen(at + claiming.LEASE * 3):
        actions.resolve_unclear(Outgoing.objects.get(), ME, was_sent=False)
        assert len(claiming.fence(1, lambda door: 1)) == 1
    no = Outcome("refused", code="connection_refused", retry_at=at)
    assert outcomes.store(hanging, no) is False
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("sending", hanging.attempts)


@pytest.mark.parametrize(("state", "external_id"), [("accepted", "p"), ("refused", ""), ("by_hand", "")])
def test_what_a_platform_says_after_the_lease_is_true_while_nobody_has_decided(
    channel: Channel, platform: Platform, state: Any, external_id: str
) -> None:
    hanging = fenced_and_given_up(channel, times.now())
    assert outcomes.store(hanging, Outcome(state, external_id=external_id)) is True
    row = Outgoing.objects.get()
    assert (row.state, row.external_id) == (state, external_id)


def test_nothing_is_said_to_a_platform_that_the_lease_might_not_cover(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = default_storage.save("test/letter.txt", ContentFile(b"bytes"))
    entry = {"name": "Letter.txt", "content_type": "text/plain", "path": path}
    read, at = outbox._file, times.now()

    def slow(entry: dict[str, str]) -> OutgoingFile:
        monkeypatch.setattr(times, "now", lambda: at + claiming.LEASE / 2)
        return read(entry)

    monkeypatch.setattr(outbox, "_file", slow)
    monkeypatch.setattr(times, "now", lambda: at)
    put(channel, payload={"text": "Hi", "files": [entry]})
    outbox.send_waiting()
    row = Outgoing.objects.get()
    assert (row.state, row.outcome, platform.heard) == ("waiting", "late", [])


def test_a_storage_that_does_not_answer_is_asked_again(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(entry: dict[str, str]) -> OutgoingFile:
        raise OSError("no route")

    monkeypatch.setattr(outbox, "_file", away)
    put(channel, payload={"text": "Hi", "files": [{"name": "a", "content_type": "text/plain", "path": "a"}]})
    outbox.send_waiting()
    row = Outgoing.objects.get()
    assert (row.state, row.outcome, platform.heard) == ("waiting", "files_away", [])


def test_one_outcome_that_cannot_be_stored_takes_no_other_with_it(channel: Channel, platform: Platform) -> None:
    put(channel)
    outbox.send_waiting()
    done = Outgoing.objects.get()
    put(channel, key="2")
    (late,) = claiming.fence(1, lambda door: 1)
    accepted = Outcome("accepted", external_id="p")
    with pytest.raises(ExceptionGroup):
        outcomes.store_all([(done, accepted), (late, accepted)])
    assert Outgoing.objects.get(key="2").state == "accepted"


def test_mails_of_the_desk_wait_until_there_is_a_mail_account(db: None, platform: Platform) -> None:
    put(None)
    assert outbox.send_waiting() == 0
    assert Outgoing.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_thing_once_and_in_order(channel: Channel, platform: Platform) -> None:
    meeting = threading.Barrier(2)
    for number in range(40):
        put(channel, key=str(number), target={"to": number % 7})

    def work() -> None:
        meeting.wait()
        while outbox.send_waiting():
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    keys = [heard.key for heard in platform.heard]
    assert sorted(keys, key=int) == [str(number) for number in range(40)]
    for lane in range(7):
        mine = [int(key) for key in keys if int(key) % 7 == lane]
        assert mine == sorted(mine)
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"accepted"}
