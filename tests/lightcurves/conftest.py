"""Small catalogues and light curves, loaded as a user's files are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightcurves import services
from lightcurves.surveys import SURVEYS

TABLE = {
    "id": "id",
    "time": "mjd",
    "value": "flux",
    "error": "error",
    "band": "band",
    "flag": "flag",
    "unit": "uJy",
}
POSITION = {"ra": "ra", "dec": "dec"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines to a file."""

    def write(*lines: str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


@pytest.fixture
def load_catalog(db: None, write: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """Loads lines of CSV (name, ra, dec, mag and attributes) into a catalogue."""

    def load(
        *lines: str, catalog: str = "SKY", header: str = "name,ra,dec,mag,P,kind", **how: Any
    ) -> dict[str, Any]:
        survey = SURVEYS["catalog-csv"](ra="ra", dec="dec", mag="mag")
        return services.load([write(header, *lines)], survey, services.CatalogStore(catalog), **how)

    return load


@pytest.fixture
def load_curves(db: None, write: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """Loads lines of CSV (id, mjd, flux, error, band, flag and perhaps ra, dec) as light curves."""

    def load(*lines: str, catalog: str = "SKY", located: bool = False, **how: Any) -> dict[str, Any]:
        header = "id,mjd,flux,error,band,flag" + (",ra,dec" if located else "")
        survey = SURVEYS["table"](**TABLE, **(POSITION if located else {}))
        store = services.LightCurveStore(catalog, "EYE", time_system=survey.time_note)
        return services.load([write(header, *lines)], survey, store, **how)

    return load
