"""Looking: the list, the filter, one conversation."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.inbox import actions
from ganzohr.inbox.composing import Composer
from ganzohr.inbox.forms import FilterForm
from ganzohr.inbox.listing import Listing
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inbox.opened import Opened, find
from ganzohr.ui.pages import page, wants_partial

PARTS = {
    "rows": "inbox/rows_live.html",
    "more-rows": "inbox/rows.html",
    "talk": "inbox/talk_live.html",
    "thread-in": "inbox/thread_live.html",
    "answer": "inbox/answer.html",
    "expert-words": "inbox/expert_words.html",
    "context-in": "inbox/context.html",
    "present": "inbox/present.html",
}


@require_safe
@role_required("reader")
def listing(request: HttpRequest) -> HttpResponse:
    """The list, nothing opened."""
    return page(request, "inbox/list_page.html", {"list": Listing(request, user_of(request))}, PARTS)


@require_safe
@role_required("reader")
def filtering(request: HttpRequest) -> HttpResponse:
    """Everything that can narrow the list."""
    shown = Listing(request, user_of(request))
    context = {"list": shown, "form": FilterForm(user_of(request), shown.filter), "part": "inbox/filter.html"}
    return page(request, "inbox/choice_page.html", context, {"dialog": "inbox/filter.html"})


@require_safe
@role_required("reader")
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation, with the list beside it; opening it reads it."""
    user = user_of(request)
    held = visible(user, pk)
    if held.is_unread and user.has_role("lead") and not wants_partial(request):
        actions.mark_read(held)
    return page(request, "inbox/talk_page.html", talk(request, held), PARTS)


@require_safe
@role_required("reader")
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail as it came, with quotes and signature."""
    mine = Conversation.objects.visible_to(user_of(request))
    message = get_object_or_404(
        Message.objects.select_related("conversation__contact", "conversation__handle", "conversation__channel"),
        pk=pk, direction="in", conversation__in=mine,
    )  # fmt: skip
    context = {"message": message, "conversation": message.conversation, "part": "inbox/original.html"}
    return page(request, "inbox/choice_page.html", context, {"dialog": "inbox/original.html"})


@require_safe
@role_required("reader")
def arrived(request: HttpRequest, channel_id: int, external_id: str) -> HttpResponse:
    """The conversation of what was entered a moment ago; until the worker took it in, a page that looks again."""
    mine = Conversation.objects.visible_to(user_of(request))
    message = Message.objects.filter(channel=channel_id, external_id=external_id, conversation__in=mine).first()
    if message:
        return redirect("inbox:conversation", message.conversation_id)
    return page(request, "inbox/arriving.html")


def visible(user: User, pk: int) -> Conversation:
    """The conversation, or 404 when there is none this user may see."""
    try:
        return find(user, pk)
    except Conversation.DoesNotExist as error:
        raise Http404 from error


def talk(request: HttpRequest, held: Conversation, **more: Any) -> dict[str, Any]:
    """What the conversation's templates need."""
    opened = Opened(user_of(request), held, is_whole="whole" in request.GET)
    return {
        "list": Listing(request, user_of(request), current=held.pk),
        "conversation": held,
        "opened": opened,
        "composer": Composer(opened, request.GET.get("mode", "reply")),
        "can_answer": user_of(request).has_role("lead"),
        **more,
    }
