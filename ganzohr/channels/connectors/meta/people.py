"""Who somebody is: Meta names people by one number for the app and by another for each page.

The platform tells the second from the first only where app and page belong to one business, and not for everybody:
https://developers.facebook.com/docs/messenger-platform/identity/id-matching
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import graph, tokens
from ganzohr.channels.connectors.meta.signed import app_secrets
from ganzohr.channels.connectors.meta.values import part, parts, text_id


def ids_at_pages(account: Account, app_scoped: str) -> dict[str, str]:
    """Page by page, under which number it knows whom the app knows by this one; {} where the platform does not tell.

    `account` is one of the app's pages. Asked as the app itself, with each of its valid secrets until one is right.
    """
    app_id = tokens.about(account).app_id if app_scoped.isascii() and app_scoped.isdigit() else ""
    for secret in app_secrets(account) if app_id else ():
        key = f"{app_id}|{secret}"
        proof = hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()
        app = replace(account, secrets={"access_token": key})
        answer = graph.call(app, "GET", f"{app_scoped}/ids_for_pages", params={"appsecret_proof": proof})
        if answer.is_good:
            told = parts(answer.body, "data")
            return {text_id(part(one, "page").get("id")): text_id(one.get("id")) for one in told}
    return {}
