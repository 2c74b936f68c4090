"""What can be uploaded: for each kind of data its readers, its options, and the task that loads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django_tasks.base import Task
from rest_framework import serializers

from histos.readers import READERS as HISTOGRAM_READERS
from histos.tasks import load_histos
from lightcurves.surveys import SURVEYS
from lightcurves.tasks import load_catalog, load_light_curves
from project.bodies import Body, Choice, Name
from project.errors import UserError
from project.loading import make_reader
from project.uploads.names import CSV, CSV_GZ, JSON, PARQUET
from runs.readers import READERS as RUN_READERS
from runs.tasks import load_certifications, load_runs

NOT_OFFERED = ("memory",)
"""Options of a survey that are the server's business."""


class Options(Body):
    policy = Choice(
        ("keep", "replace"), default="keep", help_text="what becomes of rows in conflict with stored ones"
    )
    dry_run = serializers.BooleanField(default=False, help_text="read and check, store nothing")


class RunOptions(Options):
    experiment = Name(max_length=64, default="CMS")
    luminosity_unit = Name(max_length=8, required=False, help_text="/fb, /pb (default), /nb or /ub")
    era = Name(max_length=64, required=False)


class CertificationOptions(Options):
    experiment = Name(max_length=64, default="CMS")
    flag = Name(
        max_length=64, default="", allow_blank=True, help_text="default: what the reader says, such as golden"
    )
    version = Name(max_length=64, default="", allow_blank=True)


class HistogramOptions(Options):
    policy = Choice(("keep", "replace", "sum"), default="keep")
    dataset = Name(max_length=255, help_text="ZeroBias, or in full /ZeroBias/Run2018A-UL/DQMIO")
    experiment = Name(max_length=64, default="CMS")
    weighted = serializers.BooleanField(
        default=False, help_text="the histograms hold sums of weights, not counts"
    )


class CatalogOptions(Options):
    catalog = Name(max_length=64)
    simulated = serializers.BooleanField(default=False)
    reading = serializers.DictField(
        child=serializers.CharField(max_length=200),
        default=dict,
        help_text="options of the survey: id, ra, dec, …",
    )


class LightCurveOptions(CatalogOptions):
    survey_name = Name(max_length=64, help_text="who measured the light curves")
    reduction = Name(max_length=64, default="", allow_blank=True)


@dataclass(frozen=True)
class LoadKind:
    """``arguments`` turns a reader's name and checked options into those of ``task``, but for ``paths``."""

    task: Task
    readers: Callable[[], Mapping[str, Any]]
    body: type[Options]
    types: tuple[str, ...]
    arguments: Callable[[str, dict[str, Any]], dict[str, Any]]
    command: str
    """What loads the same from the shell."""
    line: int = 1 << 14
    """Bytes a line may have: the readers hold some thousand at once."""
    lists: bool = False
    """Whether its readers take Parquet with lists of numbers."""

    @property
    def bounds(self) -> dict[str, Any]:
        return {"line": self.line, "lists": self.lists}


def _common(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("policy", "dry_run")}


def _histograms(reader: str, options: dict[str, Any]) -> dict[str, Any]:
    given = {"weighted": True} if options["weighted"] else {}
    make_reader(HISTOGRAM_READERS, reader, given)
    into = {name: options[name] for name in ("dataset", "experiment")}
    return {"reader": reader, "reader_options": given, **into, **_common(options)}


def _runs(reader: str, options: dict[str, Any]) -> dict[str, Any]:
    given = {name: options[name] for name in ("luminosity_unit", "era") if options.get(name)}
    make_reader(RUN_READERS, reader, given)
    return {
        "reader": reader,
        "reader_options": given,
        "experiment": options["experiment"],
        **_common(options),
    }


def _certifications(reader: str, options: dict[str, Any]) -> dict[str, Any]:
    into = {name: options[name] for name in ("experiment", "flag", "version")}
    return {"reader": reader, **into, **_common(options)}


def _survey(reader: str, options: dict[str, Any], **into: Any) -> dict[str, Any]:
    refused = [name for name in options["reading"] if name in NOT_OFFERED]
    if refused:
        raise UserError(f"{', '.join(refused)} is not for an upload to choose")
    try:
        SURVEYS[reader].from_options(options["reading"])
    except ValueError as error:
        raise UserError(str(error)) from error
    into |= {name: options[name] for name in ("catalog", "simulated")}
    return {"survey": reader, "options": options["reading"], "into": into, **_common(options)}


def _light_curves(reader: str, options: dict[str, Any]) -> dict[str, Any]:
    return _survey(reader, options, survey=options["survey_name"], reduction=options["reduction"])


def _yielding(what: str) -> Callable[[], Mapping[str, Any]]:
    return lambda: {name: survey for name, survey in SURVEYS.items() if survey.yields == what}


TABLES = (CSV, CSV_GZ, PARQUET)
KINDS: dict[str, LoadKind] = {
    "histograms": LoadKind(
        load_histos, lambda: HISTOGRAM_READERS, HistogramOptions, TABLES, _histograms, "load_histos", line=64 << 20,
        lists=True,
    ),
    "runs": LoadKind(load_runs, lambda: RUN_READERS, RunOptions, (JSON, CSV, CSV_GZ), _runs, "load_runs"),
    "certifications": LoadKind(
        load_certifications, lambda: RUN_READERS, CertificationOptions, (JSON, CSV, CSV_GZ), _certifications,
        "load_certifications",
    ),
    "catalog": LoadKind(
        load_catalog, _yielding("sources"), CatalogOptions, TABLES, _survey, "load_catalog"
    ),
    "light-curves": LoadKind(
        load_light_curves, _yielding("light curves"), LightCurveOptions, TABLES, _light_curves, "load_lightcurves"
    ),
}  # fmt: skip
