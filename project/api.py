"""The API root: one line per list."""

from rest_framework.routers import DefaultRouter

from detections import api as detections
from detections import registries_api as registries
from detections.labels.api import LabelResource
from detections.loading.api import FileResource
from detections.proposals.api import ProposalEventResource, ProposalResource
from histos import api as histos
from histos.moments_api import RunMomentsResource
from lightcurves import api as lightcurves
from project.jobs_api import JobResource
from project.resource import Resource
from runs import api as runs
from runs.golden.api import LumiMaskResource

router = DefaultRouter()
router.include_format_suffixes = False
LISTS: dict[str, type[Resource]] = {
    "fills": runs.FillResource,
    "runs": runs.RunResource,
    "lumisections": runs.LumisectionResource,
    "certifications": runs.CertificationResource,
    "lumi-masks": LumiMaskResource,
    "datasets": histos.DatasetResource,
    "monitoring-elements": histos.ElementResource,
    "lumisection-histograms": histos.LumisectionHistogramResource,
    "run-histograms": histos.RunHistogramResource,
    "run-moments": RunMomentsResource,
    "light-curve-histograms": histos.LightCurveHistogramResource,
    "catalogs": lightcurves.CatalogResource,
    "sources": lightcurves.SourceResource,
    "light-curves": lightcurves.LightCurveResource,
    "detectors": registries.DetectorResource,
    "injections": registries.InjectionResource,
    "metrics": registries.MetricResource,
    "sample-sets": detections.SampleSetResource,
    "trials": detections.TrialResource,
    "detections": detections.DetectionResource,
    "labels": LabelResource,
    "proposals": ProposalResource,
    "proposal-events": ProposalEventResource,
    "comparisons": detections.ComparisonResource,
    "jobs": JobResource,
    "files": FileResource,
}
for name, resource in LISTS.items():
    router.register(name, resource, basename=name)
