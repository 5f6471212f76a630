"""Addresses of the shell."""

from __future__ import annotations

from django.urls import path

from ganzohr.ui import views

app_name = "ui"
urlpatterns = [
    path("live", views.events, name="live"),
    path("settings/", views.settings, name="settings"),
]
