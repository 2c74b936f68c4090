"""Addresses of the pages of runs. An experiment's name may hold a slash, so the longest address comes first."""

from django.urls import path

from runs.views import lumisection, run, runs

urlpatterns = [
    path("runs/", runs.runs, name="runs"),
    path("runs/<path:experiment>/<int:number>/<int:ls>/", lumisection.lumisection, name="lumisection"),
    path("runs/<path:experiment>/<int:number>/figure.json", run.figure, name="run-figure"),
    path("runs/<path:experiment>/<int:number>/", run.run, name="run"),
]
