"""Addresses of this room; served outside, too."""

from django.urls import path

from ganzohr.notifications import views

app_name = "notifications"
urlpatterns = [path("ask/<str:token>/", views.ask, name="ask")]
