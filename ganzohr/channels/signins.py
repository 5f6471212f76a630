"""Mailboxes that sign in at Microsoft or Google: their tokens are renewed before they run out."""

from __future__ import annotations

from ganzohr.channels import accounts, actions, health
from ganzohr.channels.connectors.base import Trouble
from ganzohr.channels.connectors.mail import connector
from ganzohr.channels.models import Channel


def renew_signins() -> int:
    """Renew the tokens of mailboxes that sign in at Microsoft or Google before they run out (round); how many."""
    renewed = 0
    mine = Channel.objects.filter(kind="mail", settings__auth__in=["microsoft", "google"])
    for channel in mine.exclude(state=Channel.State.DISCONNECTED):
        try:
            fresh = connector.renew(accounts.account_of(channel))
        except Trouble as trouble:
            health.note(channel.pk, trouble.code, trouble.detail)
            continue
        if fresh:
            actions.save_secrets(channel, fresh)
            renewed += 1
    return renewed
