"""Doors of the desk to inquiries and to mails of colleagues. Experts come through their private page instead."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import NotAllowed, by_user
from ganzohr.directory.models import Colleague, colleague_of
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries import actions, lists
from ganzohr.inquiries.actions.asking import KIND
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail, ColleagueMailQuerySet
from ganzohr.topics.models import Topic
from ganzohr.ui.keyset import keyset, length
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, page


def _own_colleague(request: HttpRequest) -> Colleague | None:
    return colleague_of(user_of(request))


def _inquiry(request: HttpRequest, pk: int) -> Inquiry:
    rows = Inquiry.objects.visible_to(user_of(request))
    return get_object_or_404(rows.select_related("conversation", "colleague"), pk=pk)


def _conversation(request: HttpRequest, pk: int) -> Conversation:
    rows = Conversation.objects.visible_to(user_of(request))
    return get_object_or_404(
        rows.select_related("channel__hours", "channel__site__hours", "topic", "contact", "site"), pk=pk
    )


def _back(request: HttpRequest, conversation_id: int, text: str = "") -> HttpResponse:
    return done(request, reverse("inbox:conversation", args=[conversation_id]), text)


@require_safe
@role_required("reader")
def show_list(request: HttpRequest) -> HttpResponse:
    """What waits for colleagues and until when, what is ours, what is settled."""
    user, view = user_of(request), request.GET.get("view", "waiting")
    query = {name: request.GET.get(name, "") for name in ("colleague", "topic", "late")}
    found = lists.found(user, {**query, "view": view})
    piece = keyset(found, lists.order(view), request.GET.get("after", ""), length(request.GET))
    language = get_language() or "en"
    context = {"slice": piece, "view": view, "query": query, **lists.around(user, language)}
    for row in piece.rows:
        row.about = row.topic.name_in(language) if row.topic else ""  # type: ignore[attr-defined]
    partials = {"rows": "inquiries/_rows.html", "more-rows": "inquiries/_rows.html"}
    return page(request, "inquiries/list.html", {**context, "is_filtered": any(query.values())}, partials)


@require_POST
@role_required("manager")
def ask(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Ask the chosen colleague this question."""
    conversation = _conversation(request, conversation_id)
    colleague = _askable(request)
    question = request.POST.get("question", "").strip()
    if not question:
        messages.error(request, gettext("The question is empty; nobody was asked."))
        return _back(request, conversation.pk)
    return _ask(request, conversation, colleague, question)


def _askable(request: HttpRequest) -> Colleague:
    askable = Colleague.objects.filter(left_at=None).exclude(email="")
    return get_object_or_404(askable, pk=number(request.POST.get("colleague")))


def _ask(request: HttpRequest, conversation: Conversation, colleague: Colleague, question: str) -> HttpResponse:
    by, key = _own_colleague(request), request.POST.get("key", "")[:40]
    try:
        asked = actions.ask_by_hand(conversation, colleague, question, by_user(user_of(request)), by, key=key)
    except NotAllowed:
        asked = None
    if asked is None:
        messages.error(request, gettext("An answer is on its way already; nobody was asked."))
        return _back(request, conversation.pk)
    return _back(request, conversation.pk, gettext("%(name)s is asked.") % {"name": colleague.name})


@require_POST
@role_required("manager")
def triage(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Set the topic, learn it, ask."""
    conversation = _conversation(request, conversation_id)
    topic = get_object_or_404(Topic, pk=number(request.POST.get("topic")), archived_at=None)
    asked = actions.choose_topic_and_ask(conversation, topic, by_user(user_of(request)), _own_colleague(request))
    if asked is None:
        return _back(request, conversation.pk, gettext("The topic is set; nobody was asked."))
    return _back(
        request, conversation.pk, gettext("The topic is set; %(name)s is asked.") % {"name": asked.colleague.name}
    )


@require_POST
@role_required("manager")
def instead(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask somebody else: the deputy of a colleague whose mailbox answers by itself."""
    inquiry = _inquiry(request, pk)
    conversation = _conversation(request, inquiry.conversation_id)
    return _ask(request, conversation, _askable(request), inquiry.question)


@require_POST
@role_required("manager")
def now(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whoever answers the topic by now."""
    inquiry = _inquiry(request, pk)
    asked = actions.ask_now([inquiry.pk], by_user(user_of(request)), _own_colleague(request))
    if not asked:
        return _back(request, inquiry.conversation_id, gettext("Nobody to ask was found."))
    return _back(request, inquiry.conversation_id, gettext("%(name)s is asked.") % {"name": asked[0].colleague.name})


@require_POST
@role_required("manager")
def waiting(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Ask for all questions of a topic that found nobody."""
    user, topic = user_of(request), get_object_or_404(Topic, pk=topic_id)
    waiting = actions.waiting_for_somebody(user, topic).values_list("pk", flat=True)
    asked = actions.ask_now(list(waiting), by_user(user), _own_colleague(request))
    text = ngettext("%(n)d question is asked.", "%(n)d questions are asked.", len(asked)) % {"n": len(asked)}
    return done(
        request, reverse("topics:topic", args=[topic.pk]), text if asked else gettext("Nobody to ask was found.")
    )


@require_POST
@role_required("manager")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Reply to what the expert asked back."""
    inquiry, text = _inquiry(request, pk), request.POST.get("text", "").strip()
    key = f"desk:{pk}:{request.POST.get('key', '')[:40]}"
    if not text:
        return _back(request, inquiry.conversation_id)
    actions.reply_to_ask_back(inquiry.pk, text, _own_colleague(request), by_user(user_of(request)), key=key)
    return _back(request, inquiry.conversation_id, gettext("Your reply is on its way."))


@require_POST
@role_required("manager")
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail that asks, once more."""
    inquiry = _inquiry(request, pk)
    found = Ask.objects.filter(kind=KIND, subject_id=inquiry.pk, revoked_at=None).select_related("colleague").first()
    if found is None or inquiry.state != Inquiry.State.ASKED:
        return _back(request, inquiry.conversation_id, gettext("Nobody is asked at the moment."))
    key = f"again:{found.pk}:{request.POST.get('key', '')[:40]}"
    notifications.resend(found, by_user(user_of(request)), key=key)
    return _back(
        request, inquiry.conversation_id, gettext("The mail to %(name)s leaves again.") % {"name": found.colleague.name}
    )


@require_POST
@role_required("manager")
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """No answer is needed any more."""
    inquiry = _inquiry(request, pk)
    try:
        actions.withdraw(inquiry.pk, by_user(user_of(request)))
    except NotAllowed:
        return _back(request, inquiry.conversation_id, gettext("This inquiry is settled already."))
    return _back(request, inquiry.conversation_id, gettext("The inquiry is withdrawn; whoever was asked is told."))


@require_safe
@role_required("reader")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file an expert handed over, as a download that runs nowhere."""
    found = get_object_or_404(AskFile.objects.select_related("ask"), pk=pk, ask__kind=KIND)
    assert found.ask is not None
    _inquiry(request, found.ask.subject_id)
    try:
        stored = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(stored, as_attachment=True, filename=found.name, content_type=found.content_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer  # type: ignore[return-value]


@require_safe
@role_required("manager")
def colleague_mails(request: HttpRequest) -> HttpResponse:
    """Mails of colleagues that answer nothing we asked."""
    view = request.GET.get("view", "open")
    rows = _loose_mails(request).select_related("colleague", "channel")
    rows = rows.exclude(seen_at=None) if view == "seen" else rows.unseen()
    piece = keyset(rows, ["-received_at", "-id"], request.GET.get("after", ""), 30)
    asks = actions.asks_by_colleague([row.colleague_id for row in piece.rows])
    for row in piece.rows:
        row.asks = asks.get(row.colleague_id or 0, [])  # type: ignore[attr-defined]
    context = {"slice": piece, "view": view, "count": lists.open_mails(user_of(request))}
    partials = {"rows": "inquiries/_mails.html", "more-rows": "inquiries/_mails.html"}
    return page(request, "inquiries/colleague_mails.html", context, partials)


def _loose_mails(request: HttpRequest) -> ColleagueMailQuerySet:
    return ColleagueMail.objects.belonging_to_nothing().visible_to(user_of(request))


@require_POST
@role_required("manager")
def mail_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """This mail answers an inquiry that runs."""
    found = get_object_or_404(_loose_mails(request), pk=pk)
    chosen = next((one for one in actions.asks_of(found) if str(one.pk) == request.POST.get("ask")), None)
    if chosen is None:
        return _to_mails(request, gettext("That inquiry is settled; nothing was changed."))
    _inquiry(request, chosen.subject_id)
    actions.attach(found, chosen, by_user(user_of(request)))
    return _to_mails(request, gettext("The mail now belongs to the inquiry."))


def _to_mails(request: HttpRequest, text: str) -> HttpResponse:
    return done(request, reverse("inquiries:colleague_mails"), text)


@require_POST
@role_required("manager")
def mail_message(request: HttpRequest, pk: int) -> HttpResponse:
    """The colleague writes as a candidate: the mail goes to the inbox."""
    found = get_object_or_404(_loose_mails(request), pk=pk)
    if found.channel_id is None:
        messages.error(request, gettext("The mail channel it came by is gone; it stays here."))
        return done(request, reverse("inquiries:colleague_mails"))
    actions.pass_to_inbox(found, by_user(user_of(request)))
    return _to_mails(request, gettext("The mail is in the inbox."))


@require_POST
@role_required("manager")
def mail_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing needs to be done with it."""
    notifications.put_aside(get_object_or_404(_loose_mails(request), pk=pk), by_user(user_of(request)))
    return done(request, reverse("inquiries:colleague_mails"), gettext("Put aside."))
