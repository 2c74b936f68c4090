"""The state of the workbench as its address has it: which operands, put together how."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

from project.errors import UserError
from project.filters import natural
from runs.golden.operands import KINDS, LONGEST, Operand, operand
from runs.golden.workbench import MOST_OPERANDS, OPERATIONS
from runs.masks import LAST


@dataclass
class Line:
    """One operand of the address: what it is, or why it is none."""

    spec: str
    operand: Operand | None = None
    error: str = ""
    without: str = ""
    """The address without it."""
    earlier: str = ""
    """The address with it one place earlier; empty for the first."""


@dataclass(frozen=True)
class State:
    """``of``: the operands; ``do``: how they are put together; ``errors``: what is wrong, by name."""

    of: tuple[str, ...] = ()
    do: str = "all"
    experiment: str = "CMS"
    first_run: int | None = None
    last_run: int | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, params: QueryDict) -> Self:
        errors: dict[str, str] = {}
        do = params.get("do") or "all"
        if do not in OPERATIONS:
            errors["do"], do = f"{do[:40]!r} is no operation; there is {', '.join(OPERATIONS)}", "all"
        of = [spec for spec in params.getlist("of") if spec.strip()]
        if len(of) > MOST_OPERANDS:
            errors["of"], of = f"at most {MOST_OPERANDS} operands", of[:MOST_OPERANDS]
        runs = {name: _run(params.get(name, ""), name, errors) for name in ("first_run", "last_run")}
        experiment = (params.get("experiment") or "CMS").replace("\0", "")[:64]
        return cls(tuple(of), do, experiment, errors=errors, **runs)

    @property
    def asked(self) -> tuple[int | None, int | None]:
        return self.first_run, self.last_run

    def query(self) -> str:
        """As it stands in an address."""
        own = {
            "experiment": self.experiment if self.experiment != "CMS" else "",
            "do": self.do if self.do != "all" else "",
        }
        runs = {"first_run": self.first_run, "last_run": self.last_run}
        given = [(name, value) for name, value in {**own, **runs}.items() if value]
        return "?" + urlencode([*(("of", spec) for spec in self.of), *given])

    def with_operands(self, of: Sequence[str]) -> "State":
        return replace(self, of=tuple(of), errors={})

    def lines(self) -> list[Line]:
        """The operands, each read; what is none of them says why."""
        found = []
        for place, spec in enumerate(self.of):
            rest = [*self.of[:place], *self.of[place + 1 :]]
            line = Line(spec, without=self.with_operands(rest).query())
            if place:
                line.earlier = self.with_operands([*rest[: place - 1], spec, *rest[place - 1 :]]).query()
            try:
                line.operand = operand(spec, self.experiment)
            except (UserError, ValueError) as error:
                line.error = str(error)
            found.append(line)
        return found


def added(params: QueryDict) -> str:
    """The operand that one of the page's small forms adds: ``add`` is its kind, or the beginning of it; the other
    names of that kind come beside it. Empty where nothing was chosen.
    """
    begun = params.get("add", "")[:LONGEST]
    pairs: dict[str, Any] = dict(parse_qsl(begun, keep_blank_values=True)) if "=" in begun else {}
    name = next(iter(pairs), begun)
    kind = KINDS.get(name)
    if kind is None:
        return begun
    for one in (kind.name, *kind.more):
        chosen = params.get(one, "").strip()
        if one not in pairs and chosen:
            pairs[one] = chosen
    return urlencode(pairs) if kind.name in pairs else ""


def _run(text: str, name: str, errors: dict[str, str]) -> int | None:
    try:
        return natural(text.strip(), 1, LAST) if text.strip() else None
    except ValueError as error:
        errors[name] = str(error)
        return None
