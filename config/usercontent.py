"""Addresses of the other origin, `USERCONTENT_ORIGIN`: files, and nothing else."""

from django.urls import include, path

urlpatterns = [path("", include("submissions.usercontent_urls"))]

handler400 = "config.errors.bad_request"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
