"""Earlier answers of ours that could be said again: never with another person's name or affair in them."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from ganzohr.accounts.models import User
from ganzohr.inbox.models import Conversation, Kind, Message

NEWEST, PLACES, LOOKED_AT, PROPOSED = 200, 30, 24, 3
HAIL = (
    r"(?i:hallo|hi|hey|guten (?:tag|morgen|abend)|moin|servus|liebe[rs]?|sehr geehrte[rs]?|hoi|beste|geachte|dag|"
    r"goede(?:morgen|middag|avond)|hello|dear)\b[^,.!\n]{0,40}[,.!]"
)
TITLED = (
    r"(?:Frau|Herr|Familie|[Mm]evrouw|[Mm]eneer|[Mm]r|[Mm]rs|[Mm]s|Dr)\b\.?"
    r"(?:[ ](?:[^\W\d_a-z][\w'’.-]*|von|van|de|der|den|zu)){1,4}[,!]"
)
GREETING = re.compile(rf"^\s*(?:(?:{HAIL}|{TITLED})\s*)+")
SORRY = re.compile(
    r"\b(?:tut (?:es )?(?:uns|mir) [^.!?\n]{0,20}?\bleid|entschuldig\w*|verzeih\w*|spijt (?:ons|me|het)|excuses|sorry|"
    r"apolog\w+)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]{2,}")


def proposals(user: User, here: Conversation) -> list[Message]:
    """The last delivered answers on the same topic in the same language that fit anybody: none that answers a
    complaint or says sorry, none that names whom it was written to, and in public none that was said in private."""
    if not here.topic_id or not here.language:
        return []
    different: dict[str, Message] = {}
    for row in _delivered(_answered(user, here), is_public=here.is_public)[:LOOKED_AT]:
        if not _is_for_one(row):
            different.setdefault(row.original or row.text, row)
    return list(different.values())[:PROPOSED]


def _answered(user: User, here: Conversation) -> list[int]:
    """Where this was last answered in this language, among the newest of the topic in each state: a topic of years
    holds tens of thousands, and its index knows neither language nor answers."""
    topic = Conversation.objects.filter(topic=here.topic).order_by("-last_activity_at", "-id").values("pk")
    first, *rest = (topic.filter(state=state)[:NEWEST] for state in Conversation.State.values)
    places = Conversation.objects.visible_to(user).filter(pk__in=first.union(*rest, all=True), language=here.language)
    answered = places.filter(first_answered_at__isnull=False).exclude(pk=here.pk)
    return list(answered.order_by("-last_activity_at", "-id").values_list("pk", flat=True)[:PLACES])


def _delivered(places: list[int], *, is_public: bool) -> QuerySet[Message]:
    """By the numbers themselves: of a subquery the planner thinks that it may name half of all messages."""
    rows = Message.objects.filter(
        conversation_id__in=places, direction="out", is_automatic=False, outgoing__state="accepted"
    )
    if is_public:
        rows = rows.filter(visibility="public")
    asked = Q(conversation__kind=Kind.COMPLAINT) | Q(answers__kind=Kind.COMPLAINT)
    linked = Q(conversation__linked_to__kind=Kind.COMPLAINT) | Q(answers__conversation__kind=Kind.COMPLAINT)
    rows = rows.exclude(asked | linked)
    return rows.select_related("author", "conversation__contact", "conversation__handle").order_by("-id")


def _is_for_one(message: Message) -> bool:
    """Whether it says sorry, or names beyond the greeting whom it was written to."""
    if SORRY.search(message.text):
        return True
    whom = message.conversation
    named = {word.casefold() for word in WORD.findall(f"{whom.contact.name} {whom.handle.name}")}
    said = (word for word in WORD.findall(without_greeting(message)) if word[0].isupper())
    return any({one, one.removesuffix("s")} & named for one in map(str.casefold, said))


def without_greeting(message: Message) -> str:
    """An earlier answer without the other person's name and without its signature."""
    return GREETING.sub("", message.original or message.text).strip()
