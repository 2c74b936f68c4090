"""The pages that combine what the other apps hold."""

from django.urls import path

from detections.views import comparisons, found, loading, overview, registries, samples, starting, trials

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("compare/", comparisons.comparisons, name="comparisons"),
    path("compare/<int:pk>/", comparisons.comparison, name="comparison"),
    path("compare/<int:pk>/table.csv", comparisons.comparison_csv, name="comparison-csv"),
    path("trials/<int:pk>/", trials.trial, name="trial"),
    path("trials/<int:pk>/threshold/", trials.set_threshold, name="trial-threshold"),
    path("anomalies/", trials.anomalies, name="anomalies"),
    path("detections/<int:pk>/", found.detection, name="detection"),
    path("labels/", found.label, name="label"),
    path("labels/<int:pk>/retract/", found.retract, name="label-retract"),
    path("samples/", samples.samples, name="samples"),
    path("samples/new/", samples.new_set, name="sample-set-new"),
    path("samples/<int:pk>/", samples.sample_set, name="sample-set"),
    path("samples/<int:pk>/inject/", samples.inject, name="inject"),
    path("samples/<int:pk>/trials/new/", starting.new_trial, name="trial-new"),
    path("samples/<int:pk>/compare/", starting.new_comparison, name="comparison-new"),
    path("detectors/", registries.detectors, name="detectors"),
    path("detectors/<str:name>/", registries.detector, name="detector"),
    path("injections/", registries.injections, name="injections"),
    path("load/", loading.load, name="load"),
    path("load/demo/", loading.load_demo, name="load-demo"),
]
