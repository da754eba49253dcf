"""Addresses: each app's own, the log-in, and the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("progress.urls")),
    path("", include("submissions.urls")),
    path("", include("people.urls")),
    path("", include("curriculum.urls")),
    path("accounts/", include("allauth.urls")),
    path("_nested_admin/", include("nested_admin.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
