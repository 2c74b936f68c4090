"""Addresses of the pages: pages of runs."""

from django.urls import path

from runs import views

urlpatterns = [
    path("runs/", views.runs, name="runs"),
]
