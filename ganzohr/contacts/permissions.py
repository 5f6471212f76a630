"""Whom a user limited to sites may see: people who wrote on channels of those sites, or to a conversation there."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from ganzohr.accounts.models import User
from ganzohr.contacts.models import Contact, Handle
from ganzohr.directory import sight
from ganzohr.directory.models import sites_of


def visible_to(people: QuerySet[Contact], user: User) -> QuerySet[Contact]:
    """Everybody, or those with a handle on a channel of the user's sites or a conversation there."""
    sites = sites_of(user)
    if sites is None:
        return people
    handles, wrote = Handle.objects.filter(channel__site_id__in=sites), sight.at("contact", sites)
    theirs = Q(Exists(handles.filter(contact=OuterRef("pk"))))  # asked of one person: no list of all who ever wrote
    if isinstance(wrote, QuerySet):
        return people.filter(theirs | Q(Exists(wrote.filter(contact=OuterRef("pk")))))
    return people.filter(theirs | Q(pk__in=wrote))
