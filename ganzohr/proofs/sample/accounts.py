"""What the terminal says once the demo is there."""

from __future__ import annotations

import os

from django.conf import settings

from ganzohr.accounts.actions import sign_in_link
from ganzohr.accounts.models import User

WORDS = """
  The desk, sign-in by one click
    Sophie, community manager:   {sophie}
    Petra, head of HR, approves: {petra}
  The career site with the chat: http://127.0.0.1:{site}/
  Mailboxes of expert, candidate http://127.0.0.1:{mailroom}/
  The network's page, by comment http://127.0.0.1:{pages}/
  The phones, by WhatsApp        http://127.0.0.1:{pages}/telefon
  Lena's private link:           {lena}

  Try this: ask something on the career site, read the expert's mail, answer it, approve it at the desk.
  Or write below a post, or on a phone: it arrives at the desk, and the answer appears where you wrote.
  Ctrl-C ends everything and leaves nothing behind.
"""


def words(lena: str) -> str:
    """Where to look, with links that sign in."""
    by = {user.email.split(".")[0]: user for user in User.objects.all()}
    return WORDS.format(
        sophie=sign_in_link(by["sophie"]),
        petra=sign_in_link(by["petra"]),
        site=os.environ["GANZOHR_DEMO_SITE"],
        mailroom=os.environ["GANZOHR_DEMO_MAILROOM"],
        pages=os.environ["GANZOHR_DEMO_META_PAGES"],
        lena=f"{settings.OUTSIDE_URL}/v/{lena}/",
    )
