"""One of everything: the smallest site on which every address leads somewhere."""

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone

from detections.models import (
    Comparison,
    Detection,
    Label,
    Proposal,
    ProposalEvent,
    SampleSet,
    ScoreBlock,
    Trial,
)
from histos.models import (
    Dataset,
    FoundFile,
    LightCurveHistogram,
    LumisectionHistogram,
    MonitoringElement,
    RunHistogram,
    RunMoments,
)
from lightcurves.models import Catalog, LightCurve, Source, Survey
from project.models import ApiToken, FailedTries, FileProblem, Job, SourceFile
from runs.models import Certification, Fill, LumiMask, Lumisection, Run
from tests.project.test_pages import results


@dataclass(frozen=True)
class World:
    """``things``: one row of every model."""

    things: dict[type[Model], Any]

    def __getitem__(self, model: type[Model]) -> Any:
        return self.things[model]


def make_world(owner: Any = None) -> World:
    owner = owner or get_user_model().objects.create_user("ada")
    made = [*_kernel(owner), *_runs(), *_light_curves()]
    found = {type(one): one for one in made}
    found |= {type(one): one for one in _histograms(found)}
    found |= {type(one): one for one in _detections(found)}
    found |= {type(one): one for one in _proposals(found[Run], owner)}
    group, _ = Group.objects.get_or_create(name="viewer")
    return World({**found, type(owner): owner, Group: group})


def _kernel(owner: Any) -> list[Model]:
    now = timezone.now()
    file = SourceFile.objects.create(
        name="a.csv", reader="ml4dqm-csv", state="complete", finished=now, stored=1, sha256="5" * 64
    )
    return [
        file,
        FileProblem.objects.create(file=file, line=3, kind="rejected", reason="101 values for 102 cells"),
        Job.objects.create(task="some.task", title="A job", owner=owner, log="a line"),
        ApiToken.objects.create(
            user=owner,
            name="script",
            public_id="0123456789ab",
            digest="0" * 64,
            expires=now + timedelta(days=1),
        ),
        FailedTries.objects.create(kind="name", key="0" * 64, failures=1, last=now),
    ]


MASK = {
    "name": "golden", "version": 1, "kind": "golden", "ranges": '{\n  "316187": [[120, 120]]\n}\n', "sha256": "7" * 64,
    "first_run": 316187, "last_run": 316187, "n_runs": 1, "n_lumisections": 1, "n_without_luminosity": 1,
    "recorded_luminosity": 0, "delivered_luminosity": 0, "recorded_total": 0,
}  # fmt: skip


def _runs() -> list[Model]:
    told = {"hlt_key": "/cdaq/physics", "l1_rate": {"value": 95_000.5, "unit": "Hz"}}
    run = Run.objects.create(number=316187, fill_number=6675, attributes=told)
    return [
        Fill.objects.create(number=6675, peak_pileup=55.5, attributes={"era": "Run2018A"}),
        run,
        Lumisection.objects.create(run=run, number=120),
        Certification.objects.create(run=run, first=120, flag="golden", status="GOOD", source="golden.json"),
        LumiMask.objects.create(**MASK),
    ]


def _proposals(run: Run, owner: Any) -> list[Model]:
    proposal = Proposal.objects.create(
        run=run,
        user=owner,
        flag="golden",
        ranges=[[120, 120, "BAD"]],
        first=120,
        last=120,
        cause="beam",
        origin="range",
    )
    return [proposal, ProposalEvent.objects.create(proposal=proposal, kind="proposed", user=owner)]


def _light_curves() -> list[Model]:
    catalog, survey = Catalog.objects.create(name="ogle3"), Survey.objects.create(name="macho")
    source = Source.objects.create(catalog=catalog, name="LMC-1", ra=80.89, dec=-69.75, mag=17.0)
    curve = LightCurve.objects.create(
        source=source, survey=survey, band="R", time=np.arange(5.0) + 50000, value=np.arange(5.0),
        error=np.ones(5), flag=np.zeros(5, "|u1"), n_points=5, time_min=50000, time_max=50004,
    )  # fmt: skip
    histogram = LightCurveHistogram.objects.create(
        light_curve=curve, kind="value", edges=np.arange(3.0), counts=np.arange(4.0)
    )
    return [catalog, survey, source, curve, histogram]


def _histograms(found: dict[type[Model], Any]) -> list[Model]:
    dataset = Dataset.objects.create(name="ZeroBias", primary_dataset="ZeroBias")
    element = MonitoringElement.objects.create(
        name="charge_PXLayer_1", binning="b", dimension=1,
        axes=[{"type": "regular", "lower": 0, "upper": 2, "bins": 2}],
    )  # fmt: skip
    same = {"dataset": dataset, "element": element, "entries": 6, "counts": np.array([0, 1, 5, 0])}
    return [
        dataset,
        element,
        LumisectionHistogram.objects.create(lumisection=found[Lumisection], **same),
        RunHistogram.objects.create(run=found[Run], **same),
        RunMoments.objects.create(
            run=found[Run],
            dataset=dataset,
            element="Tracking/Chi2",
            path="Tracking/Chi2;1",
            entries=6,
            mean=1.5,
        ),
        FoundFile.objects.create(path="/data/f.csv", place="1" * 64, size=1, modified=1, sha256="2" * 64),
    ]


def _detections(found: dict[type[Model], Any]) -> list[Model]:
    job, source = found[Job], found[Source]
    samples = SampleSet.objects.create(
        name="set", hash="h", world="catalog", kind="table", recipe={"catalog": "ogle3", "columns": ["mag"]},
        split="holdout", n_samples=1, n_scores=1,
        n_groups=1, n_fit=0, n_score=1, keys=zlib.compress(b"ogle3:LMC-1"), groups=zlib.compress(b"ogle3:LMC-1"),
        roles=np.ones(1, "|u1"), folds=np.zeros(1, "<i2"),
        owner=job.owner,
    )  # fmt: skip
    trial = Trial.objects.create(
        sample_set=samples,
        detector="constant",
        inputs="i",
        code_version="1",
        job=job,
        owner=job.owner,
        threshold=2.0,
    )
    comparison = Comparison.objects.create(sample_set=samples, inputs="i", results=results(), owner=job.owner)
    comparison.trials.add(trial)
    detection = Detection.objects.create(
        trial=trial, rank=1, position=0, key="ogle3:LMC-1", score=2.5, source=source
    )
    return [
        samples,
        trial,
        detection,
        Label.objects.create(key=detection.key, source=source, detection=detection, score=4, user=job.owner),
        ScoreBlock.objects.create(trial=trial, number=0, maximum=2.5, scores=np.array([2.5])),
        comparison,
    ]
