"""What the name of a file says of its dataset: CMS' habits of naming. No Django."""

import re
from pathlib import Path

PART = r"[A-Za-z0-9_]+"
RULES = (
    # DQM_V0001_R000315257__ZeroBias__Run2018A-UL__DQMIO.root
    (
        re.compile(rf"^DQM_V\d+(?:_{PART})?_R\d+__(?P<pd>\w+?)__(?P<rest>[\w-]+?)__(?P<tier>[A-Z-]+)"),
        "/{pd}/{rest}/{tier}",
    ),
    # ZeroBias-Run2023C-PromptReco-v1-DQMIO-PixelPhase1-….parquet
    (
        re.compile(rf"^(?P<pd>{PART})-(?P<rest>Run\d{{4}}[A-Z][\w-]*?)-(?P<tier>(?:NANO)?DQMIO|DQM)(?![A-Za-z])"),
        "/{pd}/{rest}/{tier}",
    ),
    # ZeroBias_2018A_DataFrame_1D_2.csv, ZeroBias_315257_UL2018.csv
    (re.compile(r"^(?P<pd>[A-Za-z][A-Za-z0-9]*)_\d{4}[A-Z]?_DataFrame_[12]D"), "{pd}"),
    (re.compile(r"^(?P<pd>[A-Za-z][A-Za-z0-9]*)_\d{6}_"), "{pd}"),
)  # fmt: skip
STORE = re.compile(
    r"/store/[^/]+/(?P<era>Run[^/]+)/(?P<pd>[^/]+)/(?P<tier>[^/]+)/(?P<version>[^/]+)/(?:\d{3}/)*(?:\d+/)*[^/]+$"
)
"""Where CMS keeps the files of a dataset: ``/store/data/Run2024B/ZeroBias/DQMIO/PromptReco-v1/000/…/file.root``."""


def dataset_of(path: Path) -> str:
    """The dataset that folders and name of ``path`` tell, in full where they do; empty where they tell none."""
    if found := STORE.search(path.as_posix()):
        return "/{pd}/{era}-{version}/{tier}".format(**found.groupdict())
    for rule, form in RULES:
        if found := rule.match(path.name):
            return form.format(**found.groupdict())
    return ""
