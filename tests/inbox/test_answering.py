"""An approved answer leaves once, can be taken back, and no word is lost when it does not leave."""

from __future__ import annotations

import datetime as dt

import pytest

from ganzohr.audit.models import Entry
from ganzohr.channels import actions as channels
from ganzohr.channels import outcomes
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import Outgoing
from ganzohr.core.times import frozen
from ganzohr.inbox import actions
from ganzohr.inbox.events import AnswersDelivered, AnswersFailed, AnswersQueued, AnswersTakenBack
from ganzohr.inbox.models import Conversation, Draft, Message, Note
from tests.inbox.story import NOW, Desk, is_held


def came_out(message: Message, outcome: Outcome) -> None:
    """The platform says something."""
    assert message.outgoing
    Outgoing.objects.filter(pk=message.outgoing.pk).update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(pk=message.outgoing.pk), outcome)


def test_an_approved_answer_waits_ten_seconds_and_knows_where_it_goes(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.save_draft(held, "reply", "Ja, das geht.", desk.sophie, 0)
    message = desk.answer(held)

    out = message.outgoing
    assert out
    assert (out.kind, out.channel, out.state) == ("answer", desk.mail, "waiting")
    assert out.not_before == NOW + dt.timedelta(seconds=10)
    assert out.target == {"to": "lena@example.org", "in_reply_to": "m1"}
    assert (out.payload["text"], out.payload["subject"]) == ("Ja, das geht. ^SB", "Re: Teilzeit")
    assert not Draft.objects.exists()
    held.refresh_from_db()
    assert (held.draft_at, held.unanswered_since is not None, held.is_unread) == (None, True, False)
    assert desk.told[-1] == AnswersQueued((message.pk,))


def test_a_double_click_is_one_act(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    first = desk.answer(held, key="same")
    second = desk.answer(held, key="same")

    assert first == second
    assert Outgoing.objects.count() == 1


def test_a_newer_message_must_be_seen_first(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    known = held.messages.get().pk
    desk.arrive(desk.say("Hat sich erledigt"))

    with pytest.raises(actions.NewerMessage):
        desk.answer(held, knows_message_id=known)
    assert not Outgoing.objects.exists()


def test_nothing_is_not_sent(desk: Desk) -> None:
    held = desk.arrive(desk.say())

    with pytest.raises(actions.NothingToSend):
        desk.answer(held, "  \n ")


def test_an_answer_taken_back_lies_in_the_box_again(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)

    assert actions.take_back(message, desk.actor)
    assert Draft.objects.get().text == "Ja, das geht."
    assert desk.told[-1] == AnswersTakenBack((message.pk,))
    held.refresh_from_db()
    assert held.draft_at == NOW
    assert not actions.take_back(message, desk.actor)


def test_the_row_stands_again_where_it_stood_before_an_answer_that_was_taken_back(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    before = (held.last_activity_at, held.last_message_id)
    actions.take_back(desk.answer(held), desk.actor)
    held.refresh_from_db()

    assert (held.last_activity_at, held.last_message_id) == before


def test_words_typed_meanwhile_are_not_overwritten_by_a_take_back(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    actions.save_draft(held, "reply", "Und noch etwas", desk.sophie, 0)
    actions.take_back(message, desk.actor)

    assert Draft.objects.get().text == "Und noch etwas"


def test_taken_back_words_that_find_no_room_in_the_box_are_kept_as_a_note(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    actions.save_draft(held, "reply", "Und noch etwas", desk.jonas, 0)
    actions.save_draft(held, "note", "Halb getippt", desk.jonas, 0)
    actions.take_back(message, desk.actor)

    note = Note.objects.get()
    assert (note.conversation, note.author) == (held, desk.sophie)
    assert note.text == "These words did not leave: Ja, das geht."
    assert [draft.text for draft in Draft.objects.order_by("mode")] == ["Halb getippt", "Und noch etwas"]


def test_words_changed_after_a_refusal_are_not_kept_twice(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    came_out(desk.answer(held), Outcome("refused", code="quota_full"))
    actions.save_draft(held, "reply", "Ja, ab 75 Prozent.", desk.sophie, 1)
    better = desk.answer(held, "Ja, ab 75 Prozent.")
    actions.take_back(better, desk.actor)

    assert [draft.text for draft in Draft.objects.all()] == ["Ja, ab 75 Prozent."]
    assert not Note.objects.exists()


def test_the_expert_stays_with_words_that_did_not_leave(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    taken = desk.answer(held, "Ja, ab 75 Prozent.", expert=desk.karin)
    actions.take_back(taken, desk.actor)
    assert Draft.objects.get().expert == desk.karin

    refused = desk.answer(held, "Ja, ab 75 %.", expert=desk.karin)
    came_out(refused, Outcome("refused", code="quota_full"))
    assert Draft.objects.get().expert == desk.karin


@pytest.mark.django_db(transaction=True)
def test_nothing_comes_in_unseen_while_an_answer_settles_the_clock(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    met: list[bool] = []
    monkeypatch.setattr("ganzohr.inbox.actions.outcomes._note_delivery", lambda one: met.append(is_held(held)))
    came_out(message, Outcome("accepted"))
    assert met == [True]


def test_what_was_accepted_stops_the_clock(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    with frozen(NOW + dt.timedelta(seconds=11)):
        came_out(message, Outcome("accepted", external_id="<sent@auental.example>"))

    held.refresh_from_db()
    message.refresh_from_db()
    assert (held.unanswered_since, held.due_at, held.failed_at) == (None, None, None)
    assert held.first_answered_at == message.provider_at == NOW + dt.timedelta(seconds=11)
    assert message.external_id == "<sent@auental.example>"
    assert desk.told[-1] == AnswersDelivered((message.pk,))


def test_a_question_asked_while_the_answer_left_keeps_the_clock(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    later = desk.say("Und der Urlaub?")
    desk.arrive(later)
    came_out(message, Outcome("accepted"))

    held.refresh_from_db()
    assert held.unanswered_since == later.provider_at


def test_after_a_refusal_the_text_is_still_in_the_box_and_the_clock_runs(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    due = held.due_at
    message = desk.answer(held)
    came_out(message, Outcome("refused", code="quota_full"))

    held.refresh_from_db()
    assert (held.failed_at, held.due_at) == (NOW, due)
    assert Draft.objects.get().text == "Ja, das geht."
    assert desk.told[-1] == AnswersFailed((message.pk,))


def test_sent_again_the_box_is_empty_and_nothing_is_doubled(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    came_out(message, Outcome("refused", code="quota_full"))
    channels.send_again(Outgoing.objects.get(), desk.actor)
    came_out(message, Outcome("accepted"))

    held.refresh_from_db()
    assert (held.failed_at, held.draft_at, held.unanswered_since) == (None, None, None)
    assert (Outgoing.objects.count(), Draft.objects.count()) == (1, 0)


def test_a_refused_answer_that_stays_here_asks_nobody_to_send_it_again(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message, other = desk.answer(held), desk.answer(held, "Und noch etwas.")
    came_out(other, Outcome("unclear", code="timeout"))
    came_out(message, Outcome("refused", code="target_gone"))
    states = []
    for one in (message, other):
        Outgoing.objects.filter(pk=one.outgoing_id or 0, state="unclear").update(state="refused")
        actions.take_back(one, desk.actor)
        held.refresh_from_db()
        states.append((held.failed_at, held.failed_how))
    assert states == [(NOW, "unclear"), (None, "unclear")]


def test_a_new_answer_lays_the_refused_one_aside(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    refused = desk.answer(held)
    came_out(refused, Outcome("refused", code="quota_full"))
    better = desk.answer(held, "Ja, ab 75 Prozent.")

    refused.refresh_from_db()
    assert refused.outgoing.state == "taken_back"  # type: ignore[union-attr]
    assert better.outgoing.state == "waiting"  # type: ignore[union-attr]
    assert not Draft.objects.exists()


def test_unclear_is_shown_and_a_person_decides(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    came_out(message, Outcome("unclear", code="timeout"))
    held.refresh_from_db()
    assert held.failed_at == NOW

    message.refresh_from_db()
    channels.resolve_unclear(message.outgoing, desk.actor, was_sent=True)  # type: ignore[arg-type]
    settled = Conversation.objects.get(pk=held.pk)
    assert (settled.failed_at, settled.unanswered_since) == (None, None)


def test_what_is_posted_by_hand_is_settled_when_somebody_says_so(desk: Desk) -> None:
    held = desk.comment()
    message = desk.answer(held)
    came_out(message, Outcome("by_hand"))
    held.refresh_from_db()
    assert held.unanswered_since is not None

    message.refresh_from_db()
    channels.confirm_by_hand(message.outgoing, desk.actor, desk.sophie, "https://www.instagram.com/p/1/c/2")  # type: ignore[arg-type]
    settled = Conversation.objects.get(pk=held.pk)
    assert (settled.unanswered_since, settled.first_answered_at) == (None, NOW)


def test_a_private_word_to_a_comment_is_a_conversation_of_its_own_and_settles_both(desk: Desk) -> None:
    public = desk.comment()
    message = desk.answer(public, "Schreib ich dir privat.", mode="private")

    assert message.conversation.linked_to == public
    assert (message.visibility, message.conversation.is_public) == ("private", False)
    assert message.outgoing.target["visibility"] == "private"  # type: ignore[union-attr]
    came_out(message, Outcome("by_hand"))
    message.refresh_from_db()
    channels.confirm_by_hand(message.outgoing, desk.actor, desk.sophie)  # type: ignore[arg-type]
    assert not Conversation.objects.filter(unanswered_since__isnull=False).exists()


def test_a_private_talk_that_begins_twice_at_once_is_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    public = desk.comment()
    begun: list[Conversation] = []

    def while_somebody_else_begins_it() -> dt.datetime:
        if not begun:
            begun.append(
                Conversation.objects.create(
                    channel=public.channel, handle=public.handle, contact=public.contact, linked_to=public,
                    last_activity_at=NOW, created_at=NOW,
                )
            )  # fmt: skip
        return NOW

    monkeypatch.setattr("ganzohr.inbox.actions.answering.now", while_somebody_else_begins_it)
    message = desk.answer(public, "Schreib ich dir privat.", mode="private")
    assert [message.conversation] == begun


def test_a_promise_settles_nothing_and_comes_back_in_the_morning(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = actions.promise(held, "Ich melde mich morgen.", by=desk.sophie, actor=desk.actor, key="p")
    came_out(message, Outcome("accepted"))

    held.refresh_from_db()
    assert held.state == "snoozed"
    assert held.snoozed_until == dt.datetime(2026, 11, 25, 7, 0, tzinfo=dt.UTC)
    assert (held.unanswered_since is not None, held.first_answered_at) == (True, None)
    with frozen(held.snoozed_until):
        assert actions.wake() == 1
    held.refresh_from_db()
    assert held.state == "open"


def test_a_promise_taken_back_leaves_the_conversation_on_the_desk(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = actions.promise(held, "Ich melde mich morgen.", by=desk.sophie, actor=desk.actor, key="p")
    actions.take_back(message, desk.actor)

    held.refresh_from_db()
    assert (held.state, held.draft_at) == ("open", None)


def test_an_experts_words_fill_an_empty_box_and_sign_the_answer(desk: Desk) -> None:
    desk.karin.may_be_named, desk.karin.role_title = True, "Pflegeschule"
    desk.karin.save()
    desk.mail.signature = "expert"
    desk.mail.save()
    held = desk.arrive(desk.say())

    assert actions.offer_expert_draft(held.pk, "Ja, ab 75 Prozent.", desk.karin, held.last_message_id)
    actions.save_draft(held, "reply", "Ja, ab 75 %.", desk.sophie, 1)
    draft = Draft.objects.get()
    assert (draft.author, draft.expert, draft.revision) == (desk.sophie, desk.karin, 2)
    message = desk.answer(held, draft.text, expert=draft.expert)
    assert message.text == "Ja, ab 75 %.\n\nKarin, Pflegeschule"
    held.refresh_from_db()
    assert held.expert_draft_at is None


def test_an_experts_words_never_overwrite_ours(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.save_draft(held, "reply", "Meine Worte", desk.sophie, 0)

    assert not actions.offer_expert_draft(held.pk, "Andere Worte", desk.karin, 0)
    held.refresh_from_db()
    assert (Draft.objects.get().text, held.expert_draft_at) == ("Meine Worte", NOW)


def test_two_people_do_not_overwrite_each_other(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.save_draft(held, "reply", "Von Sophie", desk.sophie, 0)

    with pytest.raises(actions.SavedByOthers) as error:
        actions.save_draft(held, "reply", "Von Jonas", desk.jonas, 0)
    assert error.value.draft.text == "Von Sophie"
    mine = actions.save_draft(held, "reply", "Von Jonas, nach dem Lesen", desk.jonas, 1)
    assert mine
    assert (mine.revision, mine.author) == (2, desk.jonas)
    assert actions.save_draft(held, "reply", " ", desk.jonas, 2) is None


def test_everything_done_stands_in_the_trail_without_the_words(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held, "Streng vertraulich")
    actions.take_back(message, desk.actor)

    verbs = [entry.verb for entry in Entry.objects.filter(actor_kind="user").order_by("id")]
    assert verbs == ["approved an answer", "moved to taken_back", "took an answer back"]
    assert not [entry for entry in Entry.objects.all() if "vertraulich" in str(entry.data)]


def test_of_two_people_who_approve_one_question_only_the_first_is_sent(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    seen = held.last_message_id
    desk.answer(held, "Ja.", seen_message_id=seen)
    with pytest.raises(actions.AnsweredMeanwhile):
        desk.answer(held, "Nein.", by=desk.jonas, seen_message_id=seen)
    assert [row.text for row in held.messages.filter(direction="out")] == ["Ja. ^SB"]
    held.refresh_from_db()
    desk.answer(held, "Und noch etwas.", by=desk.jonas, seen_message_id=held.last_message_id)
    assert held.messages.filter(direction="out").count() == 2


def test_an_answer_taken_back_stands_in_nobodys_way(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    seen = held.last_message_id
    actions.take_back(desk.answer(held, "Ja.", seen_message_id=seen), desk.actor)
    assert desk.answer(held, "Doch.", seen_message_id=seen).text.startswith("Doch.")


@pytest.mark.parametrize("state", ["refused", "unclear"])
def test_what_did_not_leave_never_leaves_after_the_person_wrote_again(desk: Desk, state: str) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held, "Ja.")
    Outgoing.objects.update(state=state)
    desk.arrive(desk.say("Hat sich erledigt, danke."))
    message.refresh_from_db()
    again = {
        "refused": lambda: channels.send_again(Outgoing.objects.get(), desk.actor),
        "unclear": lambda: channels.resolve_unclear(Outgoing.objects.get(), desk.actor, was_sent=False),
    }
    with pytest.raises(channels.StaysHere, match="the person wrote since"):
        again[state]()
    assert Outgoing.objects.get().state == "refused"


def test_an_unclear_answer_never_leaves_after_a_newer_one(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    old = desk.answer(held, "Ja.")
    Outgoing.objects.update(state="unclear")
    desk.answer(held, "Doch nicht.")
    with pytest.raises(channels.StaysHere, match="answered meanwhile"):
        channels.resolve_unclear(Outgoing.objects.get(message=old), desk.actor, was_sent=False)
    assert Outgoing.objects.get(message=old).state == "refused"


@pytest.mark.parametrize(("kind", "is_deleted"), [("praise", False), ("question", True)])
def test_thanks_or_a_word_taken_back_while_the_answer_leaves_starts_no_clock(
    desk: Desk, kind: str, is_deleted: bool
) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held, "Ja.")
    desk.arrive(desk.say("Danke!"))
    Message.objects.filter(text="Danke!").update(kind=kind, deleted_at=NOW if is_deleted else None)
    channel_says = Outcome("accepted", external_id="x1")
    came_out(message, channel_says)
    held.refresh_from_db()
    assert (held.due_at, held.unanswered_since is None) == (None, is_deleted)
