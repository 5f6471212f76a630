"""The parts of the conversation's page that inquiries fill; each function draws one place."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import user_of
from ganzohr.core import times
from ganzohr.directory.models import Colleague
from ganzohr.inbox.checks import sends_on
from ganzohr.inbox.models import Conversation, Kind
from ganzohr.inquiries import facts, shown, steps, why
from ganzohr.inquiries.actions.asking import declined_by, expert_due, open_question, waiting_for_somebody
from ganzohr.inquiries.models import Inquiry
from ganzohr.inquiries.routing import Route
from ganzohr.topics.models import Responsibility, Topic
from ganzohr.ui import formats

State = Inquiry.State
MOST_COLLEAGUES = 300
MOST_WAITING = 200
MOST_ROUTED = 5  # enough to name whom


def context(request: HttpRequest, conversation: Conversation) -> SafeString:
    """The inquiry as steps, why this colleague, and what can be done now."""
    found = shown.of(request, conversation)
    if not found:
        return SafeString("")
    newest = found[0]
    values = {
        "shown": newest, "inquiry": newest.inquiry, "steps": steps.of(newest), "earlier": found[1:],
        "can_act": _can_act(request), "key": secrets.token_hex(8),
    }  # fmt: skip
    return SafeString(render_to_string("inquiries/context.html", values, request))


def waiting(request: HttpRequest, topic: Topic) -> SafeString:
    """On a topic's page: questions that found nobody, and one button once there is somebody to ask."""
    if not _can_act(request) or topic.archived_at:
        return SafeString("")
    rows = waiting_for_somebody(user_of(request), topic).select_related("conversation__site", "conversation__contact")
    found = list(rows.order_by("created_at")[:MOST_WAITING])
    if not found:
        return SafeString("")
    everybody = facts.staff()
    routes = [facts.routes(row.conversation, [topic], everybody)[topic.pk].colleague for row in found[:MOST_ROUTED]]
    who = {everybody.colleagues[pk].name for pk in routes if pk}
    values = {"topic": topic, "count": len(found), "who": sorted(who), "first": found[0]}
    return SafeString(render_to_string("inquiries/waiting.html", values, request))


def _now(one: shown.Shown) -> Colleague | None:
    """Whom routing names by now for a question that found nobody."""
    inquiry = one.inquiry
    if inquiry.state != State.NEW or inquiry.topic is None:
        return None
    everybody = facts.staff()
    route = facts.routes(inquiry.conversation, [inquiry.topic], everybody)[inquiry.topic.pk]
    return everybody.colleagues.get(route.colleague or 0)


def _instead(one: shown.Shown) -> Colleague | None:
    """Whom to ask when the colleague's mailbox answers by itself or the mail came back."""
    inquiry, everybody = one.inquiry, facts.staff()
    without = declined_by(inquiry) | {inquiry.colleague_id or 0}
    route: Route | None = facts.represented(inquiry.colleague, everybody, without) if inquiry.colleague else None
    if (route is None or route.colleague is None) and inquiry.topic:
        route = facts.routes(inquiry.conversation, [inquiry.topic], everybody, without)[inquiry.topic.pk]
    return everybody.colleagues.get(route.colleague) if route and route.colleague else None


def draft(request: HttpRequest, conversation: Conversation) -> SafeString:
    """The expert's words beside the box; what sends people on is marked."""
    found = shown.of(request, conversation)
    if not found or not found[0].versions or found[0].inquiry.state == State.WITHDRAWN:
        return SafeString("")
    newest = found[0]
    if _is_used_up(newest, conversation):
        return SafeString("")
    versions = [
        {
            "said": said,
            "parts": marked(said.text),
            "files": _files(newest, said),
            "another": newest.another_was_asked(said),
        }
        for said in newest.versions
    ]
    values = {"inquiry": newest.inquiry, "newest": versions[0], "older": versions[1:], "shown": newest}
    return SafeString(render_to_string("inquiries/draft.html", values, request))


def _is_used_up(one: shown.Shown, conversation: Conversation) -> bool:
    """The words became an answer that left or leaves: beside an empty box they would look like something to do."""
    if one.versions[0].is_late:
        return False
    is_on_its_way = one.inquiry.state == State.APPROVED and conversation.draft_at is None
    return is_on_its_way or one.inquiry.state == State.ANSWERED


def _files(one: shown.Shown, said: shown.Held) -> list[shown.Held]:
    return [file for file in one.files if file.ask == said.ask]


def marked(text: str) -> list[dict[str, Any]]:
    """Sentences, each with the words by which it sends people elsewhere, if it does."""
    sentences = re.split(r"(?<=[.!?])(\s+)|(\n+)", text)
    return [{"text": part, "sends": sends_on(part)} for part in sentences if part]


def ask(request: HttpRequest, conversation: Conversation) -> SafeString:
    """The tab that asks an expert: who is proposed and why, the question, by when, one button."""
    if not _can_act(request):
        return format_html(
            '<p class="quiet">{}</p>', gettext("Asking an expert needs the role of a community manager.")
        )
    found = shown.of(request, conversation)
    running = found[0].inquiry if found and found[0].is_running else None
    everybody = facts.staff()
    route = (
        facts.routes(conversation, [conversation.topic], everybody)[conversation.topic_id or 0]
        if conversation.topic
        else None
    )
    proposed = everybody.colleagues.get(route.colleague) if route and route.colleague else None
    values = {
        "conversation": conversation, "running": running, "proposed": proposed, "key": secrets.token_hex(8),
        "why": _why(conversation, route, everybody, proposed), "experts": _experts(everybody),
        "others": _others(everybody), "question": running.question if running else _question(conversation),
        "due_at": expert_due(conversation, conversation.topic),
    }  # fmt: skip
    return SafeString(render_to_string("inquiries/ask_tab.html", values, request))


def _question(conversation: Conversation) -> str:
    return "\n\n".join(row.text.strip() for row in open_question(conversation))


def _why(conversation: Conversation, route: Route | None, everybody: facts.Staff, who: Colleague | None) -> str:
    if route is None or conversation.topic is None:
        return ""
    site = conversation.site.name if conversation.site else ""
    topic = conversation.topic.name_in(get_language() or "en")
    return why.sentence(
        why.kept(route, everybody.colleagues, site), who.name if who else "", topic, conversation.language
    )


def _experts(everybody: facts.Staff) -> list[Colleague]:
    """Whoever answers some topic somewhere, by name."""
    topics = Topic.objects.filter(archived_at=None).order_by().values_list("responsible_id", "deputy_id")
    pairs = topics.union(Responsibility.objects.order_by().values_list("colleague_id", "deputy_id"))
    found = {pk for pair in pairs for pk in pair if pk in everybody.colleagues}
    return _by_name([everybody.colleagues[pk] for pk in found if everybody.colleagues[pk].email])


def _others(everybody: facts.Staff) -> list[Colleague]:
    """Everybody else, as long as a list is bearable."""
    askable = [row for row in everybody.colleagues.values() if row.email]
    return _by_name(askable) if len(askable) <= MOST_COLLEAGUES else []


def _by_name(rows: Sequence[Colleague]) -> list[Colleague]:
    return sorted(rows, key=lambda row: row.name.casefold())


def triage(request: HttpRequest, conversation: Conversation) -> SafeString:
    """What an inquiry needs of us now; else, where it is unsure what it is about, the three best topics."""
    found = shown.of(request, conversation)
    if found and found[0].needs_hand:
        newest = found[0]
        values = {
            "shown": newest, "inquiry": newest.inquiry, "can_act": _can_act(request), "key": secrets.token_hex(8),
            "instead": _instead(newest) if newest.trouble else None, "now": _now(newest),
        }  # fmt: skip
        return SafeString(render_to_string("inquiries/hands.html", values, request))
    return _offers(request, conversation, any(one.is_running for one in found))


def _offers(request: HttpRequest, conversation: Conversation, is_asked: bool) -> SafeString:
    """The three best topics, each button saying whom one press would ask."""
    choices = [pk for pk, _confidence in conversation.topic_choices[:3]]
    is_asking = conversation.kind in ("", Kind.QUESTION, Kind.OTHER) and conversation.unanswered_since is not None
    if conversation.topic_is_sure or is_asked or not is_asking or not choices or not _can_act(request):
        return SafeString("")
    topics = {topic.pk: topic for topic in Topic.objects.filter(pk__in=choices, archived_at=None)}
    everybody = facts.staff()
    routes = facts.routes(conversation, topics.values(), everybody)
    language = get_language() or "en"
    offers = [
        {"topic": topic, "name": topic.name_in(language), "who": everybody.colleagues.get(routes[pk].colleague or 0)}
        for pk in choices
        if (topic := topics.get(pk))
    ]
    return SafeString(
        render_to_string("inquiries/triage.html", {"conversation": conversation, "offers": offers}, request)
    )


def events(request: HttpRequest, conversation: Conversation) -> list[tuple[datetime, SafeString]]:
    """What happened with colleagues, as lines in the thread at their time."""
    found = [one for one in reversed(shown.of(request, conversation)) if one.ask]
    drawn = [SafeString(render_to_string("inquiries/event.html", {"row": _event(one)}, request)) for one in found]
    return [(one.ask.at, words) for one, words in zip(found, drawn, strict=True) if one.ask]


def _event(one: shown.Shown) -> SafeString:
    """`Karin Wöhlert wurde gefragt, 08:06. Der Entwurf kam 09:40.`"""
    assert one.ask is not None
    said, at = (one.versions[0] if one.versions else None), times.now()
    values = {"name": format_html("<b>{}</b>", one.ask.name), "asked": formats.clock(one.ask.at, at)}
    if one.ask.lies_here and said is None:
        return format_html(gettext("The question to {name} still lies here, since {asked}."), **values)
    if one.ask.state == "taken_back" and said is None:
        return format_html(gettext("The question to {name}, {asked}, was kept here."), **values)
    if said is None:
        return format_html(gettext("{name} was asked, {asked}."), **values)
    came = {"came": formats.clock(said.at, at), "who": said.by_name or said.name or ""}
    if said.colleague == one.ask.colleague and not said.by_name:
        return format_html(gettext("{name} was asked, {asked}. The draft came {came}."), **values, **came)
    return format_html(gettext("{name} was asked, {asked}. {who} sent the draft, {came}."), **values, **came)


def _can_act(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.has_role("manager")
