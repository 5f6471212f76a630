"""How a mailbox signs in right now: a password, or a token that is renewed when it is about to run out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from ganzohr.channels.connectors.base import Trouble
from ganzohr.channels.connectors.mail import xoauth
from ganzohr.channels.connectors.mail.settings import MailAccount

EARLY = 300.0


def renewed(account: MailAccount) -> Mapping[str, str]:
    """New secrets to keep when the token runs out within five minutes; empty when nothing changed. Raises `Trouble`."""
    held = account.secrets
    if not account.uses_oauth or (
        held.get("access_token") and float(held.get("expires_at") or 0) > time.time() + EARLY
    ):
        return {}
    try:
        return _ask(account).as_secrets()
    except xoauth.SignInProblem as problem:
        code = "timeout" if problem.code == "unreachable" else "oauth_expired"
        raise Trouble(code, str(problem)) from problem


def _ask(account: MailAccount) -> xoauth.Tokens:
    where = xoauth.provider(account.auth, account.tenant)
    if account.secrets.get("token_url"):  # national clouds
        where = replace(where, token_url=account.secrets["token_url"])
    secret = account.secrets.get("client_secret", "")
    if account.secrets.get("refresh_token"):
        return xoauth.refresh(where, account.client_id, account.secrets["refresh_token"], secret)
    return xoauth.as_application(where, account.client_id, secret)


def access_token(account: MailAccount) -> str:
    """A token that holds now."""
    return (renewed(account) or account.secrets).get("access_token", "")


def password(account: MailAccount, server: str) -> str:
    """The password for imap or smtp."""
    return account.secrets.get(f"{server}_password") or account.secrets.get("password", "")
