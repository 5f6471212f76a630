"""Whom a user limited to sites may see: people who wrote on channels of those sites, or to a conversation there."""

from __future__ import annotations

from django.db.models import QuerySet

from ganzohr.accounts.models import User
from ganzohr.contacts.models import Contact
from ganzohr.directory.models import Colleague


def visible_to(people: QuerySet[Contact], user: User) -> QuerySet[Contact]:
    """Everybody, or those with a handle on a channel of the user's sites."""
    sites = list(Colleague.limited_to.through.objects.filter(colleague__user=user).values_list("site_id", flat=True))
    return people.filter(handles__channel__site_id__in=sites).distinct() if sites else people
