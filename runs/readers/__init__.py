"""Every reader of runs and certifications this site knows. To add one: write its file, add one line.

A file for which no reader is named goes to the first of them that knows it.
"""

from .base import Reader
from .brilcalc import Brilcalc
from .certification_json import DcsJson, GoldenJson, MlJson, MuonJson
from .legacy_flags import LumisectionFlags, Rates, RunFractions
from .oms_columnar import OmsColumnar
from .oms_json import OmsJson
from .run_files import RunFiles
from .run_registry import RunRegistryJson

READERS: dict[str, type[Reader]] = {
    OmsJson.name: OmsJson,
    Brilcalc.name: Brilcalc,
    Rates.name: Rates,
    RunFractions.name: RunFractions,
    LumisectionFlags.name: LumisectionFlags,
    RunFiles.name: RunFiles,
    RunRegistryJson.name: RunRegistryJson,
    GoldenJson.name: GoldenJson,
    DcsJson.name: DcsJson,
    MuonJson.name: MuonJson,
    MlJson.name: MlJson,
    OmsColumnar.name: OmsColumnar,
}
