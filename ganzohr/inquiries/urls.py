"""Addresses of this room; the private page of an expert has its own in `notifications`."""

from django.urls import path

from ganzohr.inquiries import views

app_name = "inquiries"
urlpatterns = [
    path("inquiries/", views.show_list, name="list"),
    path("inquiries/conversation/<int:conversation_id>/", views.ask, name="ask"),
    path("inquiries/conversation/<int:conversation_id>/topic/", views.triage, name="triage"),
    path("inquiries/<int:pk>/colleague/", views.instead, name="instead"),
    path("inquiries/<int:pk>/expert/", views.now, name="now"),
    path("inquiries/topic/<int:topic_id>/", views.waiting, name="waiting"),
    path("inquiries/<int:pk>/reply/", views.reply, name="reply"),
    path("inquiries/<int:pk>/mail/", views.mail, name="mail"),
    path("inquiries/<int:pk>/withdrawal/", views.withdrawal, name="withdrawal"),
    path("inquiries/files/<int:pk>/", views.file, name="file"),
    path("colleague-mails/", views.colleague_mails, name="colleague_mails"),
    path("colleague-mails/<int:pk>/inquiry/", views.mail_ask, name="mail_ask"),
    path("colleague-mails/<int:pk>/message/", views.mail_message, name="mail_message"),
    path("colleague-mails/<int:pk>/seen/", views.mail_seen, name="mail_seen"),
]
