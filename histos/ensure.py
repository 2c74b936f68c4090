"""The only writers of datasets and monitoring elements: names and binnings become ids."""

import hashlib
import json
import re
from collections.abc import Iterable

from histos.models import Dataset, MonitoringElement
from histos.records import Element
from project.models import SourceFile
from runs.services import adopt

DATASET = re.compile(r"^/(?P<primary>[^/]+)/(?P<processed>[^/]+)/(?P<tier>[^/]+)$")
LONGEST_NAME = 255
LONGEST_CLASS = 16


def dataset_parts(name: str) -> dict[str, str]:
    """``/Primary/Era-Version/TIER`` taken apart; a bare name is allowed. ValueError says what is wrong with it."""
    if name != name.strip() or not name.isprintable() or not name:
        raise ValueError("a dataset needs a name, such as ZeroBias or /ZeroBias/Run2018A-UL/DQMIO")
    match = DATASET.match(name)
    era, _, version = match["processed"].partition("-") if match else ("", "", "")
    parts = {
        "name": name,
        "primary_dataset": match["primary"] if match else name,
        "era": era,
        "processing_version": version,
        "tier": match["tier"] if match else "",
    }
    for field, value in parts.items():
        longest = Dataset._meta.get_field(field).max_length  # type: ignore[union-attr]
        if longest and len(value) > longest:
            raise ValueError(
                f"dataset {name[:40]}…: its {field} has {len(value)} characters, at most {longest}"
            )
    return parts


def ensure_dataset(name: str, file: SourceFile | None = None) -> Dataset:
    """The dataset of this name."""
    dataset, _ = Dataset.objects.get_or_create(name=name, defaults={**dataset_parts(name), "file": file})
    adopt(Dataset, [(dataset.pk, dataset.file_id)], file)
    return dataset


def binning_of(element: Element) -> str:
    """Hash of the axes and the storage: with the name it identifies an element on every site."""
    axes = [
        [*map(float, axis[:2]), int(axis.bins), *map(float, axis.edges), *([] if axis.flow else ["no flow"])]
        for axis in element.axes
    ]
    return hashlib.sha256(json.dumps([axes, element.storage]).encode()).hexdigest()[:32]


def check_element(element: Element) -> None:
    """Raises ValueError where the element cannot be stored as it is."""
    if not 0 < len(element.name) <= LONGEST_NAME:
        raise ValueError(f"an element's name has 1 to {LONGEST_NAME} characters, not {len(element.name)}")
    if element.storage not in MonitoringElement.Storage.values or len(element.root_class) > LONGEST_CLASS:
        raise ValueError(f"{element.name}: unknown storage {element.storage!r} of {element.root_class!r}")


def ensure_elements(elements: Iterable[Element], file: SourceFile | None = None) -> dict[Element, int]:
    """Ids of these elements; those that are missing are made. A constant number of queries."""
    keys = {element: (element.name, binning_of(element)) for element in elements}
    ids = _element_ids(set(keys.values()), file)
    missing = {key: element for element, key in keys.items() if key not in ids}
    if missing:
        rows = [_new(element, binning, file) for (_, binning), element in missing.items()]
        MonitoringElement.objects.bulk_create(rows, ignore_conflicts=True)
        ids |= _element_ids(set(missing), file)
    return {element: ids[key] for element, key in keys.items()}


def ensure_element(element: Element, file: SourceFile | None = None) -> int:
    return ensure_elements([element], file)[element]


def _element_ids(keys: set[tuple[str, str]], file: SourceFile | None) -> dict[tuple[str, str], int]:
    named = MonitoringElement.objects.filter(
        name__in={name for name, _ in keys}, binning__in={b for _, b in keys}
    )
    found = [
        row for row in named.order_by().values_list("name", "binning", "pk", "file_id") if row[:2] in keys
    ]
    adopt(MonitoringElement, [row[2:] for row in found], file)
    return {(name, binning): pk for name, binning, pk, _ in found}


def _new(element: Element, binning: str, file: SourceFile | None) -> MonitoringElement:
    axes = [
        {
            "lower": axis.lower,
            "upper": axis.upper,
            "bins": axis.bins,
            **({"edges": axis.edges} if axis.edges else {}),
            **({} if axis.flow else {"flow": False}),
        }
        for axis in element.axes
    ]
    x, y = (*element.labels, "", "")[:2]
    return MonitoringElement(
        name=element.name, binning=binning, dimension=len(axes), axes=axes, storage=element.storage,
        root_class=element.root_class, title=element.title, x_label=x, y_label=y, file=file,
    )  # fmt: skip
