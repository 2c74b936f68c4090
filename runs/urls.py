"""Addresses of the pages of runs. An experiment's name may hold a slash, so the longest address comes first."""

from django.urls import path

from runs.views import lumisection, mask_diff, mask_work, masks, run, runs

urlpatterns = [
    path("golden/", masks.masks, name="golden"),
    path("golden/work/", mask_work.workbench, name="golden-work"),
    path("golden/upload/", mask_work.upload, name="golden-upload"),
    path("golden/save/", mask_work.save, name="golden-save"),
    path("golden/diff/", mask_diff.diff, name="golden-diff"),
    path("golden/<int:pk>/", masks.mask, name="golden-version"),
    path("golden/<int:pk>/download/", masks.download, name="golden-download"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<path:experiment>/<int:number>/<int:ls>/", lumisection.lumisection, name="lumisection"),
    path("runs/<path:experiment>/<int:number>/figure.json", run.figure, name="run-figure"),
    path("runs/<path:experiment>/<int:number>/", run.run, name="run"),
]
