"""Addresses of the pages: pages of histograms."""

from django.urls import path

from histos import views

urlpatterns = [
    path("histograms/", views.elements, name="elements"),
]
