"""What a request for a matrix may say: every parameter read strictly, a wrong one named."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db.models import Q

from histos.matrix import WRITERS, Choice, Plan, dataset_of
from histos.models import MonitoringElement
from project.filters import (
    EXACT,
    INTEGER,
    MOST_VALUES,
    RANGE,
    TEXT,
    WHOLE_NUMBER,
    Filter,
    Kind,
    Parameter,
    natural,
    one_of,
    parameters,
    read_strictly,
    shortened,
)  # fmt: skip
from project.openapi import Schema, parameter, several
from runs.models import Certification

CURSOR = re.compile(r"(\d{1,9}):(\d{1,9})", re.ASCII)
MOST_BITS = 20


def cursor(text: str) -> tuple[int, int]:
    """Run and lumisection of ``315488:120``; raises ValueError with the reason."""
    found = CURSOR.fullmatch(text)
    if not found:
        raise ValueError(f"{shortened(text)} is not <run>:<lumisection>, such as 315488:120")
    return int(found[1]), int(found[2])


def _bits(text: str) -> tuple[str, ...]:
    bits = tuple(text.split(","))
    if len(bits) > MOST_BITS or not all(bit and "\0" not in bit for bit in bits):
        raise ValueError(f"1 to {MOST_BITS} names with commas between them are needed")
    return bits


def _text(pattern: str) -> Schema:
    return {"type": "string", "minLength": 1, "pattern": pattern}


NUMBERS = {"run": Filter("number", INTEGER, RANGE), "lumisection": Filter("number", INTEGER, RANGE)}
SAID = ("experiment", "flag", "status", "source", "within", "bits")
KINDS = {
    "dataset": (TEXT, "needed where several datasets hold the element"),
    "experiment": (TEXT, "needed where runs of several have histograms of the element"),
    "flag": (TEXT, "only lumisections certified under this flag, such as golden"),
    "status": (one_of(*Certification.Status.values), "of the flag; default: GOOD"),
    "source": (TEXT, "of the flag: the file or person that says so"),
    "within": (
        TEXT,
        "only lumisections of a mask: mask=12 (a stored version), trial=23&threshold=2.5; & is written %26",
    ),
    "bits": (
        Kind(_bits, _text(rf"^[^\x00,]+(,[^\x00,]+){{0,{MOST_BITS - 1}}}$")),
        "detector bits that are all set, with commas",
    ),
    "missing": (
        one_of("left-out", "nan"),
        "nan: a row of NaN for each chosen lumisection without a histogram; default: left-out",
    ),
    "dtype": (one_of("float64", "float32"), "of counts; default: float64"),
    "after": (
        Kind(cursor, _text(r"^[0-9]{1,9}:[0-9]{1,9}$")),
        "<run>:<lumisection> of the last row that came: how a broken download goes on",
    ),
    "limit": (Kind(lambda text: natural(text, 1), {**WHOLE_NUMBER, "minimum": 1}), "at most so many rows"),
    "format": (one_of("json", *WRITERS), "json tells what the others hold"),
}  # fmt: skip
OTHERS = {name: Filter(name, kind, EXACT) for name, (kind, _) in KINDS.items()}
KNOWN = {one.name: one for filters in (NUMBERS, OTHERS) for one in parameters(filters)}


def described_parameters() -> tuple[Schema, ...]:
    """For the OpenAPI description."""
    return tuple(parameter(name, _schema(one), KINDS.get(name, (None, ""))[1]) for name, one in KNOWN.items())


def _schema(one: Parameter) -> Schema:
    schema = dict(one.filter.kind.schema)
    return several(schema, MOST_VALUES) if one.lookup == "in" else schema


def read(params: Any) -> dict[str, Any]:
    """The values of ``params`` (a QueryDict); raises ValidationError with a reason per wrong parameter."""
    return read_strictly(params, KNOWN)


def choice(element: MonitoringElement, values: Mapping[str, Any]) -> Choice:
    """Raises WrongChoice."""
    said = {name: values[name] for name in SAID if name in values}
    return Choice(
        element=element, dataset=dataset_of(element, values.get("dataset", "")), runs=_terms("run", values),
        lumisections=_terms("lumisection", values), missing=values.get("missing") == "nan", **said,
    )  # fmt: skip


def _terms(what: str, values: Mapping[str, Any]) -> Q:
    return Q(**{
        one.term: values[name] for name, one in KNOWN.items() if name in values and name.split("__")[0] == what
    })  # fmt: skip


def cut(plan: Plan, values: Mapping[str, Any]) -> Plan:
    """The part from ``after`` on, of at most ``limit`` rows."""
    rest = plan.after(*values["after"]) if "after" in values else plan
    return rest.part(0, min(len(rest), values.get("limit", len(rest))))


def dtype(values: Mapping[str, Any]) -> np.dtype:
    return np.dtype(values.get("dtype", "float64"))
