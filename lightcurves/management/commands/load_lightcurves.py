"""Load light curves."""

from argparse import ArgumentParser
from typing import Any

from lightcurves.survey_command import SurveyCommand
from lightcurves.tasks import load_light_curves


class Command(SurveyCommand):
    help = "Load light curves of a survey; sources that are missing are made."
    example = (
        "manage.py load_lightcurves curves.csv --catalog CRTS --survey-name CRTS --id-column ID \\\n"
        "    --time-column MJD --value-column Mag --error-column Magerr --unit mag --band V\n"
        "  manage.py load_lightcurves --survey macho --catalog MACHO --survey-name MACHO"
    )
    yields = "light curves"
    default_survey = "table"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--survey-name", required=True, help="who measured the light curves: ZTF")
        parser.add_argument(
            "--reduction", default="", help="how they were reduced, where there are several ways"
        )

    def handle(self, **options: Any) -> None:
        self.load_survey(
            load_light_curves, options, survey=options["survey_name"], reduction=options["reduction"]
        )
