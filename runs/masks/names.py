"""How CMS names its certification files. No Django.

``Cert_Collisions2024_378981_386951_Golden.json``, ``Collisions25_13p6TeV_391658_395372_DCSOnly_TkPx.json``: what was
certified, the first and the last run that was looked at, and how. Real files are also called ``…_golden.json``.
"""

import re
from typing import NamedTuple, Self

GOLDEN, MUON, DCS_ONLY, ML, OTHER = "golden", "muon", "dcs-only", "ml", "other"
ENDINGS = {GOLDEN: "Golden", MUON: "Muon", DCS_ONLY: "DCSOnly_TkPx", ML: "ML", OTHER: "Mask"}
"""The last word of a file's name, by kind."""
_FORM = re.compile(
    r"(?:cert_)?(?P<period>[a-z0-9][a-z0-9.+-]*(?:_[a-z0-9.+-]+)??)_(?P<first>\d{6})_(?P<last>\d{6})_(?P<ending>[a-z]\w*)",
    re.IGNORECASE | re.ASCII,
)
_SUFFIX = re.compile(r"\.(json|txt)$", re.IGNORECASE)


class CmsName(NamedTuple):
    """What a file's name says: the data-taking ``period``, the runs looked at, and the kind."""

    period: str
    first_run: int
    last_run: int
    kind: str

    @classmethod
    def of(cls, name: str) -> Self | None:
        """Of the name of a file, with or without its suffix, in any case; None where it is not in CMS' form."""
        found = _FORM.fullmatch(stem_of(name))
        if found is None or int(found["first"]) > int(found["last"]):
            return None
        return cls(found["period"], int(found["first"]), int(found["last"]), kind_of(found["ending"]))


def stem_of(name: str) -> str:
    """A file's name without ``.json`` or ``.txt``."""
    return _SUFFIX.sub("", name)


def kind_of(text: str) -> str:
    """The kind that a name speaks of: ``json_DCSONLY_2018`` is dcs-only."""
    lower = text.lower().replace("-", "").replace("_", "")
    words = {"dcsonly": DCS_ONLY, "muon": MUON, "golden": GOLDEN}
    kind = next((kind for word, kind in words.items() if word in lower), OTHER)
    return ML if kind == OTHER and re.search(r"(^|_)ml($|_)", text, re.IGNORECASE) else kind


def file_name(name: str, kind: str, first_run: int, last_run: int) -> str:
    """What a file with this content is called among CMS' own: a name that has their form stays as it is."""
    if CmsName.of(name):
        return f"{stem_of(name)}.json"
    period = re.sub(r"[^A-Za-z0-9.+-]+", "-", stem_of(name)).strip("-.") or "Selection"
    front = "" if kind == DCS_ONLY else "Cert_"
    return f"{front}{period}_{first_run:06}_{last_run:06}_{ENDINGS.get(kind, ENDINGS[OTHER])}.json"
