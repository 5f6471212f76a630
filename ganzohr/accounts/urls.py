"""Addresses of signing in, users and invitations. Those of allauth keep its names, outside the namespace."""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import include, path, re_path, reverse_lazy
from django.views.generic import RedirectView

from ganzohr.accounts import factor_views, views

OURS = [
    path("accounts/start/<str:token>/", views.start, name="start"),
    path("accounts/join/<str:token>/", views.join, name="join"),
    path("accounts/demo/<str:token>/", views.demo, name="demo"),
    path("users/", views.users, name="users"),
    path("users/second-factor/", factor_views.rules, name="rules"),
    path("users/<int:pk>/", views.user, name="user"),
    path("users/<int:pk>/second-factor", factor_views.reset, name="reset_factors"),
    path("users/<int:pk>/deactivation", views.deactivate, name="deactivate"),
    path("users/<int:pk>/reactivation", views.reactivate, name="reactivate"),
    path("users/<int:pk>/sessions", views.sign_out, name="sign_out"),
    path("accounts/invitations/<int:pk>/mail", views.invite_again, name="invite_again"),
    path("accounts/invitations/<int:pk>/revocation", views.revoke, name="revoke"),
    path("accounts/invitations/<int:pk>/restoration", views.restore, name="restore"),
    path("profile/", views.profile, name="profile"),
    path("profile/sessions/<int:pk>", views.end_session, name="end_session"),
]
urlpatterns = [
    path("", include((OURS, "accounts"))),
    path("accounts/sign-in/", allauth.login, name="account_login"),
    path("accounts/sign-in/again/", allauth.reauthenticate, name="account_reauthenticate"),
    path("accounts/sign-in/off/", allauth.account_inactive, name="account_inactive"),
    path("accounts/sign-in/new/", views.no_sign_up, name="account_signup"),
    path("accounts/sign-out/", allauth.logout, name="account_logout"),
    path("accounts/password/", allauth.password_change, name="account_change_password"),
    path("accounts/password/first/", allauth.password_set, name="account_set_password"),
    path("accounts/password/forgotten/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/forgotten/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/new/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
FACTOR = "profile/second-factor/"
urlpatterns += [
    path("accounts/sign-in/second/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/sign-in/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/sign-in/again/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path(FACTOR, factor_views.mine, name="mfa_index"),
    path(f"{FACTOR}app/", totp.activate_totp, name="mfa_activate_totp"),
    path(f"{FACTOR}app/removal/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(f"{FACTOR}passkeys/", RedirectView.as_view(url=reverse_lazy("mfa_index")), name="mfa_list_webauthn"),
    path(f"{FACTOR}passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(f"{FACTOR}passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path(f"{FACTOR}passkeys/<int:pk>/removal/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path(f"{FACTOR}codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(f"{FACTOR}codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/sign-in/by/<slug:provider_id>/", factor_views.by_provider, name="openid_connect_login"),
    path("accounts/sign-in/by/<slug:provider_id>/back/", factor_views.from_provider, name="openid_connect_callback"),
    path("accounts/sign-in/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
]
