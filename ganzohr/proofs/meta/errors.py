"""What Graph says when it refuses, in its own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GraphError(Exception):
    """A refusal: HTTP status, code, subcode, words and headers."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 400,
        subcode: int = 0,
        details: str = "",
        headers: Mapping[str, str] | None = None,
        is_transient: bool = False,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.subcode = code, message, status, subcode
        self.details, self.headers, self.is_transient = details, dict(headers or {}), is_transient

    def body(self, trace: str) -> dict[str, Any]:
        """As Graph puts it."""
        error: dict[str, Any] = {"message": self.message, "type": "OAuthException", "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.is_transient:
            error["is_transient"] = True
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": {**error, "fbtrace_id": trace}}


def no_token() -> GraphError:
    """Nothing or nonsense where the key should be."""
    return GraphError(190, "Invalid OAuth access token - Cannot parse access token", status=401, headers=_asks("token"))


def expired() -> GraphError:
    """The key was good once."""
    words = "Error validating access token: Session has expired. The current time is later than its end."
    return GraphError(190, words, status=401, subcode=463, headers=_asks("invalid_token"))


def _asks(why: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'OAuth "Facebook Platform" "{why}"'}


def may_not(scope: str) -> GraphError:
    """The key opens, but not this door."""
    if scope.startswith("whatsapp"):
        return GraphError(10, "(#10) Application does not have permission for this action", status=403)
    return GraphError(200, f"(#200) Requires {scope} permission to manage the object", status=403)


def gone(id_: str, method: str) -> GraphError:
    """No such thing, or not for us: Graph does not say which."""
    words = (
        f"Unsupported {method.lower()} request. Object with ID '{id_}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation."
    )
    return GraphError(100, words, subcode=33)


def bad(words: str, subcode: int = 0, details: str = "") -> GraphError:
    """A parameter it does not take."""
    return GraphError(100, f"(#100) {words}", subcode=subcode, details=details)


def outside_window() -> GraphError:
    """Messenger: too long since the person wrote."""
    return GraphError(10, "(#10) This message is sent outside of allowed window.", status=403, subcode=2018278)


def unavailable() -> GraphError:
    """Messenger: blocked, or away for good."""
    return GraphError(551, "(#551) This person isn't available right now.", subcode=1545041)


def restricted() -> GraphError:
    """The page may not send for a while."""
    return GraphError(
        10, "(#10) The Page is temporarily restricted from sending messages.", status=403, subcode=1893063
    )


def re_engage() -> GraphError:
    """WhatsApp: the window is closed."""
    details = "Message failed to send because more than 24 hours have passed since the customer last replied."
    return GraphError(131047, "(#131047) Re-engagement message", details=details)


BUSY = {
    "throttle_page": (80001, "Page"),
    "throttle_instagram": (80002, "Instagram"),
    "throttle_messenger": (80006, "Messenger"),
    "throttle_business": (80007, "WhatsApp Business"),
}


def by_name(name: str, usage: str) -> GraphError:
    """The refusals a test or the dice ask for."""
    if name in BUSY:
        code, what = BUSY[name]
        words = f"There have been too many calls to this {what} account."
        return GraphError(code, words, headers={"X-Business-Use-Case-Usage": usage})
    known = {
        "throttle_app": lambda: GraphError(
            4, "(#4) Application request limit reached", status=403, is_transient=True,
            headers={"X-App-Usage": '{"call_count":100,"total_cputime":25,"total_time":25}'},
        ),
        "stopped_marketing": lambda: GraphError(
            131050, "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages."
        ),
        "experiment": lambda: GraphError(
            130472, "User's number is part of an experiment", details="The message was not sent: an experiment."
        ),
        "throttle_429": lambda: GraphError(
            130429, "(#130429) Rate limit hit", status=429, headers={"Retry-After": "7"},
            details="Cloud API message throughput has been reached.",
        ),
        "throttle_calls": lambda: GraphError(613, "Calls to this api have exceeded the rate limit.", status=429),
        "pair_limit": lambda: GraphError(
            131056, "(#131056) (Business Account, Consumer Account) pair rate limit hit", status=429,
            details="Message failed to send because there were too many messages sent to this number.",
        ),
        "server_error": lambda: GraphError(1, "An unknown error occurred", status=500),
        "unavailable": lambda: GraphError(
            2, "Service temporarily unavailable", status=500, is_transient=True
        ),
        "token_expired": expired,
        "restricted": restricted,
        "person_unavailable": unavailable,
    }  # fmt: skip
    return known[name]()
