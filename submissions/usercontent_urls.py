"""Addresses on the other origin, `USERCONTENT_ORIGIN` (`submissions/usercontent.py` makes them)."""

from django.urls import path

from submissions.views import files

urlpatterns = [path("<str:token>/<str:name>", files.signed, name="signed")]
