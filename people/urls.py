"""Addresses."""

from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/calendar/", views.feed, name="feed"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/reading/", views.reading, name="reading"),
    path("mails/<str:token>/stop/", views.mail_stop, name="mail_stop"),
    path("join/<str:token>/opening/", views.opened, name="opened"),
    path("account/absences/", views.absences, name="absences"),
    path("account/absences/<uuid:uuid>/end/", views.absence_end, name="absence_end"),
    path("join/<str:token>/", views.join, name="join"),
]
