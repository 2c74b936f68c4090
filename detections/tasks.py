"""Long work of this app, one task each: commands, pages, the API and notebooks all go through them."""

from contextlib import nullcontext
from typing import Any

from django_tasks import task

from detections import services
from detections.models import Comparison, SampleSet, Trial
from project.errors import UserError
from project.jobs.reporter import Reporter, Share
from project.models import Job

STUDY = (("freezing", 0.0, 0.05), ("injecting", 0.05, 0.05), ("scoring", 0.1, 0.8), ("comparing", 0.9, 0.1))
"""The parts of a study of strength, each with where it begins and its share of the work."""


def sample_set_named(name: str) -> SampleSet:
    """The sample set of this name (or the start of its hash)."""
    found = SampleSet.objects.filter(name=name).first()
    if found is None and len(name) >= 8:
        found = SampleSet.objects.filter(hash__startswith=name).first()
    if found is None:
        names = ", ".join(SampleSet.objects.order_by("-id").values_list("name", flat=True)[:10]) or "none yet"
        raise UserError(f"there is no sample set {name!r}; the newest: {names}")
    return found


def _owner(reporter: Reporter) -> Any:
    """Who started the job: what it makes is theirs."""
    job_id = getattr(reporter, "job_id", None)
    job = Job.objects.filter(pk=job_id).select_related("owner").first() if job_id else None
    return job.owner if job else None


def _set_counts(sample_set: SampleSet, new: bool) -> dict[str, Any]:
    return {
        "sample_set": sample_set.pk, "name": sample_set.name, "hash": sample_set.hash, "new": new,
        "samples": sample_set.n_samples, "scores": sample_set.n_scores, "groups": sample_set.n_groups,
        "fit": sample_set.n_fit, "score": sample_set.n_score, "left_out": sample_set.left_out,
        "truth": 0 if sample_set.truth is None else int((sample_set.truth > 0).sum()),
    }  # fmt: skip


@task
def freeze_samples(
    *, name: str, world: str, recipe: dict, reporter: Reporter, **options: Any
) -> dict[str, Any]:
    owner = _owner(reporter)
    return _set_counts(
        *services.freeze_samples(name, world, recipe, owner=owner, reporter=reporter, **options)
    )


@task
def inject(*, parent: str, name: str, reporter: Reporter, **options: Any) -> dict[str, Any]:
    owner = _owner(reporter)
    return _set_counts(
        *services.inject_samples(sample_set_named(parent), name, owner=owner, reporter=reporter, **options)
    )


@task
def run_trials(
    *,
    sample_set: str,
    detectors: list[dict],
    reporter: Reporter,
    desk: services.Desk | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Each of ``detectors`` is ``{"name": …, "params": {…}}``; the set is read once for all of them."""
    chosen = sample_set_named(sample_set)
    desk, owner = desk or services.Desk(), _owner(reporter)
    trials = []
    with desk.sharing() if len(detectors) > 1 else nullcontext():
        for number, detector in enumerate(detectors):
            share = Share(reporter, number / len(detectors), 1 / len(detectors), detector["name"])
            trial, computed = services.run_trial(
                chosen, detector["name"], detector.get("params") or {}, desk=desk, reporter=share,
                job_id=getattr(reporter, "job_id", None), owner=owner, **options,
            )  # fmt: skip
            trials.append(_trial_counts(trial, computed))
    stored = [trial for trial in trials if trial["computed"] and trial["state"] == Trial.State.DONE]
    left_out = [trial for trial in trials if trial["state"] == Trial.State.LEFT_OUT]
    known = len(trials) - sum(trial["computed"] for trial in trials)
    return {"stored": len(stored), "known": known, "left_out": len(left_out), "trials": trials}


def _trial_counts(trial: Trial, computed: bool) -> dict[str, Any]:
    return {
        "trial": trial.pk, "detector": trial.detector, "state": trial.state, "reason": trial.reason,
        "computed": computed, "scored": trial.n_scored, "detections": trial.detections.count(),
        "fit_seconds": round(trial.fit_seconds, 3), "score_seconds": round(trial.score_seconds, 3),
    }  # fmt: skip


@task
def compare_trials(
    *, sample_set: str, reporter: Reporter, trials: list[int] | None = None, **options: Any
) -> dict[str, Any]:
    chosen = sample_set_named(sample_set)
    named = None if trials is None else list(Trial.objects.filter(pk__in=trials))
    if named is not None and len(named) < len(set(trials or ())):
        missing = sorted(set(trials or ()) - {trial.pk for trial in named})
        raise UserError(f"there is no trial {', '.join(map(str, missing))}")
    comparison, new = services.compare_trials(
        chosen, named, owner=_owner(reporter), reporter=reporter, **options
    )
    return {"comparison": comparison.pk, "new": new, **_best(comparison)}


def _best(comparison: Comparison) -> dict[str, Any]:
    classes = comparison.results["classes"]
    return {
        "best": {name: one["rows"][0]["detector"] for name, one in classes.items()},
        "sentences": comparison.results["sentences"],
        "left_out": comparison.results["left_out"],
    }


@task
def study_strength(  # noqa: PLR0913  keyword-only parts of what is studied
    *,
    name: str,
    recipe: dict,
    detectors: list[dict],
    reporter: Reporter,
    folds: int = 0,
    kinds: list[str] | None = None,
    fraction: float = 0.2,
    seed: int = 1,
    n_boot: int = 200,
    far: float = 0.01,
) -> dict[str, Any]:
    """Freeze histograms, every run a fold by itself; inject faults into a copy, run detectors on it, compare them."""
    desk = services.Desk()
    parts = [Share(reporter, start, size, title) for title, start, size in STUDY]
    made = freeze_samples.func(
        name=name, world=SampleSet.World.HISTOGRAMS, recipe=recipe, folds=folds, desk=desk, reporter=parts[0]
    )
    how = {"kinds": kinds, "fraction": fraction, "seed": seed}
    child = inject.func(
        parent=made["name"], name=f"{made['name']}-faults", desk=desk, reporter=parts[1], **how
    )
    trials = run_trials.func(sample_set=child["name"], detectors=detectors, desk=desk, reporter=parts[2])
    compared = compare_trials.func(
        sample_set=child["name"], trials=[one["trial"] for one in trials["trials"]], metric="efficiency_at_far",
        desk=desk, n_boot=n_boot, far=far, reporter=parts[3],
    )  # fmt: skip
    return {
        **trials,
        **compared,
        "sample_set": child["name"],
        "samples": child["samples"],
        "truth": child["truth"],
    }


@task
def set_threshold(*, trial: int, threshold: float | None, reporter: Reporter) -> dict[str, Any]:
    found = Trial.objects.select_related("sample_set").filter(pk=trial).first()
    if found is None:
        raise UserError(f"there is no trial {trial}")
    return services.set_threshold(found, threshold)


@task
def load_upload(*, upload: str, kind: str, arguments: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Load an uploaded file; ``arguments`` are those of the kind's own task."""
    from detections.loading.kinds import KINDS
    from project.uploads.work import load_uploaded

    chosen = KINDS[kind]

    def load(paths: list[str], follow: Reporter) -> dict[str, Any]:
        result: dict[str, Any] = chosen.task.func(paths=paths, reporter=follow, **arguments)
        return result

    return load_uploaded(upload, chosen.line, load, reporter)


@task
def load_demo(*, reporter: Reporter) -> dict[str, Any]:
    from detections.demo.demonstration import load_demo as load

    return load(reporter)
