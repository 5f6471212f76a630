"""Words a platform approved beforehand, sent when nothing else may leave any more."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import actions as channels
from ganzohr.channels.models import MessageTemplate
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox.actions.answering import (
    TAKE_BACK,
    CannotLeave,
    NobodyToAnswer,
    NothingToSend,
    lay_aside_refused,
    locked,
    newest_inbound,
)
from ganzohr.inbox.models import Conversation, Message
from ganzohr.ui.live import touch

VALUE = re.compile(r"\{\{\s*([^{}]{1,60}?)\s*\}\}")


def filled(template: MessageTemplate, values: Mapping[str, str]) -> str:
    """What the person reads. A value not given yet stays what the platform wrote in its place."""
    given = {name: " ".join(value.split()) for name, value in values.items()}
    return VALUE.sub(lambda found: given.get(found[1]) or found[0], template.body)


@transaction.atomic
def send_template(
    conversation: Conversation, template: MessageTemplate, values: Mapping[str, str], *, by: Colleague, actor: Actor,
    key: str,
) -> Message:  # fmt: skip
    """Send an approved template with these values; it leaves in ten seconds, once per `key`.

    Raises `CannotLeave` when they asked for nothing more or the platform has not approved it, `NothingToSend` while a
    value is missing, `NobodyToAnswer` when nobody ever wrote here.
    """
    held = locked(conversation)
    key = f"template:{held.pk}:{key}"[:120]
    done = Message.objects.filter(outgoing__key=key).first()
    if done:
        return done
    asked = newest_inbound(held)
    if asked is None:
        raise NobodyToAnswer
    if held.has_stopped:
        raise CannotLeave("stopped")
    if template.channel_id != held.channel_id or not template.is_approved:
        raise CannotLeave("not_approved")
    if not all(values.get(name, "").strip() for name in template.values):
        raise NothingToSend
    lay_aside_refused(held, actor)
    message = _send(held, asked, template, values, by, key)
    seen = {"last_message_id": message.pk, "last_activity_at": message.provider_at, "read_until_id": message.pk}
    Conversation.objects.filter(pk=held.pk).update(**seen, failed_at=None)
    audit.record(actor, "sent a template", held, message=message.pk, template=template.name)
    touch("inbox", f"conversation:{held.pk}")
    return message


def _send(
    held: Conversation, asked: Message, template: MessageTemplate, values: Mapping[str, str], by: Colleague, key: str
) -> Message:
    at, text = now(), filled(template, values)
    outgoing = channels.enqueue(
        channel=held.channel,
        kind="template",
        target=asked.target,
        payload={"text": text, "visibility": "private", "by_person": True, "template": _named(template, values)},
        key=key,
        not_before=at + TAKE_BACK,
        lane=f"conversation:{held.pk}",
        site_id=held.site_id,
    )
    return Message.objects.create(
        conversation=held, channel_id=held.channel_id, direction=Message.Direction.OUT, visibility="private",
        author=by, text=text, language=template.language[:2], outgoing=outgoing, answers=asked, understood_at=at,
        provider_at=at, received_at=at,
    )  # fmt: skip


def _named(template: MessageTemplate, values: Mapping[str, str]) -> dict[str, object]:
    """As connectors read it: numbered values as a list in the order of their numbers, named ones as a table."""
    given = {name: " ".join(values[name].split()) for name in template.values}
    are_numbered = all(name.isdecimal() for name in given)
    put = [given[name] for name in sorted(given, key=int)] if are_numbered else given
    return {"name": template.name, "language": template.language, "values": put}
