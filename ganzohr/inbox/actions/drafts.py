"""What stands in the box, kept on the server as it is typed, so that no word is lost and nobody overwrites anybody."""

from __future__ import annotations

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.core.crypto import new_token
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Conversation, Draft
from ganzohr.ui.live import touch

MOST_EARLIER = 3


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
    other words into the box since; one's own words of another window give way. Words of somebody else that give way
    with the writer's knowledge are kept beside the box.
    """
    draft = _held(conversation, mode)
    _must_be_known(draft, text, by, revision)
    text = text if text.strip() else ""
    if draft.text != text:
        if not _is_by(draft, by):
            _keep_beside(draft, draft.text, draft.author)
        _write(draft, text, by, knows_message_id)
    return draft if text else None


def _held(conversation: Conversation, mode: str) -> Draft:
    """What is saved, nobody else's until the transaction ends."""
    Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation.pk).first()
    draft = Draft.objects.filter(conversation=conversation, mode=mode).select_related("author").first()
    return draft or Draft(conversation=conversation, mode=mode, revision=0)


def _must_be_known(draft: Draft, text: str, by: Colleague | None, revision: int) -> None:
    is_known = _is_by(draft, by) or draft.revision == revision
    if not is_known and draft.text.strip() not in ("", text.strip()):
        raise SavedByOthers(draft)


def _is_by(draft: Draft, by: Colleague | None) -> bool:
    return draft.author_id == (by.pk if by else None)


def _keep_beside(draft: Draft, text: str, author: Colleague | None) -> None:
    is_kept = author is not None and author.pk == draft.expert_id  # an expert's words are shown as theirs anyway
    if not text.strip() or is_kept:
        return
    who = {"author_id": author.pk if author else None, "name": author.name if author else ""}
    others = [one for one in draft.earlier if one["text"].strip() not in text]
    draft.earlier = [{"key": new_token()[:8], "text": text, **who}, *others][:MOST_EARLIER]


def _write(draft: Draft, text: str, by: Colleague | None, knows_message_id: int) -> None:
    draft.text, draft.author, draft.saved_at = text, by, now()
    draft.knows_message_id = knows_message_id or draft.knows_message_id
    draft.expert = draft.expert if text else None
    draft.revision += 1
    if text or draft.earlier:
        draft.save()
    elif draft.pk:
        draft.delete()
    note_drafts(draft.conversation)


def must_know_saved(conversation: Conversation, mode: str, text: str, by: Colleague | None, revision: int) -> None:
    """Raises `SavedByOthers` when somebody else saved other words than `text` since `revision`."""
    _must_be_known(_held(conversation, mode), text, by, revision)


@transaction.atomic
def take_theirs(conversation: Conversation, mode: str, text: str, by: Colleague | None) -> None:
    """What is saved stays in the box; `text` gives way to it and is kept beside."""
    draft = _held(conversation, mode)
    if draft.text:
        _keep_beside(draft, text, by)
        draft.save()
    elif text.strip():
        _write(draft, text, by, 0)


@transaction.atomic
def bring_back(conversation: Conversation, mode: str, key: str, text: str, by: Colleague | None, revision: int) -> None:
    """Earlier words stand in the box again, as their author's; `text`, which stood there, is kept beside.

    Raises `SavedByOthers` as `save_draft` does.
    """
    draft = _held(conversation, mode)
    _must_be_known(draft, text, by, revision)
    found = next((one for one in draft.earlier if one["key"] == key), None)
    if found is None:
        return
    draft.earlier = [one for one in draft.earlier if one["key"] != key]
    _keep_beside(draft, text, draft.author if draft.text == text else by)
    _write(draft, found["text"], Colleague.objects.filter(pk=found["author_id"]).first(), 0)


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
    draft = _held(conversation, mode)
    if not text.strip() or draft.text not in ("", text):
        return False
    draft.expert, draft.knows_message_id = expert, knows_message_id
    draft.revision -= draft.text == text  # whoever has these words open knows them
    _write(draft, text, author, knows_message_id)
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
