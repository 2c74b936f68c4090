"""Every histogram reader this site knows. To add one: write its file, import it here, add one line."""

from .base import Reader
from .dials import DialsParquet
from .dqmio import Dqmio
from .dqmiotools import DqmioToolsParquet
from .ml4dqm_csv import Ml4dqmCsv
from .root_keys import RootKeys
from .run_csv import RunCsv

READERS: dict[str, type[Reader]] = {
    Ml4dqmCsv.name: Ml4dqmCsv,
    Dqmio.name: Dqmio,
    RootKeys.name: RootKeys,
    DqmioToolsParquet.name: DqmioToolsParquet,
    DialsParquet.name: DialsParquet,
    RunCsv.name: RunCsv,
}
