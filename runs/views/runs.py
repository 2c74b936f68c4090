"""Which runs there are, and how good."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from project.access import reader_required
from project.listing import Listing
from project.sparks import bar, strip_of
from runs.api import RunResource
from runs.lanes import Judged, Listed, judge, parameters
from runs.scores import RunKey

COLUMNS = (
    "id", "experiment", "number", "era", "start_time", "end_time", "fill_number", "recorded_luminosity", "simulated",
)  # fmt: skip
FILTERS = {
    "experiment": "Experiment",
    "number__gte": "Run from",
    "number__lte": "Run to",
    "era": "Era",
    "start_time__gte": "Started from (UTC)",
    "start_time__lte": "Started to (UTC)",
    "simulated": "Simulated",
}


@require_safe
@reader_required
def runs(request: HttpRequest) -> HttpResponse:
    """The table of runs, with a strip of lumisections for each."""
    listing = Listing(
        RunResource, request.GET, COLUMNS, filters=FILTERS, own=parameters(), ordering="-number"
    )
    listed = [
        Listed(row["id"], RunKey(row["experiment"], row["number"]), row["simulated"]) for row in listing.rows
    ]
    judged = judge(listed, request.GET)
    top = max((row["recorded_luminosity"] or 0 for row in listing.rows), default=0)
    rows = [_shown(row, judged, top) for row in listing.rows]
    lanes = [lane.short or lane.name for lane in judged.lanes if lane.judged]
    context = {"listing": listing, "rows": rows, "judged": judged, "lanes": lanes}
    status = 400 if judged.errors else listing.status
    return render(request, "runs/runs.html", context, status=status)


def _shown(row: dict[str, Any], judged: Judged, top: float) -> dict[str, Any]:
    luminosity = row["recorded_luminosity"]
    return row | {
        "lumisections": judged.lumisections.get(row["id"], 0),
        "duration": row["end_time"] - row["start_time"] if row["start_time"] and row["end_time"] else None,
        "bar": bar(luminosity, top, f"{luminosity or 0:.4g} pb⁻¹"),
        "strips": _strips(judged, row),
    }


def _strips(judged: Judged, row: dict[str, Any]) -> list[SafeString]:
    """A lane that nobody said anything in would only repeat that on every line."""
    shown = [lane for lane in judged.lanes if lane.judged] or judged.lanes
    return [
        strip_of(((state, last - first + 1) for first, last, state in lane.spans[row["id"]]), lane.name)
        for lane in shown if lane.spans.get(row["id"])
    ]  # fmt: skip
