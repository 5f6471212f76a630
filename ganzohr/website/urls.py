"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from ganzohr.website import api, sources, views

app_name = "website"
urlpatterns = [
    path("w/<slug:key>/widget.js", api.script, name="script"),
    path("w/<slug:key>/config", api.config, name="config"),
    path("w/<slug:key>/letters", api.letters, name="letters"),
    path("w/<slug:key>/conversation", api.conversation, name="conversation"),
    path("w/<slug:key>/", views.contact, name="contact"),
    path("v/<str:token>/", views.visit, name="visit"),
    path("v/<str:token>/address/", views.address, name="address"),
    path("v/<str:token>/erasure/", views.erasure, name="erasure"),
    path("v/<str:token>/end/", views.end, name="end"),
    path("v/<str:token>/files/<int:file_id>/", views.file, name="file"),
    path("channels/website/", sources.connect, name="connect"),
    path("channels/<int:channel_id>/sources/", sources.page_of_sources, name="sources"),
    path("channels/<int:channel_id>/sources/setup/", sources.setup, name="setup"),
    path("channels/<int:channel_id>/sources/preview/", sources.preview, name="preview"),
    path("channels/<int:channel_id>/sources/<int:source_id>/archive/", sources.archive, name="archive"),
    path("channels/<int:channel_id>/sources/<int:source_id>/qr.<str:form>", sources.qr, name="qr"),
]
