"""Every row of the bench. To add one: write its file, import it here, add it to the tuple."""

from bench.rows import (
    api_pages,
    comparison,
    cone_search,
    detectors,
    dials,
    dqmio,
    export_arrow,
    load_1d,
    load_catalog,
    load_maps,
    memory,
    peer,
    read_matrix,
    site_load,
)
from bench.rows.base import Row

ROWS: dict[str, Row] = {
    module.ROW.name: module.ROW
    for module in (
        load_1d, peer, load_maps, read_matrix, load_catalog, cone_search, api_pages, export_arrow, memory, site_load,
        detectors, comparison, dqmio, dials,
    )
}  # fmt: skip
