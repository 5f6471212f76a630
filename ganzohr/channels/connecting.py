"""Connecting accounts that hang on an app of ours: the app, its secrets, a page, a number, each step looked at.

What speaks to the platform does so outside of any transaction, with short patience, and writes down afterwards what
came of it: whoever leaves the page finds it again as far as they had come.
"""

from __future__ import annotations

import hashlib
import json
import secrets as random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import accounts, actions, health, homeless
from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.facebook import setup as facebook
from ganzohr.channels.connectors.meta import tokens
from ganzohr.channels.connectors.meta.signed import app_secrets
from ganzohr.channels.connectors.whatsapp import setup as whatsapp
from ganzohr.channels.models import App, Channel
from ganzohr.core import crypto, times
from ganzohr.ui import live

KIND = "meta"
SETUPS: dict[str, Any] = {"facebook": facebook, "whatsapp": whatsapp}
MUST = frozenset({"token", "page", "number", "subscribed"})
UNFINISHED = "is_unfinished"
STATE = Channel.State


class Taken(Exception):
    """This account is connected already."""


def the_app() -> App | None:
    """The one app through which everything of this platform is connected."""
    return App.objects.filter(kind=KIND).order_by("id").first()


@transaction.atomic
def create_app(name: str, secret: str, actor: Actor) -> App:
    """Our app at the platform, with the word of verification the platform must know; made by us."""
    secrets = {"app_secrets": json.dumps([secret]), "verify_token": random.token_urlsafe(24)}
    app = App.objects.create(kind=KIND, name=name, key=random.token_urlsafe(16), secrets=accounts.sealed(secrets))
    audit.record(actor, "connected", app, kind=KIND)
    return app


def valid_secrets(app: App) -> list[tuple[str, str]]:
    """A mark by which to retire each valid secret, and the end of it; never more."""
    return [(_mark(one), one[-4:]) for one in _secrets(app)]


def verify_token(app: App) -> str:
    """The word the platform shows us when it asks whether the address is ours. Not a secret towards us."""
    return accounts.secrets_of(app).get("verify_token", "")


@transaction.atomic
def add_secret(app: App, secret: str, actor: Actor) -> None:
    """One more secret counts from now on; the others stay until they are retired."""
    app = App.objects.select_for_update(no_key=True).get(pk=app.pk)
    _keep_secrets(app, list(dict.fromkeys([*_secrets(app), secret])), actor)


@transaction.atomic
def retire_secret(app: App, mark: str, actor: Actor) -> bool:
    """This one counts no more; False when it is not there or is the last."""
    app = App.objects.select_for_update(no_key=True).get(pk=app.pk)
    left = [one for one in _secrets(app) if _mark(one) != mark]
    if not left or len(left) == len(_secrets(app)):
        return False
    _keep_secrets(app, left, actor)
    return True


def _secrets(app: App) -> list[str]:
    return app_secrets(accounts.account_of_app(app, KIND))


def _mark(secret: str) -> str:
    return hashlib.sha256(f"mark:{secret}".encode()).hexdigest()[:12]


def _keep_secrets(app: App, valid: list[str], actor: Actor) -> None:
    app.secrets = accounts.sealed({**accounts.secrets_of(app), "app_secrets": json.dumps(valid)})
    app.save(update_fields=["secrets"])
    audit.record(actor, "secrets changed", app, names=["app_secrets"])


# A page


def _with(app: App, kind: str, token: str, **settings: str) -> Account:
    known = accounts.account_of_app(app, kind)
    return replace(
        known, settings={**known.settings, **settings}, secrets={**known.secrets, "access_token": token.strip()}
    )


def begin_page(app: App, token: str, values: dict[str, Any], actor: Actor) -> Channel:
    """Keep a token that reaches at least one page; which page is chosen afterwards. Raises `Trouble`."""
    if not facebook.pages(_with(app, "facebook", token)):
        raise Trouble("no_page")
    begun = {**values, "app": app, "state": STATE.PAUSED, "settings": {UNFINISHED: True}}
    return actions.connect("facebook", {"name": "Facebook", **begun}, actor, {"user_token": token.strip()})


def pages_of(channel: Channel) -> list[facebook.PageFound]:
    """The pages among which to choose. Raises `Trouble`."""
    assert channel.app is not None
    secrets = accounts.secrets_of(channel)
    token = secrets.get("user_token") or secrets.get("access_token", "")
    return facebook.pages(_with(channel.app, "facebook", token))


def choose_page(channel: Channel, page_id: str, actor: Actor) -> None:
    """This page it is: only its own token is kept. Raises `Trouble`, or `Taken` for a page that is here already."""
    found = next((one for one in pages_of(channel) if one.page_id == page_id), None)
    if found is None:
        raise Trouble("no_page")
    settings = {**channel.settings, "page_id": found.page_id, "page_name": found.name}
    values = {"name": found.name[:120] or channel.name, "external_id": found.page_id, "settings": settings}
    try:
        with transaction.atomic():
            actions.change(channel, values, actor)
            actions.save_secrets(channel, {"access_token": found.token}, actor, keep=False)
    except IntegrityError as error:
        raise Taken from error


# A number


def begin_number(app: App, typed: dict[str, str], values: dict[str, Any], actor: Actor) -> Channel:
    """A number the platform knows by this id and token. Raises `Trouble`, or `Taken`."""
    ids = {name: typed[name] for name in ("waba_id", "phone_number_id")}
    code, said = whatsapp.standing(_with(app, "whatsapp", typed["token"], **ids))
    if code:
        raise Trouble(code)
    settings = {**ids, "phone": said["number"], UNFINISHED: True}
    name = f"WhatsApp {said['number']}".strip()[:120]
    begun = {**values, "name": name, "app": app, "state": STATE.PAUSED, "external_id": ids["phone_number_id"]}
    try:
        with transaction.atomic():
            begun["settings"] = settings
            return actions.connect("whatsapp", begun, actor, {"access_token": typed["token"].strip()})
    except IntegrityError as error:
        raise Taken from error


# Both


def replace_token(channel: Channel, token: str, actor: Actor) -> Channel:
    """Another token for the same account, once it has proved to be one. Raises `Trouble`."""
    assert channel.app is not None
    account = _with(channel.app, channel.kind, token, **channel.settings)
    proved = _number_token(account) if channel.kind == "whatsapp" else _page_token(account, channel.external_id)
    actions.save_secrets(channel, proved, actor, keep=False)
    _remember(channel, steps={}, looked_at="", token_ends="")
    return channel


def _number_token(account: Account) -> dict[str, str]:
    code, _said = whatsapp.standing(account)
    if code:
        raise Trouble(code)
    return {"access_token": account.secrets["access_token"]}


def _page_token(account: Account, page_id: str) -> dict[str, str]:
    """That of the page; before one is chosen, the one that reaches pages."""
    found = facebook.pages(account)
    if not found:
        raise Trouble("no_page")
    if not page_id:
        return {"user_token": account.secrets["access_token"]}
    same = next((one for one in found if one.page_id == page_id), None)
    if same is None:
        raise Trouble("other_page")
    return {"access_token": same.token}


def token_end(channel: Channel) -> str:
    """The last four characters of the token we hold, '' for none."""
    try:
        secrets = accounts.secrets_of(channel)
    except crypto.Unreadable:
        return ""
    return (secrets.get("access_token") or secrets.get("user_token", ""))[-4:]


def look(channel: Channel, actor: Actor) -> dict[str, str]:
    """Try every step at the platform; subscribe if only that is missing; connected once all that must work does."""
    try:
        found, about = _try_steps(channel, accounts.account_of(channel))
    except crypto.Unreadable:
        found, about = dict.fromkeys(SETUPS[channel.kind].STEPS, "unreadable"), tokens.About()
    ends_at = about.ends_at.isoformat() if about.ends_at else ""
    _remember(channel, steps=found, looked_at=times.now().isoformat(), token_ends=ends_at)
    health.note(channel.pk, _wrong(found))
    if not any(code for step, code in found.items() if step in MUST):
        _finish(channel, actor)
    return found


def _try_steps(channel: Channel, account: Account) -> tuple[dict[str, str], tokens.About]:
    setup = SETUPS[channel.kind]
    with ThreadPoolExecutor(1) as beside:
        told = beside.submit(tokens.about, account)
        found: dict[str, str] = setup.steps(account)
        about = told.result()
    if found["subscribed"] == "not_subscribed" and not _wrong(found) and channel.state != STATE.DISCONNECTED:
        found["subscribed"] = setup.subscribe(account)
    return found, about


def _wrong(found: dict[str, str]) -> str:
    """The first code of what must work and does not, subscribing apart: that is never the end of answering."""
    return next((code for step, code in found.items() if step in MUST and code not in ("", "not_subscribed")), "")


def _finish(channel: Channel, actor: Actor) -> None:
    """The first time that everything works: connected, and what came before it was is read now."""
    if channel.settings.get(UNFINISHED):
        _remember(channel, **{UNFINISHED: False})
        if channel.state == STATE.PAUSED:
            actions.move_to(channel, STATE.ACTIVE, actor)
        homeless.bring_home(channel, actor)


@transaction.atomic
def _remember(channel: Channel, **values: Any) -> None:
    row = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    row.settings = channel.settings = {**row.settings, **values}
    row.save(update_fields=["settings"])
    live.touch("channels")


def leave(channel: Channel) -> str:
    """After disconnecting: the platform tells us no more, unless a standing answer or another number needs it."""
    if channel.kind not in SETUPS or not channel.external_id or channel.standing_answer:
        return ""
    others = Channel.objects.filter(kind=channel.kind, settings__waba_id=channel.settings.get("waba_id"))
    if channel.kind == "whatsapp" and others.exclude(pk=channel.pk).exclude(state=STATE.DISCONNECTED).exists():
        return ""
    code: str = SETUPS[channel.kind].unsubscribe(accounts.account_of(channel))
    return code


def come_back(channel: Channel) -> str:
    """After connecting again: the platform tells us everything again; '' or what hinders it."""
    if channel.kind not in SETUPS or not channel.external_id:
        return ""
    code: str = SETUPS[channel.kind].subscribe(accounts.account_of(channel))
    if code:
        health.note(channel.pk, code)
    return code
