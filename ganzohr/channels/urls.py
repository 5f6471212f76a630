"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from ganzohr.channels import hand_views, mail_views, outbox_views, views

app_name = "channels"
urlpatterns = [
    path("channels/", views.show_list, name="list"),
    path("channels/manifest.webmanifest", hand_views.manifest, name="manifest"),
    path("channels/by-hand/", hand_views.by_hand, name="by_hand"),
    path("channels/share/", hand_views.share, name="share"),
    path("channels/mail/", mail_views.connect, name="mail_connect"),
    path("channels/mail/signed-in/", mail_views.signed_in, name="mail_signed_in"),
    path("channels/new/<slug:kind>/", views.connect, name="connect"),
    path("channels/<int:pk>/", views.show, name="channel"),
    path("channels/<int:pk>/edit/", views.edit, name="edit"),
    path("channels/<int:pk>/look/", views.look, name="look"),
    path("channels/<int:pk>/pause/", views.pause, name="pause"),
    path("channels/<int:pk>/resume/", views.resume, name="resume"),
    path("channels/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("channels/<int:pk>/mail/", mail_views.edit, name="mail"),
    path("channels/<int:pk>/mail/check/", mail_views.check, name="mail_check"),
    path("channels/<int:pk>/mail/check/now/", mail_views.check_now, name="mail_check_now"),
    path("channels/<int:pk>/mail/sign-in/", mail_views.sign_in, name="mail_sign_in"),
    path("channels/<int:pk>/deliveries/", views.deliveries, name="deliveries"),
    path("channels/<int:pk>/deliveries/<int:delivery_id>/again/", views.delivery_again, name="delivery_again"),
    path("outbox/", outbox_views.outbox, name="outbox"),
    path("outbox/<int:pk>/take-back/", outbox_views.take_back, name="take_back"),
    path("outbox/<int:pk>/again/", outbox_views.again, name="again"),
    path("outbox/<int:pk>/was-sent/", outbox_views.was_sent, name="was_sent"),
    path("outbox/<int:pk>/was-not-sent/", outbox_views.was_not_sent, name="was_not_sent"),
    path("outbox/<int:pk>/post/", hand_views.post_by_hand, name="post_by_hand"),
    path("outbox/<int:pk>/posted/", hand_views.posted, name="posted"),
]
