"""Addresses of the pages: pages of sources."""

from django.urls import path

from lightcurves import views

urlpatterns = [
    path("sources/", views.sources, name="sources"),
]
