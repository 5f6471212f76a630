"""Addresses of the directory."""

from __future__ import annotations

from django.urls import path

from ganzohr.directory import place_views, views

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
    path("absences/<int:pk>/", views.absence, name="absence"),
    path("absences/<int:pk>/end/", views.be_back, name="be_back"),
    path("departments/", place_views.departments, name="departments"),
    path("departments/new/", place_views.department, name="new_department"),
    path("departments/<int:pk>/", place_views.department, name="department"),
    path("sites/", place_views.sites, name="sites"),
    path("sites/new/", place_views.site, name="new_site"),
    path("sites/<int:pk>/", place_views.site, name="site"),
    path("sites/<int:pk>/closing", place_views.close_site, name="close_site"),
    path("sites/<int:pk>/opening", place_views.open_site, name="open_site"),
    path("opening-hours/new/", place_views.opening_hours, name="new_hours"),
    path("opening-hours/<int:pk>/", place_views.opening_hours, name="hours"),
    path("users/invitation/", place_views.invite, name="invite"),
    path("users/<int:pk>/sites/", place_views.limit, name="limit"),
]
