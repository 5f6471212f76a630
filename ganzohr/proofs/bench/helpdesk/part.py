"""django-helpdesk does what it is asked, one line of JSON at a time; run by its own Python, see `peers.py`."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
log = logging.getLogger("bench")


def lay() -> None:
    """Its tables, one queue, one member of staff."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from helpdesk.models import Queue

    call_command("migrate", verbosity=0, interactive=False)
    Queue.objects.create(title="Jobs", slug="jobs", allow_email_submission=True, email_address="jobs@auental.example")
    User.objects.create_superuser("staff", "staff@auental.example", "correct horse battery")


def take(mails: list[str]) -> int:
    """Each mail as its own intake takes it, in one transaction."""
    from django.db import transaction
    from helpdesk.email import extract_email_metadata
    from helpdesk.models import Queue

    queue, taken = Queue.objects.get(), 0
    for text in mails:
        with transaction.atomic():
            taken += extract_email_metadata(text, queue, log) is not None
    return taken


def fill(tickets: int) -> None:
    """As many tickets as the desk beside it has conversations: one by its own model, the others copied by SQL."""
    from django.db import connection
    from django.utils import timezone
    from helpdesk.models import Queue, Ticket

    now = timezone.now()
    first = Ticket.objects.create(
        title="Frage 0 zur Bewerbung", queue=Queue.objects.get(), created=now, modified=now, priority=3, status=1,
        description="ich habe eine Frage zur Bewerbung", submitter_email="p0@example.org",
    )  # fmt: skip
    own = {
        "title": "'Frage ' || n || ' zur Bewerbung'", "submitter_email": "'p' || n || '@example.org'",
        "status": "CASE WHEN n %% 10 = 0 THEN 1 ELSE 4 END", "created": "t.created - n * interval '11 seconds'",
    }  # fmt: skip
    columns = [field.column for field in Ticket._meta.concrete_fields if not field.primary_key]
    names, values = ", ".join(columns), ", ".join(own.get(name, f"t.{name}") for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO helpdesk_ticket ({names}) "  # noqa: S608  its own columns
            f"SELECT {values} FROM helpdesk_ticket t, generate_series(1, %s) AS n WHERE t.id = %s",
            [tickets - 1, first.pk],
        )


def cookie() -> list[str]:
    """A member of staff's session, and the address of the list."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client
    from helpdesk.query import query_to_base64

    client = Client()
    client.force_login(get_user_model().objects.get())
    query = {"filtering": {"status__in": [1, 2, 3]}, "filtering_null": {}, "sorting": "created", "sortreverse": True,
             "search_string": ""}  # fmt: skip
    page = f"/datatables_ticket_list/{query_to_base64(query)}?draw=1&start=0&length=25&order[0][column]=0"
    return [f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}", page]


DOES: dict[str, Any] = {"lay": lay, "take": take, "fill": fill, "cookie": cookie}


def main() -> None:
    """Until stdin ends."""
    import django

    django.setup()
    logging.disable(logging.WARNING)
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps(DOES[told.pop("what")](**told)), flush=True)


if __name__ == "__main__":
    main()
