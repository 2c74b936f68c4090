"""Every address of the site, and one that leads somewhere for each: kwargs come from the world of one of everything."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import get_resolver, reverse
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

from detections.models import Comparison, Detection, Label, Proposal, SampleSet, Trial
from histos.models import MonitoringElement
from lightcurves.models import LightCurve, Source
from project.api import LISTS
from project.models import ApiToken, Job, SourceFile
from project.registry_api import Registry
from runs.models import Certification, LumiMask, Run
from tests.project.world import World

HOLE = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")
VALUES = {
    "app_label": "runs",
    "experiment": "CMS",
    "number": 316187,
    "ls": 120,
    "name": "constant",
    "part": "test",
    "url": "nothing-here/",
}
"""What a kwarg of this name is given; others are the id of the row whose page it is."""
PLACES: dict[str, type[Model]] = {
    "compare/": Comparison,
    "trials/": Trial,
    "anomalies/": Trial,
    "detections/": Detection,
    "labels/": Label,
    "samples/": SampleSet,
    "runs/": Run,
    "golden/": LumiMask,
    "certifications/": Certification,
    "certification/": Proposal,
    "histograms/": MonitoringElement,
    "sources/": Source,
    "series/": LightCurve,
    "jobs/": Job,
    "files/": SourceFile,
    "profile/tokens/": ApiToken,
}
"""Whose pages these addresses begin."""


@dataclass(frozen=True)
class Address:
    """``name`` as the table has it: the name of the pattern, or its text where it has none."""

    name: str
    route: str
    named: bool
    parameters: tuple[str, ...]

    def url(self, world: World, values: Mapping[str, Any] = VALUES) -> str:
        filled = {parameter: _fill(self, parameter, world, values) for parameter in self.parameters}
        if self.named:
            return reverse(self.name, kwargs=filled)
        return "/" + HOLE.sub(lambda hole: str(filled[hole[1] or hole[2]]), self.route)


def addresses(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[Address]:
    """Every pattern below ``resolver``, which is the whole site at first."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + _route(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, route, inner)
        else:
            parameters = tuple(pattern.pattern.regex.groupindex)
            name = f"{space}{pattern.name}" if pattern.name else route
            yield Address(name, route, bool(pattern.name), parameters)


def _route(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    return text if isinstance(pattern.pattern, RoutePattern) else text.lstrip("^").rstrip("$")


def _fill(address: Address, parameter: str, world: World, values: Mapping[str, Any]) -> Any:
    if parameter in VALUES:
        return values[parameter]
    if address.route.startswith("api/v1/"):
        return _of_list(address.name, world)
    if address.route.startswith("admin/"):
        return world[_of_admin(address.route)].pk
    model = next((model for place, model in PLACES.items() if address.route.startswith(place)), None)
    assert model, f"Say in {__file__} what {parameter!r} of {address.name!r} is: {address.route}"
    return world[model].pk


def _of_list(name: str, world: World) -> Any:
    """The id of an entry of the list that is named, which may be a registry."""
    resource = next(LISTS[one] for one in sorted(LISTS, key=len, reverse=True) if name.startswith(f"{one}-"))
    return resource().entries()[0]["name"] if issubclass(resource, Registry) else world[resource.model].pk


def _of_admin(route: str) -> type[Model]:
    label, model = route.split("/")[1:3]
    return apps.get_model(label, model) if label in apps.app_configs else Run
