"""Addresses of topics and of the two imports."""

from __future__ import annotations

from django.urls import path

from ganzohr.topics import import_views, topic_views, views

app_name = "topics"
urlpatterns = [
    path("topics/", views.topics, name="list"),
    path("topics/new/", views.new, name="new"),
    path("topics/catalogue/", views.start, name="start"),
    path("topics/import/", import_views.topics, name="import"),
    path("colleagues/import/", import_views.colleagues, name="import_colleagues"),
    path("imports/<int:pk>/", import_views.sheet, name="sheet"),
    path("imports/<int:pk>/application/", import_views.apply, name="apply"),
    path("imports/<int:pk>/removal/", import_views.discard, name="discard"),
    path("topics/<int:pk>/", topic_views.topic, name="topic"),
    path("topics/<int:pk>/texts/", topic_views.texts, name="texts"),
    path("topics/<int:pk>/responsible/", topic_views.post, name="post"),
    path("topics/<int:pk>/sites/", topic_views.site_post, name="site_post"),
    path("topics/<int:pk>/sites/<int:site>/same/", topic_views.same, name="same"),
    path("topics/<int:pk>/promise/", topic_views.promise, name="promise"),
    path("topics/<int:pk>/examples/", topic_views.add_examples, name="add_examples"),
    path("topics/<int:pk>/archive/", views.archive, name="archive"),
    path("topics/<int:pk>/return/", views.unarchive, name="unarchive"),
    path("topics/examples/<int:pk>/removal/", topic_views.remove_example, name="remove_example"),
    path("topics/examples/<int:pk>/return/", topic_views.restore_example, name="restore_example"),
]
