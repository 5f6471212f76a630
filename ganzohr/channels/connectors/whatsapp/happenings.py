"""What WhatsApp tells beside messages: how ours fared, calls, wishes, and news about our account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.connectors.meta import codes
from ganzohr.channels.connectors.meta.values import moment, part, text, text_id
from ganzohr.channels.connectors.whatsapp import messages, people
from ganzohr.channels.connectors.whatsapp.messages import Place, Values, first, made_up

ANSWERED = ("ACCEPTED", "CONNECTED")
GIVEN: Mapping[str, bool] = {"resume": True, "signup": True, "start": True, "stop": False}

# Of `account_update`: what keeps us from writing. Everything else is news without a problem.
PROBLEMS: Mapping[str, str] = {
    "ACCOUNT_RESTRICTION": "page_restricted",
    "DISABLED_UPDATE": "page_restricted",
    "ACCOUNT_DELETED": "number_offline",
    "ACCOUNT_OFFBOARDED": "number_offline",
    "PARTNER_REMOVED": "app_removed",
    "PARTNER_APP_UNINSTALLED": "app_removed",
}
FLAGS = ("FLAGGED", "DOWNGRADE")
WELL_AGAIN = ("ACCOUNT_RECONNECTED", "DISABLED_UPDATE", "UNFLAGGED", "UPGRADE")
ACCOUNT_FIELDS = frozenset(
    (
        "account_update", "account_alerts", "account_review_update", "account_settings_update",
        "business_capability_update", "business_status_update", "phone_number_quality_update",
        "phone_number_name_update", "security", "partner_solutions", "payment_configuration_update",
        "message_template_status_update", "message_template_quality_update", "message_template_components_update",
        "template_category_update", "template_correct_category_detection", "template_performance_metrics",
        "messaging_limit_update", "user_id_update_settings", "automatic_events", "tracking_events",
    )
)  # fmt: skip


def status(place: Place, told: Values) -> Incoming:
    """How one of our messages fared. `headers["key"]` is our own key, which may settle an unclear sending."""
    id_, word = text_id(told.get("id")), text(told, "status").lower()[:40]
    member = text_id(told.get("recipient_participant_user_id")) or text_id(told.get("recipient_participant_id"))
    person, error = people.recipient(place.value, told), first(told, "errors")
    headers = {
        "status": word,
        "key": text(told, "biz_opaque_callback_data")[:300],
        "code": codes.code_of(error) if error else "",
        "detail": codes.detail_of(error) if error else "",
        "category": text(part(told, "pricing"), "category")[:40],
        "form": "call" if text(told, "type") == "call" else "",
        "member": member,
    }
    return Incoming(
        what="status",
        external_id=":".join(one for one in (id_ or made_up(told), word, member) if one)[:300],
        sender_id=person.id,
        provider_at=moment(told.get("timestamp")) or place.at,
        reply_to=id_,
        headers={name: one for name, one in headers.items() if one},
        account=place.account,
        also_known_as=person.others,
    )


def call(place: Place, told: Values) -> Incoming:
    """A call. When somebody called and it ended unanswered, that is a message; all else is how the call fares.

    The call's id is the message's id, so the end of a call told twice is one message.
    """
    is_ours = text(told, "direction").upper() == "BUSINESS_INITIATED"
    if not is_ours and text(told, "event").lower() == "terminate" and not _was_taken(told):
        found = messages.received(place, {**told, "type": "call"})
        headers = {name: one for name, one in found.headers.items() if name not in ("type", "code", "detail")}
        target = {name: one for name, one in found.target.items() if name != "message_id"}  # a call cannot be quoted
        return replace(found, headers={**headers, "form": "missed_call"}, target=target)
    word = {"connect": "ringing", "terminate": "ended"}.get(text(told, "event").lower(), text(told, "event", "status"))
    side = {"recipient_id": told.get("to" if is_ours else "from"), "status": word, "type": "call"}
    return status(place, {**told, **side})


def _was_taken(told: Values) -> bool:
    """A call that was taken lasted; some that failed bring the moment they began and ended."""
    begin, end, word = text_id(told.get("start_time")), text_id(told.get("end_time")), text(told, "status").upper()
    lasted = text_id(told.get("duration")) not in ("", "0")
    return lasted or word in ANSWERED or (word != "FAILED" and begin not in ("", end))


def preference(place: Place, told: Values) -> Incoming:
    """A wish about advertising: somebody stopped it or wants it again."""
    person, word = people.writer(place.value, told), text(told, "value").lower()[:40]
    category, at = text(told, "category")[:60] or "marketing_messages", moment(told.get("timestamp")) or place.at
    if word not in GIVEN:
        return messages.unsupported(place, f"preference {word}", told)
    return Incoming(
        what="consent",
        external_id=f"{person.id}:{category}:{word}:{int(at.timestamp())}"[:300],
        sender_id=person.id,
        provider_at=at,
        sender_name=person.name,
        headers={"consent": category, "given": GIVEN[word], "detail": text(told, "detail")[:300]},
        account=place.account,
        also_known_as=person.others,
    )


def new_id(place: Place, told: Values) -> Incoming:
    """Somebody goes by another id, told apart from any message."""
    change = people.change_told_apart(told)
    if change is None:
        return messages.unsupported(place, "user_id_update", told)
    at = moment(told.get("timestamp")) or place.at
    common = Incoming("identity", made_up(told), change.new.id, at, account=place.account)
    return messages.identity(common, change)


def trouble(place: Place, told: Values) -> Incoming:
    """An error of our account that belongs to no message."""
    code = codes.code_of(told)
    problem = code if code in ("token_expired", "permission_missing", "page_restricted") else ""
    return _account(place, "errors", told, problem, codes.detail_of(told))


def news(place: Place, name: str) -> Incoming:
    """News about the account, its number or a template; `headers["settles"]` when it says that all is well again."""
    value = place.value
    read: Callable[[Values], tuple[str, str]] = _NEWS.get(name, _other)
    problem, detail = read(value)
    found = _account(place, name, value, problem, detail)
    settles = {"settles": True} if not problem and text(value, "event").upper() in WELL_AGAIN else {}
    return replace(found, headers={**found.headers, **_about(value), **settles})


def _account(place: Place, name: str, told: Values, problem: str, detail: str) -> Incoming:
    id_ = f"{name}:{made_up({'at': place.at.isoformat(), **told})}"
    headers = {"problem": problem, "detail": detail[:300], "about": name}
    return Incoming("account", id_[:300], "", place.at, headers=headers, account=place.account)


def _about(value: Values) -> dict[str, Any]:
    """What the news is about: an event's name, a template, a number of ours."""
    said = {
        "event": text(value, "event", "decision", "new_category", "new_quality_score")[:60],
        "template": text(value, "message_template_name")[:160],
        "language": text(value, "message_template_language")[:20],
        "phone": text_id(value.get("display_phone_number")),
        "limit": text(value, "current_limit")[:60],
    }
    return {name: one for name, one in said.items() if one}


def _account_update(value: Values) -> tuple[str, str]:
    event, ban = text(value, "event").upper(), text(part(value, "ban_info"), "waba_ban_state").upper()
    problem = "" if event == "DISABLED_UPDATE" and ban == "REINSTATE" else PROBLEMS.get(event, "")
    restrictions = [text(one, "restriction_type") for one in _list(value, "restriction_info")]
    more = [ban, text(part(value, "violation_info"), "violation_type"), *restrictions]
    more.append(text(part(value, "disconnection_info"), "reason"))
    return problem, " ".join(one for one in (event, *more) if one)


def _quality(value: Values) -> tuple[str, str]:
    """The number's quality fell or rose; whether it may still send is what `check` asks."""
    event = text(value, "event").upper()
    return "quality_low" if event in FLAGS else "", " ".join(
        one for one in (event, text(value, "current_limit")) if one
    )


def _template(value: Values) -> tuple[str, str]:
    name = f"{text(value, 'message_template_name')} ({text(value, 'message_template_language')})"
    reason = text(value, "reason")
    words = (text(value, "event", "new_category", "new_quality_score"), "" if reason == "NONE" else reason)
    return "", " ".join((name, *(one for one in words if one)))


def _other(value: Values) -> tuple[str, str]:
    return "", text(value, "event", "decision", "title", "status")


def _list(value: Values, name: str) -> list[dict[str, Any]]:
    found = value.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else [part(value, name)]


_NEWS: Mapping[str, Callable[[Values], tuple[str, str]]] = {
    "account_update": _account_update,
    "phone_number_quality_update": _quality,
    **dict.fromkeys(
        (
            "message_template_status_update", "message_template_quality_update",
            "message_template_components_update", "template_category_update",
        ),
        _template,
    ),
}  # fmt: skip
