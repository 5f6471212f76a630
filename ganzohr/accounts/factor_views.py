"""Pages about second factors and the employer's own sign-in, beside those of allauth."""

from __future__ import annotations

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ganzohr.accounts import factors
from ganzohr.accounts.factor_forms import RulesForm
from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.accounts.provider import Connection
from ganzohr.ui.pages import confirm, done, invalid, page


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """One's own second factors; where a role needs one, the only page until there is one."""
    me = user_of(request)
    return page(request, "accounts/second_factor.html", factors.shown(me) | {"lacks": me.lacks_factor})


@role_required("admin")
def rules(request: HttpRequest) -> HttpResponse:
    """Which roles need a second factor."""
    without, initial = User.objects.without_factor(), {"roles": factors.roles_in_need()}
    form = RulesForm(without, request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        factors.require(form.cleaned_data["roles"], user_of(request))
        return done(request, reverse("accounts:users"), _("Saved"))
    return (invalid if form.errors else page)(request, "accounts/rules.html", {"form": form})


@role_required("admin")
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factors of somebody who lost theirs."""
    somebody = get_object_or_404(User, pk=pk)
    name, back = somebody.display_name, reverse("accounts:user", args=[pk])
    if request.method == "POST":
        factors.reset(somebody, user_of(request))
        return done(request, back, _("%(name)s now signs in without a second factor") % {"name": name})
    question = _("Take away all second factors of %(name)s?") % {"name": name}
    return confirm(request, question, _("Take them away"), back, _effects())


def _effects() -> list[str]:
    return [
        _("Apps, passkeys and recovery codes no longer work."),
        _("Every browser in which this person is signed in is signed out."),
        _("Make sure by phone or in person that it is really them who asks."),
    ]


def by_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the employer's own sign-in."""
    return _travel(request, provider_id, OAuth2LoginView)


def from_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """And back."""
    return _travel(request, provider_id, OAuth2CallbackView)


def _travel(request: HttpRequest, provider_id: str, view: type) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(Connection(request, provider_id))(request)  # type: ignore[attr-defined]
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except OSError:  # the provider does not answer; allauth's own client raises it
        return page(request, "socialaccount/authentication_error.html", status=502)
    return answer
