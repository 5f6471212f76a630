"""Mails to people who sign in: the invitation, and what changed at their sign-in. They leave through the outbox."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime

from ganzohr.accounts.models import User
from ganzohr.core.addresses import inside
from ganzohr.core.times import now
from ganzohr.core.words import Address, say, speak

CHANGES: dict[str, Callable[[], str]] = {
    "totp added": lambda: say("An app for codes was added to your sign-in at Ganzohr."),
    "totp removed": lambda: say("The app for codes was removed from your sign-in at Ganzohr."),
    "webauthn added": lambda: say("A passkey was added to your sign-in at Ganzohr."),
    "webauthn removed": lambda: say("A passkey was removed from your sign-in at Ganzohr."),
    "codes": lambda: say("New recovery codes were made for your sign-in at Ganzohr; the earlier ones no longer work."),
    "reset": lambda: say("All second factors were taken away from your sign-in at Ganzohr."),
    "password": lambda: say("The password of your sign-in at Ganzohr was changed."),
    "address": lambda: say("The address of your sign-in at Ganzohr was changed."),
}


def colleague_address() -> Address:
    """How the house speaks to its colleagues."""
    address: Address = settings.COLLEAGUE_ADDRESS  # type: ignore[assignment]  # checked at start
    return address


def tell(user: User, change: str) -> None:
    """That something changed which opens the desk; whoever did not do it themselves reads what to do now."""
    with speak(user.language, colleague_address()):
        at = date_format(localtime(now()), "SHORT_DATETIME_FORMAT")
        link = "" if change == "address" else inside("account_reset_password")  # opens nothing for the address so far
        values = {"user": user, "what": CHANGES[change](), "at": at, "link": link}
        send("changed", user.email, say("Your sign-in at Ganzohr has changed"), values)


def send(name: str, to: str, subject: str, values: dict[str, object]) -> None:
    """One mail in the language and form in force, as text and in the frame of all our mails."""
    context = {**values, "subject": subject, "employer": settings.EMPLOYER}
    text = render_to_string(f"accounts/mail/{name}.txt", context).strip() + "\n"
    mail = EmailMultiAlternatives(subject, text, to=[to])
    mail.attach_alternative(render_to_string(f"accounts/mail/{name}.html", context), "text/html")
    mail.send()
