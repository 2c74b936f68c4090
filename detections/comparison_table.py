"""A stored comparison as the rows of a CSV file."""

from collections.abc import Iterator
from typing import Any

from detections.metrics import METRICS
from detections.presenting import ENDS, Json

ESTIMATES = ("value", *ENDS, "chance")


def table(results: Json) -> Iterator[list[Any]]:
    """Every class and detector of the ``results``, the header first."""
    classes: Json = results.get("classes") or {}
    rows = [(class_, row) for class_, result in classes.items() for row in result.get("rows", ())]
    measured = {name for _, row in rows for name in row.get("metrics", ())}
    metrics = [name for name in METRICS if name in measured]
    yield ["class", "detector", *(f"{metric} {end}" for metric in metrics for end in ESTIMATES),
           "not scored", "fit seconds", "score seconds", "marks"]  # fmt: skip
    for class_, row in rows:
        name = row["detector"]
        values = [(row["metrics"].get(metric) or {}).get(end) for metric in metrics for end in ESTIMATES]
        cost = (results.get("costs") or {}).get(name) or {}
        marks = " ".join((results.get("marks") or {}).get(name) or ())
        spent = [cost.get("fit_seconds"), cost.get("score_seconds")]
        yield [class_, name, *values, row.get("not_scored"), *spent, marks]
