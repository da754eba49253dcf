"""Addresses."""

from django.urls import path

from curriculum import views

app_name = "curriculum"
urlpatterns = [
    path("help/markdown/", views.markdown_help, name="markdown_help"),
]
