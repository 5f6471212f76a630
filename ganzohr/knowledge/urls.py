"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from ganzohr.knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("g/<str:code>", views.go, name="go"),
    path("links/", views.show_list, name="list"),
    path("links/new/", views.create, name="create"),
    path("links/pick/", views.pick, name="pick"),
    path("links/<int:pk>/", views.show, name="link"),
    path("links/<int:pk>/edit/", views.edit, name="edit"),
    path("links/<int:pk>/archive/", views.archive, name="archive"),
    path("links/<int:pk>/restore/", views.restore, name="restore"),
]
