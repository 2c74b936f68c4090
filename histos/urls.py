"""Addresses of the pages of histograms. An experiment's name may hold a slash, so the longest address comes first."""

from django.urls import path

from histos.views import browse, element, element_in_run, elements, figures, health, of_run, run_trends, trend

IN_RUN = "histograms/<int:pk>/<path:experiment>/<int:number>/"

urlpatterns = [
    path("histograms/", elements.elements, name="elements"),
    path("histograms/browse/", browse.browse, name="browse"),
    path("histograms/trends/", run_trends.run_trends, name="run-trends"),
    path("histograms/trends/one/figure.json", run_trends.run_trend_figure, name="run-trend-figure"),
    path("histograms/trends/one/", run_trends.run_trend, name="run-trend"),
    path("histograms/missing/", health.health, name="health"),
    path("histograms/missing/<path:experiment>/<int:number>/", health.run_health, name="run-health"),
    path("histograms/of/<path:experiment>/<int:number>/", of_run.run_elements, name="run-elements"),
    path("histograms/<int:pk>/", element.element, name="element"),
    path("histograms/<int:pk>/runs/figure.json", trend.figure, name="element-trend-figure"),
    path("histograms/<int:pk>/runs/", trend.trend, name="element-trend"),
    path(f"{IN_RUN}figure.json", figures.figure, name="element-figure"),
    path(f"{IN_RUN}<slug:part>.json", figures.maps, name="element-map"),
    path(IN_RUN, element_in_run.element_in_run, name="element-in-run"),
]
