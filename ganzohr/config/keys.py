"""`./run keys rotate`: new keys, while the desk stands still; everything encrypted is encrypted anew.

What was signed with the old key (sessions, private links) stays good until `./run keys forget`.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

USAGE = "Usage: ./run keys rotate | anew | forget"


def write(file: Path, keys: list[str]) -> None:
    """The file names these keys, the newest first; whole or not at all."""
    draft = file.with_name(f".{file.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as target:
        target.write("\n".join(keys) + "\n")
    draft.replace(file)


def encrypt_anew() -> int:
    """Every encrypted column of the wiring, with the newest key; how many values changed.

    What no key of ours reads stays as it is: it is lost already, and must not keep the rest from its new key.
    """
    import django

    django.setup()
    from django.apps import apps
    from django.db import transaction
    from django.utils.module_loading import import_string

    from ganzohr.config import wiring
    from ganzohr.core import crypto

    changed = 0
    for name, column in wiring.ENCRYPTED:
        manager = apps.get_model(name)._base_manager
        with transaction.atomic():
            rows = []
            for row in manager.select_for_update(no_key=True).exclude(**{column: ""}):
                with suppress(crypto.Unreadable):
                    setattr(row, column, crypto.renew(getattr(row, column)))
                    rows.append(row)
            manager.bulk_update(rows, [column], batch_size=500)
            changed += len(rows)
    return changed + sum(int(import_string(function)()) for function in wiring.RENEWED)


def rotate(folder: Path) -> int:
    """New keys in the data folder; how many values were encrypted anew. After a crash in the middle, say it again."""
    secret, encryption = folder / "keys" / "secret", folder / "keys" / "encryption"
    write(secret, [secrets.token_urlsafe(), secret.read_text().split()[0]])
    write(encryption, [Fernet.generate_key().decode(), *encryption.read_text().split()])
    changed = encrypt_anew()
    write(encryption, encryption.read_text().split()[:1])
    return changed


def main(arguments: list[str]) -> int:
    """`anew` only encrypts anew, for keys that come from the environment: there, put the new one first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    if len(arguments) != 1 or arguments[0] not in {"rotate", "anew", "forget"}:
        print(USAGE, file=sys.stderr)
        return 2
    if arguments == ["anew"]:
        print(f"{encrypt_anew()} values are encrypted with the newest key.")
        return 0
    if os.environ.get("GANZOHR_ENCRYPTION_KEYS") or os.environ.get("GANZOHR_SECRET_KEY"):
        print("Keys come from the environment: change them there, restart, then say ./run keys anew.", file=sys.stderr)
        return 2
    return _in_folder(arguments[0])


def _in_folder(order: str) -> int:
    from ganzohr.config.backup import Source
    from ganzohr.config.datafolder import home
    from ganzohr.config.supervisor import lock

    folder = home()
    lock(folder)
    if order == "forget":
        secret = folder / "keys" / "secret"
        write(secret, secret.read_text().split()[:1])
        print("The old key is forgotten: what was signed with it no longer holds.")
        return 0
    with Source(folder).running():
        print(f"New keys are in place, {rotate(folder)} values are encrypted with them. Start the desk again.")
    return 0
