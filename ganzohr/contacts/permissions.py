"""Whom a user limited to sites may see: people who wrote on channels of those sites, or to a conversation there."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ganzohr.accounts.models import User
from ganzohr.contacts.models import Contact, Handle
from ganzohr.directory import sight
from ganzohr.directory.models import sites_of


def visible_to(people: QuerySet[Contact], user: User) -> QuerySet[Contact]:
    """Everybody, or those with a handle on a channel of the user's sites or a conversation there."""
    sites = sites_of(user)
    if sites is None:
        return people
    handles = Handle.objects.filter(channel__site_id__in=sites).values("contact")
    return people.filter(Q(pk__in=handles) | Q(pk__in=sight.at("contact", sites)))
