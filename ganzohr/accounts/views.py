"""Users and invitations (admins), one's own profile and sessions, and the ways in without a password yet."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts import actions, factors
from ganzohr.accounts.browsers import browser, system
from ganzohr.accounts.forms import JoinForm, ProfileForm, StartForm, UserForm
from ganzohr.accounts.models import FACTORS, Invitation, User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.core import crypto
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import done, invalid, page


@never_cache
def start(request: HttpRequest, token: str) -> HttpResponse:
    """The first admin is made here, once."""
    if actions.setup_link() is None or crypto.unsign(actions.SET_UP, token) is None:
        return page(request, "accounts/closed.html", status=410)
    form = StartForm(request.POST or None, initial={"language": translation.get_language()})
    if request.method != "POST" or not form.is_valid():
        return page(request, "accounts/start.html", {"form": form}, status=422 if form.errors else 200)
    data = form.cleaned_data
    try:
        user = actions.set_up(token, data["email"], data["name"], data["password1"], data["language"])
    except actions.NotOpen:
        return page(request, "accounts/closed.html", status=410)
    return _come_in(request, user)


@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation is accepted here, once; speaks the language of the invitation."""
    invitation = actions.open_invitation(token)
    if invitation is None:
        return page(request, "accounts/closed.html", status=410)
    with translation.override(invitation.language):
        form = JoinForm(request.POST or None, initial={"name": invitation.name})
        form.email_in_use = invitation.email
        if request.method != "POST" or not form.is_valid():
            context = {"form": form, "invitation": invitation}
            return page(request, "accounts/join.html", context, status=422 if form.errors else 200)
        return _accept(request, token, form)


def _accept(request: HttpRequest, token: str, form: JoinForm) -> HttpResponse:
    try:
        user = actions.accept(token, form.cleaned_data["name"], form.cleaned_data["password1"])
    except actions.NotOpen:
        return page(request, "accounts/closed.html", status=410)
    return _come_in(request, user)


@never_cache
@require_safe
def demo(request: HttpRequest, token: str) -> HttpResponse:
    """One click signs in, in the demo only."""
    user = actions.demo_user(token)
    if user is None:
        raise Http404
    return _come_in(request, user)


def _come_in(request: HttpRequest, user: User) -> HttpResponse:
    record_authentication(request, user, "password", reauthenticated=True)  # chosen or proven a moment ago
    answer: HttpResponse = perform_login(request, user, redirect_url=settings.LOGIN_REDIRECT_URL)
    return answer


@require_safe
@role_required("admin")
def users(request: HttpRequest) -> HttpResponse:
    """Who may sign in, who was invited."""
    asked = request.GET.get("q", "").strip()
    found = User.objects.filter(Q(name__icontains=asked) | Q(email__icontains=asked)) if asked else User.objects.all()
    waiting = Invitation.objects.filter(accepted_at=None).select_related("invited_by")[:50]
    context = {
        "slice": keyset(found, ("-is_active", "email"), request.GET.get("after", "")),
        "invitations": waiting,
        "q": asked,
        "admins": User.objects.filter(role="admin", is_active=True).count(),
        "failures": factors.failures(),
    }
    return page(request, "accounts/users.html", context, partial="accounts/_users.html")


@role_required("admin")
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: address, role, house, where signed in."""
    somebody = get_object_or_404(User.objects.annotate(sessions=Count("usersession")), pk=pk)
    form = UserForm(somebody, request.POST or None)
    if request.method == "POST" and form.is_valid() and _change(form, user_of(request)):
        return done(request, reverse("accounts:users"), _("Saved: %(name)s") % {"name": somebody.display_name})
    context = {"form": form, "somebody": somebody} | _signs_in(somebody)
    return page(request, "accounts/user.html", context, status=422 if form.errors else 200)


def _signs_in(somebody: User) -> dict[str, Any]:
    ways = [factor for factor in factors.factors_of(somebody) if factor["type"] in FACTORS]
    return {"factors": ways, "failures": factors.failures(somebody)}


def _change(form: UserForm, by: User) -> bool:
    """All of the form or nothing of it."""
    try:
        with transaction.atomic():
            actions.change_user(form.user, by, role=form.cleaned_data["role"], house=form.cleaned_data["house"])
            if form.cleaned_data["email"] != form.user.email:
                actions.change_email(form.user, form.cleaned_data["email"])
    except actions.LastAdmin:
        form.add_error("role", _("This is the last admin. Make somebody else admin first."))
    except actions.AddressTaken:
        form.add_error("email", _("A colleague has this address already. Change or remove that entry first."))
    return not form.errors


@require_POST
@role_required("admin")
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody signs in as this user any more; can be undone."""
    somebody = get_object_or_404(User, pk=pk)
    back = reverse("accounts:users")
    try:
        actions.deactivate(somebody, user_of(request))
    except actions.LastAdmin:
        return done(request, back, _("This is the last admin. Make somebody else admin first."))
    text = _("%(name)s can no longer sign in") % {"name": somebody.display_name}
    return done(request, back, text, undo=reverse("accounts:reactivate", args=[pk]))


@require_POST
@role_required("admin")
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """The user may sign in again."""
    somebody = get_object_or_404(User, pk=pk)
    actions.reactivate(somebody, user_of(request))
    text = _("%(name)s can sign in again") % {"name": somebody.display_name}
    return done(request, reverse("accounts:users"), text)


@require_POST
@role_required("admin")
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of a user."""
    somebody = get_object_or_404(User, pk=pk)
    actions.sign_out(somebody, user_of(request))
    text = _("%(name)s is signed out everywhere") % {"name": somebody.display_name}
    return done(request, reverse("accounts:user", args=[pk]), text)


@require_POST
@role_required("admin")
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link by mail."""
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    try:
        actions.invite_again(invitation, user_of(request))
    except actions.AlreadyInvited:
        return _invited_already(request, invitation)
    text = _("A new link is on its way to %(email)s") % {"email": invitation.email}
    return done(request, reverse("accounts:users"), text)


@require_POST
@role_required("admin")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The link stops working; can be undone."""
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    actions.revoke(invitation, user_of(request))
    text = _("The link for %(email)s no longer works") % {"email": invitation.email}
    return done(request, reverse("accounts:users"), text, undo=reverse("accounts:restore", args=[pk]))


@require_POST
@role_required("admin")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """The link works again."""
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    try:
        actions.restore(invitation, user_of(request))
    except actions.AlreadyInvited:
        return _invited_already(request, invitation)
    text = _("The link for %(email)s works again") % {"email": invitation.email}
    return done(request, reverse("accounts:users"), text)


def _invited_already(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    text = _("Another invitation to %(email)s is open already.") % {"email": invitation.email}
    return done(request, reverse("accounts:users"), text)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, language, appearance, password and sessions."""
    me = user_of(request)
    initial = {"name": me.display_name, "language": me.language, "theme": me.theme}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.save_profile(me, **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            return done(request, reverse("accounts:profile"), _("Saved"))
    context = {"form": form, "sessions": _sessions(request, me)} | factors.shown(me)
    return (invalid if form.errors else page)(request, "accounts/profile.html", context)


def _sessions(request: HttpRequest, me: User) -> list[dict[str, object]]:
    rows = UserSession.objects.filter(user=me).order_by("-last_seen_at")
    return [
        {
            "id": row.pk,
            "browser": browser(row.user_agent),
            "system": system(row.user_agent),
            "seen_at": row.last_seen_at,
            "is_here": row.session_key == request.session.session_key,
        }
        for row in rows
    ]


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out somewhere else."""
    actions.end_session(user_of(request), pk)
    return done(request, reverse("accounts:profile"), _("Signed out there"))


@require_safe
def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Nobody signs up alone; allauth wants the address to exist."""
    return redirect("account_login")
