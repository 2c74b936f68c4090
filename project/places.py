"""The places of the site, as the head of every page names them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """``key``: the letter after ``g`` that goes there."""

    label: str
    page: str
    key: str
    prefixes: tuple[str, ...]


PLACES = (
    Place("Overview", "overview", "o", ()),
    Place("Runs", "runs", "r", ("/runs/",)),
    Place("Histograms", "elements", "h", ("/histograms/",)),
    Place("Sources", "sources", "s", ("/sources/",)),
    Place("Anomalies", "anomalies", "a", ("/anomalies/", "/trials/", "/detections/")),
    Place("Compare", "comparisons", "c", ("/compare/",)),
    Place("Certify", "certification", "y", ("/certification/",)),
    Place("Jobs", "jobs", "j", ("/jobs/",)),
)
MORE = (
    Place("Sample sets", "samples", "e", ("/samples/",)),
    Place("Detectors", "detectors", "d", ("/detectors/",)),
    Place("Injections", "injections", "i", ("/injections/",)),
    Place("Golden JSON", "golden", "g", ("/golden/",)),
    Place("Files", "files", "f", ("/files/",)),
    Place("API", "api-docs", "p", ("/api/",)),
)
