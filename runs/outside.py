"""Links from a run to the sites of its experiment: OMS, Run Registry, DQM GUI. Only CMS has them."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.conf import settings

from runs.models import Run

EXPERIMENT = "CMS"


class Link(NamedTuple):
    label: str
    url: str
    what: str


def links_out(run: Run, ls: int | None = None, dataset: str = "", element: str = "") -> list[Link]:
    """What these sites show of the same run, lumisection and element; nothing where the site names no address.

    A bare dataset such as ``ZeroBias`` is none that DQM GUI would know.
    """
    if run.experiment != EXPERIMENT or run.simulated:
        return []
    found = []
    if base := settings.LUMISIFT_OMS_PAGES:
        found.append(
            Link("OMS", f"{base}/cms/runs/report?{urlencode({'cms_run': run.number})}", _lumisection(ls))
        )
    if base := settings.LUMISIFT_RUNREGISTRY_PAGES:
        found.append(
            Link("Run Registry", f"{base}/offline/datasets/global?run={run.number}", "who certified it")
        )
    if base := settings.LUMISIFT_DQMGUI_PAGES:
        found.append(
            Link("DQM GUI", f"{base}/start?{_dqm_state(run.number, dataset, element)}", "its histograms")
        )
    return found


def _lumisection(ls: int | None) -> str:
    return "its luminosity, rates and triggers" + (f"; look for lumisection {ls}" if ls else "")


def _dqm_state(run: int, dataset: str, element: str) -> str:
    """DQM GUI reads its state from parts between semicolons."""
    parts = {"runnr": str(run), "sampletype": "offline_data", "workspace": "Everything"}
    if dataset.count("/") == 3:
        parts["dataset"] = dataset
    folder = element.rpartition("/")[0]
    if folder:
        parts |= {"root": folder, "focus": element}
    return ";".join(f"{name}={quote(value, safe='/')}" for name, value in parts.items())
