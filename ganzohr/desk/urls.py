from __future__ import annotations

from django.urls import path

from ganzohr.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.show_today, name="today"),
    path("month/", views.show_month, name="month"),
    path("month/<int:year>-<int:number>/", views.show_month, name="month_of"),
]
