"""Addresses."""

from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/absences/", views.absences, name="absences"),
    path("account/absences/<uuid:uuid>/end/", views.absence_end, name="absence_end"),
    path("join/<str:token>/", views.join, name="join"),
]
