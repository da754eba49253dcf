"""Its three addresses."""

from django.urls import path

from tests.bench.yardstick import views

urlpatterns = [
    path("page/", views.page),
    path("tick/<int:step>/", views.tick),
    path("table/", views.table),
]
