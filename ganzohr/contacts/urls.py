"""Addresses of people outside."""

from __future__ import annotations

from django.urls import path

from ganzohr.contacts import views

app_name = "contacts"
urlpatterns = [
    path("contacts/<int:pk>/", views.contact, name="contact"),
    path("contacts/<int:pk>/name/", views.name, name="name"),
    path("contacts/consents/<int:pk>/withdrawal/", views.withdrawal, name="withdrawal"),
]
