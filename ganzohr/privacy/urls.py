from __future__ import annotations

from django.urls import path

from ganzohr.privacy import views

app_name = "privacy"
urlpatterns = [
    path("privacy/", views.list_erasures, name="erasures"),
    path("privacy/people/<int:pk>/", views.show_person, name="person"),
    path("privacy/people/<int:pk>/export/", views.export_person, name="export"),
    path("privacy/people/<int:pk>/erase/", views.erase_person, name="erase"),
]
