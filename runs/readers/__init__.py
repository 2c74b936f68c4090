"""Every reader of runs and certifications this site knows. To add one: write its file, add one line."""

from .base import Reader
from .certification_json import DcsJson, GoldenJson
from .oms_columnar import OmsColumnar

READERS: dict[str, type[Reader]] = {
    OmsColumnar.name: OmsColumnar,
    GoldenJson.name: GoldenJson,
    DcsJson.name: DcsJson,
}
