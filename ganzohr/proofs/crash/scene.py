"""What the storm blows over: an empty desk with one app of ours, several numbers, and a manager."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ganzohr.proofs.crash import letters
from ganzohr.proofs.crash.bodies import KEY, NUMBERS, SECRET, account_id, number_id

if TYPE_CHECKING:
    from ganzohr.directory.models import Colleague

SAFE = ("fsync", "full_page_writes", "synchronous_commit")


class NotFit(Exception):
    """Why this database cannot be used, in words."""


def environment(home: str, port: int, is_ours: bool) -> dict[str, str]:
    """What the desk's processes are told; nothing of a real desk's settings gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
    if is_ours:
        kept.pop("DATABASE_URL", None)
    return kept | {
        "GANZOHR_HOME": home,
        "GANZOHR_DEMO": "1",
        "GANZOHR_REACH": "127.0.0.0/8",
        "GANZOHR_URL": f"http://127.0.0.1:{port}",
        "GANZOHR_EMPLOYER": "Kliniken Auental",
        "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings",
    }


def check_safe() -> dict[str, str]:
    """The settings without which a commit promises nothing; `NotFit` if one is off."""
    from django.db import connection

    with connection.cursor() as cursor:
        said = {}
        for name in SAFE:
            cursor.execute(f"SHOW {name}")
            said[name] = str(cursor.fetchone()[0])
    if set(said.values()) != {"on"}:
        raise NotFit(f"PostgreSQL does not keep what it promises: {said}")
    return said


def furnish(graph_url: str) -> Colleague:
    """The app, its numbers, and who answers. `NotFit` where a desk lives already."""
    from ganzohr.accounts.models import User
    from ganzohr.channels.accounts import sealed
    from ganzohr.channels.models import App, Channel
    from ganzohr.directory.models import Colleague
    from ganzohr.proofs.sample.employer import always

    if Channel.objects.exists():
        raise NotFit("DATABASE_URL names the database of a desk; please give the proof an empty one.")
    secrets = {"app_secrets": json.dumps([SECRET]), "verify_token": "proof"}
    app = App.objects.create(
        kind="meta", name="Storm", key=KEY, secrets=sealed(secrets), settings={"graph_url": graph_url, "app_id": "1"}
    )
    hours = always()
    for number in range(NUMBERS):
        settings = {"phone_number_id": number_id(number), "waba_id": account_id(number), "phone": f"493055501{number}"}
        Channel.objects.create(
            kind="whatsapp", name=f"WhatsApp {number}", key=f"{KEY}-{number}", app=app, external_id=number_id(number),
            settings=settings, secrets=sealed({"access_token": "proof"}), signature="none", hours=hours,
            languages=["de"],
        )  # fmt: skip
    Channel.objects.create(
        kind="website", name="Website", key=letters.KEY, secrets=sealed({"signing": "proof"}), signature="none",
        hours=hours, languages=["de"],
    )  # fmt: skip
    user = User.objects.create_user("sophie@auental.example", name="Sophie", role="manager", language="de")
    found: Colleague = Colleague.objects.get_or_create(user=user, defaults={"name": "Sophie"})[0]
    return found
