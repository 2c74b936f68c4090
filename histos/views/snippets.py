"""Lines to copy into a notebook that read what a page shows."""

from histos.models import Dataset, MonitoringElement
from runs.models import Run


def snippet_of(element: MonitoringElement, dataset: Dataset, run: Run | None = None) -> str:
    """The histograms as a HistogramSequence; of one run, or of all."""
    chosen = f".of(element, {dataset.name!r})"
    chosen += f".in_runs([{run.number}], {run.experiment!r})" if run else ""
    return (
        "from histos.models import LumisectionHistogram, MonitoringElement\n\n"
        f"element = MonitoringElement.objects.get(name={element.name!r}, binning={element.binning!r})\n"
        f"histograms = LumisectionHistogram.objects{chosen}.as_samples(element)\n"
        "histograms.counts.shape, histograms.edges, histograms.ids[:3]"
    )
