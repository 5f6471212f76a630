"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from ganzohr.knowledge import reply_views, views

app_name = "knowledge"
urlpatterns = [
    path("g/<str:code>", views.go, name="go"),
    path("links/", views.show_list, name="list"),
    path("links/new/", views.create, name="create"),
    path("links/pick/", views.pick, name="pick"),
    path("links/saved-replies/", reply_views.show_list, name="replies"),
    path("links/saved-replies/new/", reply_views.create, name="reply_create"),
    path("links/saved-replies/first-ones/", reply_views.start, name="reply_start"),
    path("links/saved-replies/<int:pk>/", reply_views.show, name="reply"),
    path("links/saved-replies/<int:pk>/edit/", reply_views.edit, name="reply_edit"),
    path("links/saved-replies/<int:pk>/copy/", reply_views.copy, name="reply_copy"),
    path("links/saved-replies/<int:pk>/archive/", reply_views.archive, name="reply_archive"),
    path("links/saved-replies/<int:pk>/restore/", reply_views.restore, name="reply_restore"),
    path("links/<int:pk>/", views.show, name="link"),
    path("links/<int:pk>/edit/", views.edit, name="edit"),
    path("links/<int:pk>/archive/", views.archive, name="archive"),
    path("links/<int:pk>/restore/", views.restore, name="restore"),
]
