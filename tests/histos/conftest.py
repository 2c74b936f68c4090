"""Files that the tests of histograms load."""

from pathlib import Path

import pytest

from project.models import SourceFile
from tests.histos.csv_files import row, write
from tests.histos.loads import load


@pytest.fixture
def loaded(tmp_path: Path) -> SourceFile:
    """Run 1000 with 12 lumisections of three elements of 5 bins; lumisection 7 of element_1 is not like the others."""

    def change(number: int, line: str) -> str:
        return row(1000, 7, "element_1", [0, 0, 0, 0, 500, 1500, 0]) if number == 6 * 3 + 1 else line

    return load(write(tmp_path / "a.csv", 12, change=change))
