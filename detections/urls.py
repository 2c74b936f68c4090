"""The pages that combine what the other apps hold."""

from django.urls import path

from detections import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("compare/", views.comparisons, name="comparisons"),
    path("compare/<int:pk>/", views.comparison, name="comparison"),
    path("compare/<int:pk>/table.csv", views.comparison_csv, name="comparison-csv"),
    path("trials/<int:pk>/", views.trial, name="trial"),
    path("anomalies/", views.comparisons, name="anomalies"),
    path("samples/", views.comparisons, name="samples"),
    path("detectors/", views.comparisons, name="detectors"),
    path("injections/", views.comparisons, name="injections"),
]
