from __future__ import annotations

from django.urls import path

from ganzohr.insights import views

app_name = "insights"
urlpatterns = [path("people-ask/", views.show_people_ask, name="people_ask")]
