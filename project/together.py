"""Several elements brought together by lumisection. No Django."""

from collections.abc import Sequence

import numpy as np

from project.samples import HistogramSequence, Together


def together(parts: Sequence[HistogramSequence]) -> Together:
    """Histograms of several elements by lumisection, in order of time; a role that one of them lost is lost."""
    ids, first = np.unique(np.concatenate([part.ids for part in parts]), return_index=True)
    times = np.concatenate([part.times for part in parts])[first]
    order = np.lexsort((ids, times))
    ids, groups = ids[order], np.concatenate([part.groups for part in parts])[first][order]
    place = {name: row for row, name in enumerate(ids.tolist())}
    rows, roles = np.full((len(parts), len(ids)), -1, np.int64), np.full(len(ids), 3, np.uint8)
    for number, part in enumerate(parts):
        at = np.array([place[name] for name in part.ids.tolist()], np.int64)
        rows[number, at] = np.arange(len(part))
        roles[at] &= part.roles
    return Together(ids=ids, groups=groups, roles=roles, elements=tuple(parts), rows=rows)
