"""Addresses of the pages of sources, and of the cone search."""

from django.urls import path

from lightcurves.sky.cone_search import ConeSearch
from lightcurves.views import source, sources

urlpatterns = [
    path("sources/", sources.sources, name="sources"),
    path("sources/figure.json", sources.figure, name="sources-figure"),
    path("sources/<int:pk>/", source.source, name="source"),
    path("sources/<int:pk>/figure.json", source.figure, name="source-figure"),
    path("vo/cone", ConeSearch.as_view(), name="cone-search"),
]
