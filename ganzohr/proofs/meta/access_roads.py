"""Keys and subscriptions over Graph: who am I, what may this key, which events come, where to."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from ganzohr.proofs.meta import errors
from ganzohr.proofs.meta.graph import App, AppUser, Asking, Road, Roads
from ganzohr.proofs.meta.world import PAGE_FIELDS, PAGE_SCOPES, Page, Token


def _whoami(asking: Asking) -> dict[str, Any]:
    return {"id": asking.token.subject, "name": "Ganzohr"}


def _accounts(asking: Asking) -> dict[str, Any]:
    pages = [
        {"id": page.id, "name": page.name, "access_token": page.token, "category": "Hospital", "tasks": ["MODERATE"]}
        for page in asking.platform.world.each(Page)
    ]
    return {"data": pages}


def _debug(asking: Asking) -> dict[str, Any]:
    if asking.thing.id != "debug_token":
        return {"id": asking.platform.app_id, "name": "Ganzohr"}
    token = asking.platform.world.tokens.get(str(asking.values.get("input_token", "")))
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token."}
        return {"data": {"is_valid": False, "scopes": [], "error": error}}
    is_valid = token.is_valid and (token.expires_at is None or token.expires_at > asking.platform.now())
    data: dict[str, Any] = {
        "app_id": asking.platform.app_id,
        "type": token.kind,
        "application": "Ganzohr",
        "data_access_expires_at": 0,
        "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
        "is_valid": is_valid,
        "scopes": sorted(token.scopes),
        "granular_scopes": [{"scope": scope, "target_ids": [token.subject]} for scope in sorted(token.scopes)],
        "profile_id": token.subject,
    }
    if not is_valid:
        data["error"] = {"code": 190, "message": "Session has expired.", "subcode": 463}
    return {"data": data}


def _subscribe(asking: Asking) -> dict[str, Any]:
    page: Page = asking.thing
    if asking.request.method == "DELETE":
        page.fields.clear()
    elif asking.request.method == "POST":
        said = asking.values.get("subscribed_fields") or ""
        wanted = {part.strip() for part in (said if isinstance(said, list) else str(said).split(","))} - {""}
        optional = ("messaging_referrals", "messaging_handovers", "messaging_policy_enforcement", "standby")
        known = {*PAGE_FIELDS, *optional, "message_context"}
        if not wanted or wanted - known:
            raise errors.bad("Param subscribed_fields must be one of {" + ", ".join(sorted(known)) + "}")
        page.fields |= wanted
    else:
        fields = sorted(page.fields)
        app = {"id": asking.platform.app_id, "name": "Ganzohr", "subscribed_fields": fields}
        return {"data": [app] if fields else []}
    return {"success": True}


def _hook(asking: Asking) -> dict[str, Any]:
    """The app's own subscription: the address is asked first whether it is ours."""
    platform, values = asking.platform, asking.values
    if asking.request.method == "GET":
        urls = platform.hooks.urls.items()
        return {"data": [{"object": kind, "callback_url": url, "active": True} for kind, url in urls]}
    kind, url = str(values.get("object")), str(values.get("callback_url"))
    if not platform.hooks.shake_hands(kind, url, str(values.get("verify_token"))):
        raise errors.GraphError(2200, "(#2200) callback verification failed: the address did not answer the challenge")
    return {"success": True}


def _ids_for_pages(asking: Asking) -> dict[str, Any]:
    """By which number each page knows somebody of the app; only whoever has the app's secret is told."""
    key = asking.token.value
    proof = hmac.new(key.partition("|")[2].encode(), key.encode(), hashlib.sha256).hexdigest()
    if asking.values.get("appsecret_proof") != proof:
        raise errors.bad("Invalid appsecret_proof provided in the API argument")
    pages = asking.platform.world.each(Page)
    return {"data": [{"id": asking.thing.person.id, "page": {"id": page.id, "name": page.name}} for page in pages]}


ROADS: Roads = {
    ("GET", AppUser, "ids_for_pages"): Road("person.pages", "", _ids_for_pages),
    ("GET", Token, ""): Road("me", "", _whoami),
    ("GET", Token, "accounts"): Road("me.accounts", "pages_show_list", _accounts),
    ("GET", App, ""): Road("token.debug", "", _debug),
    ("GET", App, "subscriptions"): Road("app.hooks", "", _hook),
    ("POST", App, "subscriptions"): Road("app.hook", "", _hook),
    **{
        (method, Page, "subscribed_apps"): Road("page.subscription", PAGE_SCOPES[5], _subscribe)
        for method in ("GET", "POST", "DELETE")
    },
}
