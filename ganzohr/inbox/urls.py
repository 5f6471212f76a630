"""Addresses of the inbox."""

from __future__ import annotations

from django.urls import path

from ganzohr.inbox.views import acts, answers, files, gestures, pages, saved, templates

app_name = "inbox"
urlpatterns = [
    path("inbox/", pages.listing, name="list"),
    path("inbox/filter/", pages.filtering, name="filter"),
    path("inbox/arrived/<int:channel_id>/<str:external_id>/", pages.arrived, name="arrived"),
    path("inbox/<int:pk>/", pages.conversation, name="conversation"),
    path("inbox/<int:pk>/assignee/", acts.assignee, name="assignee"),
    path("inbox/<int:pk>/topic/", acts.topic, name="topic"),
    path("inbox/<int:pk>/site/", acts.site, name="site"),
    path("inbox/<int:pk>/kind/", acts.kind, name="kind"),
    path("inbox/<int:pk>/later/", acts.later, name="later"),
    path("inbox/<int:pk>/closing/", acts.closing, name="closing"),
    path("inbox/<int:pk>/reopening/", acts.reopening, name="reopening"),
    path("inbox/<int:pk>/unread/", acts.unread, name="unread"),
    path("inbox/<int:pk>/notes/", acts.notes, name="notes"),
    path("inbox/<int:pk>/undo/<str:token>/", acts.undo, name="undo"),
    path("inbox/<int:pk>/answers/", answers.answers, name="answers"),
    path("inbox/<int:pk>/checks/", answers.checking, name="checks"),
    path("inbox/<int:pk>/template/", templates.sending, name="template"),
    path("inbox/<int:pk>/template/filling/", templates.filling, name="template_filling"),
    path("inbox/<int:pk>/template/looking/", templates.looking, name="template_looking"),
    path("inbox/<int:pk>/promise/", answers.promise, name="promise"),
    path("inbox/<int:pk>/drafts/<str:mode>/", answers.drafts, name="draft"),
    path("inbox/<int:pk>/drafts/<str:mode>/discarding/", answers.discarding, name="discarding"),
    path("inbox/<int:pk>/drafts/<str:mode>/choice/", answers.choosing, name="choosing"),
    path("inbox/<int:pk>/files/", files.attaching, name="attaching"),
    path("inbox/<int:pk>/saved-replies/", saved.replies, name="saved"),
    path("inbox/<int:pk>/presence/", files.presence, name="presence"),
    path("inbox/notes/<int:pk>/removal/", acts.note_removal, name="note_removal"),
    path("inbox/messages/<int:pk>/original/", pages.original, name="original"),
    path("inbox/messages/<int:pk>/taking-back/", answers.taking_back, name="taking_back"),
    path("inbox/messages/<int:pk>/outcome/", answers.outcome, name="outcome"),
    path("inbox/messages/<int:pk>/reaction/", gestures.reacting, name="reacting"),
    path("inbox/messages/<int:pk>/hiding/", gestures.hiding, name="hiding"),
    path("inbox/messages/<int:pk>/showing/", gestures.unhiding, name="unhiding"),
    path("inbox/messages/<int:pk>/gesture/", gestures.keeping, name="keeping"),
    path("inbox/files/<int:pk>/", files.file, name="file"),
    path("inbox/files/<int:pk>/removal/", files.detaching, name="detaching"),
    path("inbox/posts/<int:pk>/picture/", files.post_picture, name="post_picture"),
]
