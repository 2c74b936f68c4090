"""What a matrix is made of: one element in one dataset, and which lumisections."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.errors import UserError
from runs.golden.operands import spec_of
from runs.models import Certification, Lumisection, Run

MOST_NAMED = 8


class WrongChoice(UserError):
    """A choice that cannot be made; ``name`` says which part of it is wrong."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True, kw_only=True)
class Choice:
    """``runs`` and ``lumisections`` are conditions on their ``number``; no ``experiment``: the one they are of.

    ``flag``: only lumisections certified ``status`` under this flag, by ``source`` where one is named; what was signed
    here lies over all files. ``within``: only those of another mask, such as ``mask=12``, a stored version.
    ``bits``: only where all these detector bits are set. ``missing``: a row of NaN for every chosen lumisection
    without a histogram, which is left out otherwise.
    """

    element: MonitoringElement
    dataset: Dataset
    experiment: str = ""
    runs: Q = field(default_factory=Q)
    lumisections: Q = field(default_factory=Q)
    flag: str = ""
    status: str = Certification.Status.GOOD.value
    source: str = ""
    within: str = ""
    bits: tuple[str, ...] = ()
    missing: bool = False

    def __post_init__(self) -> None:
        if self.missing and not self.runs:
            raise WrongChoice("missing", "say which runs: all others have missing lumisections, too")
        if self.source and not self.flag:
            raise WrongChoice("source", "belongs to a flag: name it")

    def chosen_runs(self) -> QuerySet:
        runs = Run.objects.visible().filter(self.runs).order_by()
        return runs.of(self.experiment) if self.experiment else runs

    def chosen_lumisections(self) -> QuerySet:
        """Those of the runs; their certification is not looked at."""
        rows = Lumisection.objects.visible().filter(
            self.lumisections, run__in=self.chosen_runs().values("pk")
        )
        for number, bit in enumerate(self.bits):
            rows = rows.annotate(**{f"bit_{number}": KeyTransform(bit, "flags")}).filter(
                **{f"bit_{number}": True}
            )
        return rows.order_by()

    def histograms(self) -> QuerySet:
        """Those of the element in the lumisections; of a few runs, without reading the others."""
        rows = (
            LumisectionHistogram.objects.filter(element=self.element, dataset=self.dataset)
            .visible()
            .order_by()
        )
        if not self.runs and not self.lumisections:
            return rows
        return rows.filter(lumisection__in=self.chosen_lumisections().values("pk"))

    def masks(self) -> dict[str, str]:
        """The operands (as ``runs.golden.operands`` has them) that all hold a lumisection, by what asks for them."""
        flag = spec_of("flag", flag=self.flag, source=self.source, status=self.status) if self.flag else ""
        return {name: spec for name, spec in (("flag", flag), ("within", self.within)) if spec}

    def described(self) -> dict[str, Any]:
        """What lumisections it takes, in words of the request."""
        said: dict[str, Any] = {
            "missing": "nan" if self.missing else "left-out",
            "within": [*self.masks().values()],
        }
        return said | ({"bits": list(self.bits)} if self.bits else {})


def dataset_of(element: MonitoringElement, name: str = "") -> Dataset:
    """The dataset called ``name``; without a name the only one that holds the element. Raises WrongChoice."""
    if name:
        found = Dataset.objects.visible().filter(name=name).first()
        if found is None:
            raise WrongChoice("dataset", f"there is no dataset {name!r:.120}")
        return found
    held = LumisectionHistogram.objects.filter(element=element, dataset=OuterRef("pk")).visible()
    there = list(Dataset.objects.visible().filter(Exists(held))[: MOST_NAMED + 1])
    if len(there) == 1:
        return there[0]
    if not there:
        raise WrongChoice("dataset", f"no dataset holds histograms of {element.name} per lumisection")
    names = ", ".join(one.name for one in there[:MOST_NAMED])
    raise WrongChoice("dataset", f"several hold {element.name}, choose one: {names}")
