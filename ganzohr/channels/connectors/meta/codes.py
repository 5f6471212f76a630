"""Meta's error codes as ours. A subcode says more than its code, and a code more than the HTTP status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ganzohr.channels.connectors.meta.values import part, text

# A window that is closed says so with the same subcode under several codes.
SUBCODES: dict[int, str] = {
    2018278: "window_closed",  # sent outside of the allowed window
    2018065: "window_closed",
    2534022: "window_closed",
    1893063: "page_restricted",
    1545041: "person_unavailable",
    2018001: "person_unavailable",  # no such person for this page
    2018108: "person_unavailable",  # does not take messages from us now
    2018027: "permission_missing",  # only for people with a role while the app is not live
    2018028: "permission_missing",
    2018109: "message_too_big",
    33: "target_gone",  # not there, or not for us
    463: "token_expired",
    467: "token_expired",
}

CODES: dict[int, str] = {
    **dict.fromkeys((4, 17, 32, 341, 613, 130429, 131048, 133016), "rate_limited"),
    **dict.fromkeys(range(80000, 80015), "rate_limited"),
    **dict.fromkeys((0, 102, 190, 2500), "token_expired"),
    **dict.fromkeys((3, 10, 131005, 131042), "permission_missing"),
    **dict.fromkeys(range(200, 300), "permission_missing"),
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 133004), "platform_error"),
    **dict.fromkeys((368, 131031), "page_restricted"),
    **dict.fromkeys((551, 10903, 131026), "person_unavailable"),
    **dict.fromkeys((803, 2018001), "target_gone"),
    **dict.fromkeys((10901, 131047), "window_closed"),
    **dict.fromkeys((130472, 131049), "per_user_cap"),
    131050: "stopped",
    131056: "pair_limit",
    132005: "too_long",
    **dict.fromkeys((100, 131008, 131009, 135000), "bad_parameter"),
    10900: "private_reply_used",
    # templates that are paused, unknown or do not fit; media that cannot be read
    **dict.fromkeys((131021, 131030, 131051, 131052, 131053), "not_possible"),
    **dict.fromkeys((132000, 132001, 132007, 132008, 132012, 132015, 132016, 132068, 132069), "not_possible"),
}

STATUSES: dict[int, str] = {
    401: "token_expired",
    403: "permission_missing",
    404: "target_gone",
    408: "platform_error",
    413: "message_too_big",
    429: "rate_limited",
}

UNEXPECTED = frozenset({1, 2})
AGAIN = frozenset({"rate_limited", "pair_limit", "platform_error", "token_expired"})
_TOO_LONG = re.compile(r"length of param|too long|max(imum)?( allowed)? length|\d+ characters", re.IGNORECASE)
_LIKE_A_SECRET = re.compile(r"\S{32,}")


def error_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The error an answer speaks of; {} when it speaks of none."""
    return part(body, "error")


def code_of(error: Mapping[str, Any], status: int = 0) -> str:
    """Our code for an error of Meta; `not_possible` for one that nobody knows."""
    code, subcode = number(error.get("code")), number(error.get("error_subcode"))
    found = SUBCODES.get(subcode or 0) or CODES.get(-1 if code is None else code) or STATUSES.get(status)
    if found in (None, "bad_parameter") and _TOO_LONG.search(_words(error)):
        return "too_long"
    if status == 429 and found not in AGAIN:
        return "rate_limited"
    if found is None and (status >= 500 or error.get("is_transient") is True):
        return "platform_error"
    return found or "not_possible"


def may_have_passed(error: Mapping[str, Any], status: int) -> bool:
    """Whether nobody knows what was done: something before the platform failed, or the platform itself, which has been
    seen to say "unexpected error" with 500 of what it had published; so may any code that we do not know to be a no.
    With 503 it says that it did not begin."""
    code, subcode = number(error.get("code")), number(error.get("error_subcode"))
    is_a_no = subcode in SUBCODES or (code in CODES and code not in UNEXPECTED)
    return status >= 500 and (not error or (status != 503 and not is_a_no))


def detail_of(error: Mapping[str, Any], status: int = 0) -> str:
    """What Meta said, short; nothing in it that looks like a token."""
    numbers = "/".join(str(one) for one in (error.get("code"), error.get("error_subcode")) if one is not None)
    words = _LIKE_A_SECRET.sub("…", _words(error))
    return f"{numbers or status} {words}".strip()[:300]


def number(value: object) -> int | None:
    """A number, also when it came as text; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _words(error: Mapping[str, Any]) -> str:
    more = text(part(error, "error_data"), "details")
    return " ".join(one for one in (text(error, "message", "title"), more, text(error, "error_user_msg")) if one)
