"""Load a catalogue of sources."""

from typing import Any

from lightcurves.survey_command import SurveyCommand
from lightcurves.tasks import load_catalog


class Command(SurveyCommand):
    help = "Load sources, with their positions and attributes, into a catalogue."
    example = (
        "manage.py load_catalog --survey ogle3 --catalog OGLE-III\n"
        "  manage.py load_catalog stars.csv --catalog MINE --id-column name --ra-column ra --dec-column dec"
    )
    yields = "sources"
    default_survey = "catalog-csv"

    def handle(self, **options: Any) -> None:
        self.load_survey(load_catalog, options)
