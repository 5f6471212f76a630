"""Addresses of signing in, users and invitations. Those of allauth keep its names, outside the namespace."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import include, path, re_path

from ganzohr.accounts import views

OURS = [
    path("accounts/start/<str:token>/", views.start, name="start"),
    path("accounts/join/<str:token>/", views.join, name="join"),
    path("accounts/demo/<str:token>/", views.demo, name="demo"),
    path("users/", views.users, name="users"),
    path("users/<int:pk>/", views.user, name="user"),
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
