"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from ganzohr.channels.views import channels, deliveries, hand, holds, mail, meta, meta_app, outbox, platform_requests

app_name = "channels"
urlpatterns = [
    path("channels/", channels.show_list, name="list"),
    path("channels/manifest.webmanifest", hand.manifest, name="manifest"),
    path("channels/by-hand/", hand.by_hand, name="by_hand"),
    path("channels/share/", hand.share, name="share"),
    path("channels/mail/", mail.connect, name="mail_connect"),
    path("channels/mail/signed-in/", mail.signed_in, name="mail_signed_in"),
    path("channels/meta/", meta_app.app, name="meta_app"),
    path("channels/meta/secrets/", meta_app.add_secret, name="meta_secret"),
    path("channels/meta/secrets/<slug:mark>/retire/", meta_app.retire_secret, name="meta_retire"),
    path("channels/meta/ignore/", meta_app.ignore, name="meta_ignore"),
    path("channels/meta/wishes/<int:pk>/", meta_app.wish, name="meta_wish"),
    path("channels/meta/deliveries/", deliveries.of_app, name="meta_deliveries"),
    path("channels/meta/deliveries/<int:delivery_id>/again/", deliveries.again_of_app, name="meta_delivery_again"),
    path("channels/meta/facebook/", meta.begin_page, name="meta_page"),
    path("channels/meta/whatsapp/", meta.begin_number, name="meta_number"),
    path("channels/new/<slug:kind>/", channels.connect, name="connect"),
    path("channels/<int:pk>/", channels.show, name="channel"),
    path("channels/<int:pk>/edit/", channels.edit, name="edit"),
    path("channels/<int:pk>/look/", channels.look, name="look"),
    path("channels/<int:pk>/pause/", channels.pause, name="pause"),
    path("channels/<int:pk>/resume/", channels.resume, name="resume"),
    path("channels/<int:pk>/disconnect/", channels.disconnect, name="disconnect"),
    path("channels/<int:pk>/mail/", mail.edit, name="mail"),
    path("channels/<int:pk>/mail/check/", mail.check, name="mail_check"),
    path("channels/<int:pk>/mail/check/now/", mail.check_now, name="mail_check_now"),
    path("channels/<int:pk>/mail/sign-in/", mail.sign_in, name="mail_sign_in"),
    path("channels/<int:pk>/meta/", meta.guide, name="meta"),
    path("channels/<int:pk>/meta/look/", meta.look, name="meta_look"),
    path("channels/<int:pk>/meta/pages/", meta.pages, name="meta_pages"),
    path("channels/<int:pk>/meta/token/", meta.token, name="meta_token"),
    path("channels/<int:pk>/meta/status/", meta.status, name="meta_status"),
    path("channels/<int:pk>/gone/", channels.remove_gone, name="remove_gone"),
    path("channels/<int:pk>/deliveries/", deliveries.of_channel, name="deliveries"),
    path("channels/<int:pk>/deliveries/<int:delivery_id>/again/", deliveries.again_of_channel, name="delivery_again"),
    path("d/<slug:code>/", platform_requests.platform_request, name="platform_request"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/hold/", holds.hold, name="hold"),
    path("outbox/holds/<int:pk>/lift/", holds.lift, name="lift"),
    path("outbox/<int:pk>/take-back/", outbox.take_back, name="take_back"),
    path("outbox/<int:pk>/again/", outbox.again, name="again"),
    path("outbox/<int:pk>/was-sent/", outbox.was_sent, name="was_sent"),
    path("outbox/<int:pk>/was-not-sent/", outbox.was_not_sent, name="was_not_sent"),
    path("outbox/<int:pk>/post/", hand.post_by_hand, name="post_by_hand"),
    path("outbox/<int:pk>/posted/", hand.posted, name="posted"),
]
