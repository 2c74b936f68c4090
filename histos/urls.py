"""Addresses of the pages of histograms. An experiment's name may hold a slash, so the longest address comes first."""

from django.urls import path

from histos.views import element, element_in_run, elements, of_run

IN_RUN = "histograms/<int:pk>/<path:experiment>/<int:number>/"

urlpatterns = [
    path("histograms/", elements.elements, name="elements"),
    path("histograms/of/<path:experiment>/<int:number>/", of_run.run_elements, name="run-elements"),
    path("histograms/<int:pk>/", element.element, name="element"),
    path(f"{IN_RUN}figure.json", element_in_run.figure, name="element-figure"),
    path(f"{IN_RUN}<slug:part>.json", element_in_run.maps, name="element-map"),
    path(IN_RUN, element_in_run.element_in_run, name="element-in-run"),
]
