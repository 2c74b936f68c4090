"""What masks can be made of: stored versions, certifications, uploaded files, and what an app above offers.

An operand is written as a small query, so that it fits into an address, a request and a shell: ``mask=12``,
``flag=golden&source=Cert.json``, ``trial=23&threshold=2.5``. Its first name says what kind it is; an app above adds
one: ``offer(kind)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote_plus, urlencode

from project.errors import UserError
from runs.golden.reading import GOOD, certified
from runs.masks import CmsName, Fault, Mask, Parsed, mask_of, parse_mask, sha256_of
from runs.masks.names import OTHER, kind_of, stem_of
from runs.models import Certification, LumiMask

LONGEST = 1_000
"""Characters of an operand."""
MOST_SETS = 200


@dataclass(frozen=True)
class Operand:
    """A mask and where it is from: ``label`` in a few words, ``told`` for the provenance, the runs that were looked at
    where that is known, what was wrong with it, and the stored version that it is, if any.
    """

    spec: str
    label: str
    mask: Mask
    told: dict[str, Any] = field(default_factory=dict)
    looked_at: tuple[int, int] | None = None
    faults: tuple[Fault, ...] = ()
    parent: LumiMask | None = None
    name: str = ""
    kind: str = OTHER

    @property
    def record(self) -> dict[str, Any]:
        """What the provenance keeps: what it was, and the hash of what it held then."""
        try:
            digest = sha256_of(self.mask)
        except ValueError:
            digest = ""  # a run to an end that nobody knows: no file can say it
        return {"operand": self.spec, "label": self.label, "sha256": digest, **self.told}


class Kind(Protocol):
    """``name`` begins its operands; ``more`` are the further names they may have."""

    name: str
    more: tuple[str, ...]

    def operand(self, spec: str, given: Mapping[str, str], experiment: str) -> Operand:
        """Raises UserError with the reason where there is none."""
        ...


KINDS: dict[str, Kind] = {}


def offer(kind: Kind) -> None:
    KINDS[kind.name] = kind


def spec_of(kind: str, **more: Any) -> str:
    """The text of an operand: ``spec_of("flag", flag="golden", source="a.json")``."""
    given = {kind: more.pop(kind), **more}
    return urlencode({name: value for name, value in given.items() if value not in (None, "")})


def operand(spec: str, experiment: str = "CMS") -> Operand:
    """The operand that ``spec`` names; UserError with the reason where it names none."""
    if len(spec) > LONGEST or "\0" in unquote_plus(spec):
        raise UserError(f"{spec[:40]!r}… is no operand: too long, or it holds NUL")
    pairs = parse_qsl(spec, keep_blank_values=True)
    kind = KINDS.get(pairs[0][0]) if pairs else None
    if kind is None:
        forms = ", ".join(f"{name}=…" for name in KINDS)
        raise UserError(f"{spec[:80]!r} is no operand; it begins with one of {forms}")
    given = dict(pairs)
    unknown = [name for name in given if name not in (kind.name, *kind.more)]
    if unknown or len(given) != len(pairs):
        names = ", ".join((kind.name, *kind.more))
        raise UserError(f"{spec[:80]!r}: each of {names} once at most, and nothing else")
    return kind.operand(spec, given, experiment)


class Stored:
    """A stored version: ``mask=12``."""

    name = "mask"
    more: tuple[str, ...] = ()

    def operand(self, spec: str, given: Mapping[str, str], experiment: str) -> Operand:
        version = stored(given["mask"])
        if version.experiment != experiment:
            raise UserError(f"{version} is of {version.experiment}, not of {experiment}")
        return operand_of(version)


def stored(text: str) -> LumiMask:
    """The version with this id; UserError where there is none."""
    number = text if text.isascii() and text.isdigit() and len(text) <= 18 else "0"
    version = LumiMask.objects.visible().filter(pk=int(number)).first()
    if version is None:
        raise UserError(f"there is no stored version {text[:40]!r}")
    return version


def operand_of(version: LumiMask) -> Operand:
    told = {"name": version.name, "version": version.version}
    return Operand(
        spec_of("mask", mask=version.pk), str(version), mask_of(version.ranges), told,
        (version.first_run, version.last_run), parent=version, name=version.name, kind=version.kind,
    )  # fmt: skip


class Flagged:
    """What certifications say: ``flag=tracker``, and which ``source``, ``version`` and ``status`` count."""

    name = "flag"
    more: tuple[str, ...] = ("source", "version", "status")

    def operand(self, spec: str, given: Mapping[str, str], experiment: str) -> Operand:
        statuses = tuple(given["status"].split(",")) if given.get("status") else GOOD
        if wrong := [one for one in statuses if one not in Certification.Status.values]:
            raise UserError(f"status {wrong[0][:40]!r} is none of {', '.join(Certification.Status.values)}")
        flag, source, version = given["flag"], given.get("source"), given.get("version")
        said = certified(experiment, flag, source, version, statuses)
        if not said.runs:
            who = "".join(f", {name} {given[name]!r:.80}" for name in ("source", "version") if name in given)
            raise UserError(f"nothing is certified as {flag[:64]!r}{who} in {experiment}")
        names = [found for source, _ in said.sources if (found := CmsName.of(source))]
        told = {
            "flag": flag, "statuses": list(statuses), "sources": [list(one) for one in said.sources],
            "runs": len(said.runs),
        }  # fmt: skip
        label = (
            f"{flag} {' or '.join(statuses)}"
            + (f" by {source}" if source else "")
            + (f" {version}" if version else "")
        )
        first = min([said.runs[0], *(one.first_run for one in names)])
        last = max([said.runs[-1], *(one.last_run for one in names)])
        only = stem_of(said.sources[0][0]) if len(said.sources) == 1 else ""
        return Operand(spec, label, said.good, told, (first, last), name=only, kind=kind_of(flag))


def parsed_operand(name: str, content: bytes, spec: str) -> Operand:
    """A certification file by its content. UserError where it is none, or holds what is no range."""
    try:
        parsed: Parsed = parse_mask(content)
    except ValueError as error:
        raise UserError(f"{name}: {error}") from error
    named = CmsName.of(name)
    span = (named.first_run, named.last_run) if named else None
    return Operand(
        spec, name, parsed.mask, {"file": name}, span, tuple(parsed.faults), name=stem_of(name), kind=kind_of(name),
    )  # fmt: skip


for one in (Stored(), Flagged()):
    offer(one)
