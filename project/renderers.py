"""JSON at the speed of orjson: arrays as they are, NaN and infinity as null."""

from typing import Any

import numpy as np
import orjson
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


def plain(value: Any) -> Any:
    """What orjson does not know: arrays of an unusual layout, lazy strings, and the like."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    # A list of JSON's own text needs no charset: JSON is UTF-8.
    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, plain, OPTIONS)


class ProblemRenderer(OrjsonRenderer):
    """Errors (RFC 9457)."""

    media_type = "application/problem+json"
    format = "problem"


class FormatFirst(DefaultContentNegotiation):
    """``format=`` says what is wanted, whatever the Accept header says: a browser's says HTML."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        if "format" in request.query_params:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
