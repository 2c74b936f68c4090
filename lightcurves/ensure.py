"""Rows that other rows point to: found by name or made, and kept when two loads need them."""

from collections.abc import Iterable

from django.db import models

from lightcurves.models import Catalog, Survey
from project.models import SourceFile
from project.querysets import loading_file_ids

LONGEST = 64


def checked_name(what: str, name: str) -> str:
    """A catalogue's or survey's name as it may be stored; ValueError says what is wrong with it."""
    if not name.strip() or name != name.strip() or len(name) > LONGEST:
        raise ValueError(f"{what} {name!r}: a name has 1 to {LONGEST} characters and no blanks around it")
    if ":" in name or not name.isprintable():
        # Sample ids are "<catalog>:<source>:<survey>:<band>", and must be taken apart again.
        raise ValueError(f"{what} {name!r}: a name has no colon and no control character")
    return name


def ensure_catalog(name: str, file: SourceFile | None = None, *, simulated: bool = False) -> int:
    """Id of the catalogue of this name."""
    return _ensure(Catalog, checked_name("catalog", name), file, simulated=simulated)


def ensure_survey(name: str, file: SourceFile | None = None, *, time_system: str = "") -> int:
    """Id of the survey of this name; ``time_system`` is noted when it is made."""
    defaults = {"time_system": time_system} if time_system else {}
    return _ensure(Survey, checked_name("survey", name), file, **defaults)


def _ensure(model: type[Catalog | Survey], name: str, file: SourceFile | None, **defaults: object) -> int:
    row, _ = model._default_manager.get_or_create(name=name, defaults={**defaults, "file": file})
    adopt(model, [(row.pk, row.file_id)], file)
    return row.pk


def adopt(
    model: type[models.Model], found: Iterable[tuple[int, int | None]], file: SourceFile | None
) -> None:
    """Rows (id, file id) that another file is loading now, and we need too, outlive it if it is refused."""
    mine = file.pk if file else None
    foreign = {file_id for _, file_id in found if file_id not in (None, mine)}
    loading = foreign.intersection(loading_file_ids()) if foreign else set()
    if loading:
        needed = [pk for pk, file_id in found if file_id in loading]
        model._base_manager.filter(pk__in=needed).update(file=None)
