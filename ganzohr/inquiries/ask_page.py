"""The expert's private page: the question, a big field, three ways out. Needs neither JavaScript nor an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date

from ganzohr.channels import stored
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.core.words import address, say
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.inbox.places import network_name, network_of
from ganzohr.inquiries import actions, facts, words
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications import actions as notifications
from ganzohr.notifications import files, private_page
from ganzohr.notifications.models import Ask
from ganzohr.notifications.private_page import Form
from ganzohr.ui import formats

Errors = dict[str, str]
LONGEST = 20_000
LONGEST_ABSENCE = dt.timedelta(days=400)
SETTLED = (Inquiry.State.APPROVED, Inquiry.State.ANSWERED)
OVER = (*SETTLED, Inquiry.State.WITHDRAWN)


def answer(request: HttpRequest, ask: Ask) -> HttpResponse:
    """The page, or what its form does."""
    rows = Inquiry.objects.select_related(
        "topic",
        "asked_by",
        "conversation__channel",
        "conversation__contact",
        "conversation__handle",
        "conversation__public_post",
        "conversation__assignee",
    )
    inquiry = rows.filter(pk=ask.subject_id).first()
    if inquiry is None:
        return private_page.draw("notifications/closed.html", {"reason": "revoked"}, status=410)
    if request.method != "POST":
        return _page(request, ask, inquiry, {})
    return _act(request, ask, inquiry)


def _act(request: HttpRequest, ask: Ask, inquiry: Inquiry) -> HttpResponse:
    form = private_page.read_form(request, ask)
    if form is None:
        return _page(
            request, ask, inquiry, {"form": say("This page was open for too long. Please send it once more.")}, 403
        )
    do = request.POST.get("do", "")
    if do == "draft":
        at = notifications.save_draft(ask, request.POST.get("answer", "")[:LONGEST])
        return HttpResponse(say("Saved at %(time)s", time=f"{formats.local(at):%H:%M}"), headers=private_page.HEADERS)
    doing = DOING.get(_meant(request) if do in ("", "enter") else do)
    if doing is None:
        return _page(request, ask, inquiry, {"form": say("Please press the button that says what you want.")}, 422)
    errors = doing(request, ask, form)
    if not errors:
        return private_page.again(request)
    if typed := request.POST.get("answer", "")[:LONGEST].strip():
        notifications.save_draft(ask, typed)  # so that it is still there when the page is opened anew
    return _page(request, ask, inquiry, errors, 422)


def _meant(request: HttpRequest) -> str:
    """Enter was pressed in a field, not a button: what it means if only one thing is filled in, else nothing."""
    filled = {"answer": "answer", "question": "ask_back", "who": "not_mine", "until": "away"}
    meant = [do for name, do in filled.items() if request.POST.get(name, "").strip()]
    return meant[0] if len(meant) == 1 else ""


def _source(request: HttpRequest, ask: Ask, form: Form) -> actions.Source:
    name = " ".join(request.POST.get("name", "").split())[:160] if ask.colleague.kind == Colleague.Kind.MAILBOX else ""
    return actions.Source("page", key=f"{ask.pk}.{form.nonce}", by_name=name, minutes=form.minutes, knows=form.knows)


def _unnamed(ask: Ask, source: actions.Source) -> Errors:
    """A shared mailbox says once who answers."""
    is_missing = ask.colleague.kind == Colleague.Kind.MAILBOX and not source.by_name
    return {"name": say("Please say who is answering.")} if is_missing else {}


def _answer(request: HttpRequest, ask: Ask, form: Form) -> Errors:
    source, text = _source(request, ask, form), request.POST.get("answer", "").strip()
    given = request.FILES.getlist("files")
    errors = {**_unnamed(ask, source), **_bad_files(given)}
    if not text and not given:
        errors["answer"] = say("There is no answer yet. A few words are enough.")
    if len(text) > LONGEST:
        errors["answer"] = say("This is too long; please send long texts as a file.")
    if errors:
        return errors
    try:
        _take(ask, text, source, given)
    except stored.NotStored:
        return {"files": say("Your files could not be kept just now. Please send it all once more in a moment.")}
    return {}


def _take(ask: Ask, text: str, source: actions.Source, given: Sequence[UploadedFile[Any]]) -> None:
    """The words with all their files, or nothing, so that sending again finds it all still to do."""
    files_ = [IncomingFile(file.name or "", "", file.read()) for file in given]
    with stored.in_one_transaction(files_):
        if actions.take_answer(ask, text, source):
            for file in files_:
                notifications.keep_file(file, ask=ask)


def _bad_files(given: Sequence[UploadedFile[Any]]) -> Errors:
    if len(given) > files.MOST_FILES:
        return {"files": say("Please send at most %(count)s files at once.", count=files.MOST_FILES)}
    for file in given:
        head = file.read()
        file.seek(0)
        if (file.size or 0) > files.LARGEST:
            return {"files": say("“%(name)s” is larger than 10 MB.", name=file.name)}
        if files.kind_of(head) is None:
            return {
                "files": say(
                    "We cannot take “%(name)s”. Documents, pictures, sound and films are fine.", name=file.name
                )
            }
    return {}


def _ask_back(request: HttpRequest, ask: Ask, form: Form) -> Errors:
    source, text = _source(request, ask, form), request.POST.get("question", "").strip()[:LONGEST]
    if not text:
        return {"question": say("Please write what you need to know.")}
    actions.ask_back(ask, text, source)
    return {}


def _not_mine(request: HttpRequest, ask: Ask, form: Form) -> Errors:
    actions.not_mine(ask, request.POST.get("who", "").strip()[:200], _source(request, ask, form))
    return {}


def _away(request: HttpRequest, ask: Ask, form: Form) -> Errors:
    try:
        until = parse_date(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or not facts.today() <= until <= facts.today() + LONGEST_ABSENCE:
        return {"until": say("Please choose the last day you are away, from today on.")}
    actions.away_until(ask, until, _source(request, ask, form))
    return {}


DOING: dict[str, Callable[[HttpRequest, Ask, Form], Errors]] = {
    "answer": _answer,
    "ask_back": _ask_back,
    "not_mine": _not_mine,
    "away": _away,
}


def _page(request: HttpRequest, ask: Ask, inquiry: Inquiry, errors: Errors, status: int = 200) -> HttpResponse:
    said = list(ExpertWords.objects.filter(ask=ask).order_by("id"))
    added = _added(inquiry)
    answers = [each for each in said if each.said == ExpertWords.Said.ANSWER]
    talk = [each for each in said if each.said in (ExpertWords.Said.ASK_BACK, ExpertWords.Said.REPLY)]
    post = inquiry.conversation.public_post
    context: dict[str, Any] = {
        "ask": ask, "inquiry": inquiry, "errors": errors, "title": _title(ask.colleague), "talk": talk, "added": added,
        "who": _who(inquiry.conversation), "network": network_of(inquiry.conversation), "helper": _helper(inquiry),
        "channel": inquiry.conversation.channel,
        "post": words.shortened(post.text) if post and post.text else "", "post_link": post.permalink if post else "",
        "form": private_page.new_form(ask, max([inquiry.knows_message_id, *(row.pk for row in added)])),
        "answer": answers[-1] if answers else None, "is_settled": inquiry.state in SETTLED,
        "is_gone": inquiry.state == Inquiry.State.WITHDRAWN, "posted": inquiry.approved_text,
        "files": ask.files.all() if answers else (), "accept": files.ACCEPT,
        "typed": _typed(request, ask, answers, inquiry.state in OVER),
        "is_mailbox": ask.colleague.kind == Colleague.Kind.MAILBOX, "today": facts.today(),
    }  # fmt: skip
    if context["is_mailbox"]:
        context["names"] = private_page.names_of(ask.colleague)
    return private_page.draw("inquiries/ask_page.html", context, status)


def _typed(request: HttpRequest, ask: Ask, answers: list[ExpertWords], is_over: bool) -> dict[str, str]:
    """What stands in the fields: what was just sent and not taken, else what was saved."""
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("answer", "question", "who", "until", "name")}
        return {**typed, "answer": typed["answer"] or ask.draft}  # a reload sends the old form once more
    text = ask.draft or (answers[-1].text if answers and not is_over else "")
    return {"answer": text, "name": ask.answered_by_name}


def _title(colleague: Colleague) -> str:
    if colleague.kind == Colleague.Kind.MAILBOX:
        return say("Can you answer this?")
    name = colleague.first_name if address() == "informal" else colleague.name
    return say("%(name)s, can you answer this?", name=name)


def _helper(inquiry: Inquiry) -> str:
    """Who makes the answer of it; empty: we."""
    colleague = inquiry.asked_by or inquiry.conversation.assignee
    return colleague.name if colleague else ""


def _who(conversation: Conversation) -> str:
    """`Lena, öffentlich über Instagram`; no more of the person than the first name."""
    name, channel = words.first_name(conversation) or say("Somebody"), network_name(conversation)
    if conversation.is_public:
        return say("%(name)s, in public on %(channel)s", name=name, channel=channel)
    return say("%(name)s on %(channel)s", name=name, channel=channel)


def _added(inquiry: Inquiry) -> list[Message]:
    """What the person added to the question since, the last five; nothing of the thread before it."""
    if inquiry.message_id is None or inquiry.state in SETTLED:
        return []
    rows = Message.objects.filter(
        conversation=inquiry.conversation_id,
        direction=Message.Direction.IN,
        pk__gt=inquiry.message_id,
        deleted_at=None,
        is_automatic=False,
    ).exclude(kind__in=[Kind.PRAISE, Kind.REACTION, Kind.NONSENSE])
    return [row for row in reversed(rows.order_by("-pk")[:5]) if row.text.strip()]
