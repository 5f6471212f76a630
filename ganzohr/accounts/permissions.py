"""Who may do what. Roles stand in a row; what a role may see is narrowed further by `directory.visible_to`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from ganzohr.accounts.models import Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def user_of(request: HttpRequest) -> User:
    """Who is signed in; only for views behind `role_required`."""
    user = request.user
    assert isinstance(user, User)
    return user


def role_required(role: str) -> Callable[[View[P]], View[P]]:
    """Let in who has this role or a higher one: nobody is asked to sign in, too low a role is refused (403)."""
    least = Role(role)

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user: Any = request.user
            if not user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not user.has_role(least):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.required_role = least  # type: ignore[attr-defined]  # read by the table of every URL as every role
        return cast(View[P], guarded)

    return guard
