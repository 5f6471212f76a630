from __future__ import annotations

from django.urls import path

from ganzohr.audit import views

app_name = "audit"
urlpatterns = [path("audit/", views.list_entries, name="list")]
