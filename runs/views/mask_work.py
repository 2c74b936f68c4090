"""The workbench: operands put together, what each step costs, and the result kept as a version."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from project.access import reader_required, role_required
from project.errors import UserError
from project.sparks import bar
from runs.golden.operands import MOST_SETS, spec_of
from runs.golden.reading import experiments, flag_sets, usual
from runs.golden.store import store_mask
from runs.golden.uploads import forget_upload, keep_upload
from runs.golden.workbench import OPERATIONS, Work
from runs.models import LumiMask
from runs.views.mask_state import Line, State, added

LISTED, FAULTS = 100, 60
STATUSES = ("GOOD", "GOOD,STANDBY", "GOOD,STANDBY,EXCLUDED", "GOOD,STANDBY,EXCLUDED,NOTSET,EMPTY")
LONGEST_NAME, LONGEST_COMMENT = 128, 4_000


@require_safe
@reader_required
def workbench(request: HttpRequest) -> HttpResponse:
    """What the operands of the address make together; nothing is stored. ``add`` puts one more into the address."""
    state = State.read(request.GET)
    if "add" in request.GET:
        spec = added(request.GET)
        return redirect(_address(state.with_operands([*state.of, *([spec] if spec else [])])))
    return _bench(request, state)


@require_POST
@role_required("expert")
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a certification file, and go on with it as an operand: nothing is stored before it was looked at."""
    state = State.read(request.POST)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise UserError("Choose a file.")
        spec = keep_upload(file)
    except UserError as error:
        return _bench(request, state, {"file": str(error)})
    return redirect(_address(state.with_operands([*state.of, spec])))


@require_POST
@role_required("expert")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the result as the next version of its name."""
    state = State.read(request.POST)
    work, lines = _worked(state)
    errors = _wrong(request.POST)
    if work is None or errors:
        return _bench(request, state, errors or {"save": "there is nothing to keep yet"})
    what = {name: request.POST.get(name, "").strip() for name in ("name", "kind", "comment")}
    try:
        version, _ = store_mask(work, owner=request.user, **what)
    except UserError as error:
        return _bench(request, state, {"save": str(error)})
    for line in lines:
        forget_upload(line.spec)
    return redirect("golden-version", version.pk)


def _address(state: State) -> str:
    return reverse("golden-work") + state.query().removesuffix("?")


def _worked(state: State) -> tuple[Work | None, list[Line]]:
    """What the operands make, None where one of them is none."""
    lines = state.lines()
    operands = tuple(line.operand for line in lines if line.operand)
    if not operands or len(operands) < len(lines) or state.errors:
        return None, lines
    return Work(operands, state.do, state.experiment, state.asked), lines


def _bench(request: HttpRequest, state: State, errors: dict[str, str] | None = None) -> HttpResponse:
    errors = {**state.errors, **(errors or {})}
    there = experiments(LISTED)
    if not request.GET.get("experiment") and not state.of:
        state = replace(state, experiment=usual(there))
    work, lines = _worked(state)
    shown: dict[str, Any] = {}
    try:
        shown = _result(work, lines) if work else {}
    except (UserError, ValueError) as error:
        errors["of"] = str(error)
    wrong = bool(errors) or any(line.error for line in lines)
    context = {
        "state": state, "lines": lines, "errors": errors, "operations": OPERATIONS, "sum": OPERATIONS[state.do],
        "kinds": LumiMask.Kind.choices, "given": request.POST, "statuses": STATUSES, **_choices(state, there), **shown,
    }  # fmt: skip
    return render(request, "runs/mask_work.html", context, status=400 if wrong else 200)


def _result(work: Work, lines: list[Line]) -> dict[str, Any]:
    top = work.total.recorded
    steps = [
        {
            "line": line, "step": step, "bar": bar(step.left.recorded, top, f"{step.left.recorded:.4g} pb⁻¹"),
            "share": step.left.recorded / top if top > 0 else None,
        }
        for line, step in zip(lines, work.steps, strict=True)
    ]  # fmt: skip
    runs = sum(not fault.range for fault in work.unknown)
    return {
        "work": work, "steps": steps, "put_right": work.put_right[:FAULTS], "wrong": work.wrong[:FAULTS],
        "unknown_runs": runs, "unknown_ranges": len(work.unknown) - runs, "unknown": work.unknown[:FAULTS],
    }  # fmt: skip


def _choices(state: State, there: list[str]) -> dict[str, Any]:
    """What can be added: the newest versions, and every flag by source and version."""
    rows = LumiMask.objects.visible().filter(experiment=state.experiment).order_by("-id")
    versions = [
        (spec_of("mask", mask=pk), f"{name} v{version}")
        for pk, name, version in rows.values_list("id", "name", "version")[:LISTED]
    ]
    flags: dict[str, str] = {}
    for flag, source, version in flag_sets(MOST_SETS):
        flags.setdefault(spec_of("flag", flag=flag), f"{flag}, whoever says it")
        flags[spec_of("flag", flag=flag, source=source, version=version)] = (
            f"{flag} by {source} {version}".strip()
        )
    taken = sorted({*there, state.experiment})
    return {
        "versions": versions,
        "experiments": taken,
        "flags": sorted(flags.items(), key=lambda one: one[1]),
    }


def _wrong(post: QueryDict) -> dict[str, str]:
    name, kind, comment = (post.get(one, "") for one in ("name", "kind", "comment"))
    errors = {}
    if len(name) > LONGEST_NAME or not name.isprintable():
        errors["name"] = f"at most {LONGEST_NAME} printable characters"
    if kind and kind not in LumiMask.Kind.values:
        errors["kind"] = f"{kind[:40]!r} is none of {', '.join(LumiMask.Kind.values)}"
    if len(comment) > LONGEST_COMMENT or "\0" in comment:
        errors["comment"] = f"at most {LONGEST_COMMENT:,} characters, and no NUL"
    return errors
