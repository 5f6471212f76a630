"""What connecting a number needs: each step looked at by itself, and its account made to tell our app.

Somebody waits in front of the page: every call is short, and those of one look run side by side.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import graph, tokens
from ganzohr.channels.connectors.meta.tokens import QUICK
from ganzohr.channels.connectors.meta.values import parts, text, text_id
from ganzohr.channels.connectors.whatsapp.connector import FIELDS, STATES

STEPS = ("token", "number", "messages", "templates", "subscribed")
MESSAGING = "whatsapp_business_messaging"
NOT_THE_TOKEN = frozenset({"permission_missing", "target_gone", "bad_parameter"})


def steps(account: Account) -> dict[str, str]:
    """Each of STEPS with '' where it works, else the code of what does not. Speaks to the platform."""
    business = _business(account)
    if not business or not _number_id(account) or not account.secrets.get("access_token"):
        return dict.fromkeys(STEPS, "no_secret")
    with ThreadPoolExecutor(5) as side_by_side:
        told = side_by_side.submit(tokens.about, account)
        found = [side_by_side.submit(_get, account, *one) for one in _asked(account, business)]
        number, listed, templates, subscribed = (one.result() for one in found)
        about = told.result()
    token = "" if number.code in NOT_THE_TOKEN else number.code
    if token:
        return dict.fromkeys(STEPS, token)
    return {
        "token": "",
        "number": number.code or _belongs(account, listed) or STATES.get(text(number.body, "status").upper(), ""),
        "messages": "permission_missing" if about.lacks(MESSAGING) else "",
        "templates": _of_account(templates.code),
        "subscribed": _of_account(subscribed.code) or ("" if parts(subscribed.body, "data") else "not_subscribed"),
    }


def subscribe(account: Account) -> str:
    """Let the account tell our app what its numbers receive; '' when it does now, else a problem code."""
    return graph.call(account, "POST", f"{_business(account)}/subscribed_apps", timeout=QUICK).code


def unsubscribe(account: Account) -> str:
    """Let the account, and so all of its numbers, tell our app nothing any more; '' or a problem code."""
    return graph.call(account, "DELETE", f"{_business(account)}/subscribed_apps", timeout=QUICK).code


def standing(account: Account) -> tuple[str, dict[str, str]]:
    """A problem code or '', and what the platform says of the number: number, name, quality, state, speed."""
    answer = _get(account, _number_id(account) or "me", {"fields": FIELDS})
    if not answer.is_good:
        return answer.code, {}
    speed = answer.body.get("throughput")
    return "", {
        "number": text(answer.body, "display_phone_number"),
        "name": text(answer.body, "verified_name"),
        "quality": text(answer.body, "quality_rating").lower(),
        "state": text(answer.body, "status").lower(),
        "speed": text(speed, "level").lower() if isinstance(speed, dict) else "",
    }


def _asked(account: Account, business: str) -> list[tuple[str, dict[str, str]]]:
    return [
        (_number_id(account), {"fields": FIELDS}),
        (f"{business}/phone_numbers", {"fields": "id", "limit": "100"}),
        (f"{business}/message_templates", {"fields": "name", "limit": "1"}),
        (f"{business}/subscribed_apps", {}),
    ]


def _belongs(account: Account, listed: graph.Answer) -> str:
    """The number and the account must be of each other, or templates and news come from elsewhere."""
    ids = {text_id(one.get("id")) for one in parts(listed.body, "data")}
    return _of_account(listed.code) or ("" if _number_id(account) in ids else "other_account")


def _of_account(code: str) -> str:
    """An account that is not there, or not ours, is another one than the number's."""
    return "other_account" if code in {"target_gone", "bad_parameter"} else code


def _get(account: Account, path: str, params: dict[str, str]) -> graph.Answer:
    return graph.call(account, "GET", path, params=params, timeout=QUICK)


def _number_id(account: Account) -> str:
    return text_id(account.settings.get("phone_number_id"))


def _business(account: Account) -> str:
    return text_id(account.settings.get("waba_id"))
