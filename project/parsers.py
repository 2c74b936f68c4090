"""What the body of a request may be: JSON and multipart forms, each no larger than its purpose needs."""

from collections.abc import Mapping
from typing import IO, Any, ClassVar

import orjson
from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

MB = 1 << 20
FORM_FIELDS = MB
"""What a form may hold beside its file."""


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE

    def __init__(self, most: int) -> None:
        super().__init__(f"The request is larger than the {most / MB:g} MB that are taken here.")


class BoundedJSONParser(JSONParser):
    """JSON by orjson, which refuses what no database can hold (lone surrogates) and what is no JSON (NaN)."""

    most: ClassVar[int] = MB

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        content = stream.read(self.most + 1)
        if len(content) > self.most:
            raise TooLarge(self.most)
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is not JSON: {error}") from error


class ScoresJSONParser(BoundedJSONParser):
    """JSON that may carry the scores of a sample set."""

    most = 64 * MB


class BoundedMultiPartParser(MultiPartParser):
    """A form with a file of at most ``LUMISIFT_MAX_UPLOAD_MB``."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.LUMISIFT_MAX_UPLOAD_MB * MB + FORM_FIELDS
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > most:
            raise TooLarge(most)
        return super().parse(stream, media_type, parser_context)
