"""What a user may see and change: everything, or only what belongs to the sites their colleague is limited to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import user_of
from ganzohr.directory.models import Colleague, Department, OpeningHours, sites_of

__all__ = ["departments_of", "hours_of", "may_edit", "sites_of", "whole_house"]

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def whole_house(view: View[P]) -> View[P]:
    """What holds at every site: whoever is limited to some is refused (403). Below `role_required`."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if sites_of(user_of(request)) is not None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return cast(View[P], guarded)


def may_edit(user: User, colleague: Colleague) -> bool:
    """Managers everybody they see, anybody themselves."""
    return user.has_role("manager") or colleague.user_id == user.pk


def departments_of(user: User) -> QuerySet[Department]:
    """The departments this manager may change: all, or those in which everybody is somebody they see."""
    if sites_of(user) is None:
        return Department.objects.all()
    hidden = Colleague.objects.here().exclude(pk__in=Colleague.objects.visible_to(user).values("pk"))
    return Department.objects.exclude(pk__in=hidden.exclude(department=None).values("department")).exclude(
        head__in=hidden.values("pk")
    )


def hours_of(user: User) -> QuerySet[OpeningHours]:
    """The opening hours this manager may change: all, or those that hold at their own sites only."""
    mine = sites_of(user)
    if mine is None:
        return OpeningHours.objects.all()
    return OpeningHours.objects.annotate(
        sites_all=Count("sites", distinct=True),
        sites_mine=Count("sites", filter=Q(sites__in=mine), distinct=True),
        channels_all=Count("channels", distinct=True),
        channels_mine=Count("channels", filter=Q(channels__site__in=mine), distinct=True),
    ).filter(sites_all=F("sites_mine"), channels_all=F("channels_mine"))
