"""Every histogram reader this site knows. To add one: write its file, import it here, add one line."""

from .base import Reader
from .ml4dqm_csv import Ml4dqmCsv

READERS: dict[str, type[Reader]] = {
    Ml4dqmCsv.name: Ml4dqmCsv,
}
