"""Messages were taken back where they were written: their words leave the inquiries and the mails that carried them."""

from __future__ import annotations

from ganzohr.audit import actions as audit
from ganzohr.inbox.events import MessagesDeleted
from ganzohr.inbox.models import GIVEN, Message
from ganzohr.inquiries import words
from ganzohr.inquiries.actions.asking import KIND, State, held, show, withdraw
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.letters import speaking_to


def deleted(event: MessagesDeleted) -> None:
    """The question loses these words, and so does everything that was sent with them (now).

    Where nothing is left of the question and nobody has answered yet, nobody needs to any more. Words that were edited
    since they were asked for, or put differently, go with the last that the person said.
    """
    for message in Message.objects.filter(pk__in=event.message_ids).exclude(text="").select_related("conversation"):
        said, stands = message.text.strip(), _stands(message, event)
        for pk in Inquiry.objects.filter(conversation=message.conversation_id).values_list("pk", flat=True):
            inquiry = held(pk)
            gone = said if said in inquiry.question else "" if stands else inquiry.question
            if gone:
                _forget(inquiry, gone)
                _end(inquiry, audit.by_candidate(message.conversation.contact_id))


def _stands(message: Message, event: MessagesDeleted) -> bool:
    theirs = Message.objects.filter(conversation=message.conversation_id, direction=Message.Direction.IN)
    others = theirs.filter(deleted_at=None, is_automatic=False).exclude(text="").exclude(GIVEN)
    return others.exclude(pk__in=event.message_ids).exists()


def _forget(inquiry: Inquiry, said: str) -> None:
    parts = inquiry.question.replace(said, "").split("\n\n")
    inquiry.question = "\n\n".join(part.strip() for part in parts if part.strip())
    inquiry.save(update_fields=["question"])
    if inquiry.colleague:
        with speaking_to(inquiry.colleague):
            notifications.forget_words(KIND, inquiry.pk, words.question(inquiry, inquiry.colleague))
    show(inquiry)


def _end(inquiry: Inquiry, actor: audit.Actor) -> None:
    if not inquiry.question and inquiry.state in (State.NEW, State.ASKED, State.ASKED_BACK, State.DECLINED):
        withdraw(inquiry.pk, actor)
