"""What stands in the box, kept on the server as it is typed, so that no word is lost and nobody overwrites anybody."""

from __future__ import annotations

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Conversation, Draft
from ganzohr.ui.live import touch


class SavedByOthers(Exception):
    """Somebody else saved other words meanwhile; `draft` holds them."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("saved by others")
        self.draft = draft


@transaction.atomic
def save_draft(
    conversation: Conversation, mode: str, text: str, by: Colleague | None, revision: int, *, knows_message_id: int = 0
) -> Draft | None:
    """Keep these words; the saved draft with its new revision, or None when the box is empty now.

    `revision` is the one the words were typed upon (0: an empty box). Raises `SavedByOthers` when somebody else put
    other words into the box since; one's own words of another window give way.
    """
    Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation.pk).first()
    draft = Draft.objects.filter(conversation=conversation, mode=mode).select_related("author").first()
    if draft and _is_of_others(draft, text, by, revision):
        raise SavedByOthers(draft)
    if not text.strip():
        if draft:
            draft.delete()
            note_drafts(conversation)
        return None
    if draft and draft.text == text:
        return draft
    draft = draft or Draft(conversation=conversation, mode=mode, revision=0)
    _write(draft, text, by, knows_message_id)
    note_drafts(conversation)
    return draft


def _is_of_others(draft: Draft, text: str, by: Colleague | None, revision: int) -> bool:
    is_mine = draft.author_id == (by.pk if by else None)
    return not is_mine and draft.revision != revision and draft.text.strip() not in ("", text.strip())


def _write(draft: Draft, text: str, by: Colleague | None, knows_message_id: int) -> None:
    draft.text, draft.author, draft.saved_at = text, by, now()
    draft.knows_message_id = knows_message_id or draft.knows_message_id
    draft.revision += 1
    draft.save()


def put_in_the_box(
    conversation: Conversation,
    text: str,
    author: Colleague | None,
    *,
    knows_message_id: int = 0,
    mode: str = "reply",
    expert: Colleague | None = None,
) -> bool:
    """Words that come from elsewhere go into an empty box; False when somebody's other words lie there already."""
    others = Draft.objects.filter(conversation=conversation, mode=mode).exclude(text__in=["", text])
    if not text.strip() or others.exists():
        return False
    Draft.objects.update_or_create(
        conversation=conversation,
        mode=mode,
        defaults={
            "text": text,
            "author": author,
            "expert": expert,
            "knows_message_id": knows_message_id,
            "saved_at": now(),
        },
    )
    note_drafts(conversation)
    return True


def note_drafts(conversation: Conversation) -> None:
    """Say on the conversation's row whether words lie in a box, and tell open pages."""
    newest = Draft.objects.filter(conversation=conversation).exclude(text="").order_by("-saved_at").first()
    had = Conversation.objects.filter(pk=conversation.pk).values_list("draft_at", flat=True).first()
    Conversation.objects.filter(pk=conversation.pk).update(draft_at=newest.saved_at if newest else None)
    touch(f"conversation:{conversation.pk}", *(["inbox"] if (had is None) != (newest is None) else []))


@transaction.atomic
def offer_expert_draft(conversation_id: int, text: str, colleague: Colleague, knows_message_id: int) -> bool:
    """An expert's words are here to be read; they fill the reply box when it is empty. Whether they did."""
    conversation = Conversation.objects.get(pk=conversation_id)
    Conversation.objects.filter(pk=conversation_id).update(expert_draft_at=now())
    is_filled = put_in_the_box(conversation, text, colleague, knows_message_id=knows_message_id, expert=colleague)
    if not is_filled:
        Draft.objects.filter(conversation=conversation, mode=Draft.Mode.REPLY).update(expert=colleague)
    touch("inbox", f"conversation:{conversation_id}")
    return is_filled


@transaction.atomic
def discard_draft(conversation: Conversation, mode: str, actor: audit.Actor) -> None:
    """Empty the box on purpose."""
    if Draft.objects.filter(conversation=conversation, mode=mode).delete()[0]:
        audit.record(actor, "discarded a draft", conversation, mode=mode)
        note_drafts(conversation)
