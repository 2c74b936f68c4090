"""Links from a page of a run to other sites."""

from typing import Any

from django import template

from runs.models import Run
from runs.outside import links_out

register = template.Library()


@register.inclusion_tag("runs/outside.html")
def outside_links(run: Run, ls: int | None = None, dataset: str = "", element: str = "") -> dict[str, Any]:
    """Nothing where the run's experiment has no such sites, or none is set."""
    return {"outside": links_out(run, ls, dataset, element)}
