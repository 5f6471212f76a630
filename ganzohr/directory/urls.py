"""Addresses of the directory."""

from __future__ import annotations

from django.urls import path

from ganzohr.directory import places, views

app_name = "directory"
urlpatterns = [
    path("colleagues/", views.colleagues, name="colleagues"),
    path("colleagues/new/", views.new_colleague, name="new_colleague"),
    path("colleagues/me/", views.me, name="me"),
    path("colleagues/<int:pk>/", views.colleague, name="colleague"),
    path("colleagues/<int:pk>/edit/", views.edit_colleague, name="edit_colleague"),
    path("colleagues/<int:pk>/farewell/", views.leave, name="leave"),
    path("colleagues/<int:pk>/return", views.come_back, name="come_back"),
    path("absences/", views.absences, name="absences"),
    path("absences/<int:pk>/end/", views.be_back, name="be_back"),
    path("departments/", places.departments, name="departments"),
    path("departments/new/", places.department, name="new_department"),
    path("departments/<int:pk>/", places.department, name="department"),
    path("sites/", places.sites, name="sites"),
    path("sites/new/", places.site, name="new_site"),
    path("sites/<int:pk>/", places.site, name="site"),
    path("sites/<int:pk>/closing", places.close_site, name="close_site"),
    path("sites/<int:pk>/opening", places.open_site, name="open_site"),
    path("opening-hours/new/", places.opening_hours, name="new_hours"),
    path("opening-hours/<int:pk>/", places.opening_hours, name="hours"),
    path("users/invitation/", places.invite, name="invite"),
    path("users/<int:pk>/sites/", places.limit, name="limit"),
]
