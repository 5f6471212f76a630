"""Taking back what was just done to a conversation: a signed word of what to put back, refused when things moved on."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from ganzohr.audit.actions import Actor, NotAllowed
from ganzohr.core.crypto import sign, unsign
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox import actions
from ganzohr.inbox.actions import gestures
from ganzohr.inbox.models import Conversation, Note
from ganzohr.topics.models import Topic

ONE_HOUR = 3600


def address(conversation: Conversation, verb: str, before: object = "", after: object = "") -> str:
    """Where a POST puts `before` back, as long as things still are as `after` says."""
    word = f"{verb}.{before if before is not None else ''}.{after if after is not None else ''}"
    return reverse("inbox:undo", args=[conversation.pk, sign(f"undo.{conversation.pk}", word)])


@transaction.atomic
def undo(conversation: Conversation, token: str, actor: Actor) -> None:
    """Put it back. Raises `NotAllowed` when the word is too old, forged, or somebody changed things since."""
    word = unsign(f"undo.{conversation.pk}", token, ONE_HOUR)
    if word is None:
        raise NotAllowed("too late")
    verb, before, after = word.split(".", 2)
    held = Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=conversation.pk)
    DOING[verb](held, before, after, actor)


def _assign(held: Conversation, before: str, after: str, actor: Actor) -> None:
    _expect(held.assignee_id, after)
    actions.assign(held, Colleague.objects.get(pk=before) if before else None, actor)


def _topic(held: Conversation, before: str, after: str, actor: Actor) -> None:
    _expect(held.topic_id, after)
    if before:
        actions.choose_topic(held, Topic.objects.get(pk=before), actor)
    else:
        actions.forget_topic(held, actor)


def _site(held: Conversation, before: str, after: str, actor: Actor) -> None:
    _expect(held.site_id, after)
    site = Site.objects.get(pk=before) if before else None
    actions.choose_site(held, site, actor, is_chosen=bool(site))


def _kind(held: Conversation, before: str, after: str, actor: Actor) -> None:
    _expect(held.kind, after)
    actions.choose_kind(held, before, actor)


def _state(held: Conversation, before: str, after: str, actor: Actor) -> None:
    """Back on the desk; the clock starts again where it stood."""
    _expect(held.state, after)
    actions.reopen(held, actor)
    actions.restart_clock(held)


def _close(held: Conversation, before: str, after: str, actor: Actor) -> None:
    _expect(held.state, after)
    actions.close(held, before, actor)


def _note(held: Conversation, before: str, after: str, actor: Actor) -> None:
    actions.remove_note(Note.objects.get(pk=after, conversation=held), actor)


def _restore(held: Conversation, before: str, after: str, actor: Actor) -> None:
    actions.restore_note(Note.objects.get(pk=after, conversation=held), actor)


def _gesture(held: Conversation, before: str, after: str, actor: Actor) -> None:
    if not gestures.take_back(held, int(after), actor):
        raise NotAllowed("it has left already")


def _expect(value: object, after: str) -> None:
    if str(value if value is not None else "") != after:
        raise NotAllowed("somebody changed it meanwhile")


DOING = {
    "assign": _assign, "topic": _topic, "site": _site, "kind": _kind, "state": _state, "close": _close, "note": _note,
    "restore": _restore, "gesture": _gesture,
}  # fmt: skip
