"""The body of an answer: whole, of bounded size, in bounded time, and JSON."""

import time
from typing import Any

import orjson
from urllib3.response import BaseHTTPResponse

from project.fetching.errors import FetchError, TryAgainError
from project.fetching.service import Service

PIECE = 1 << 16


def whole_body(response: BaseHTTPResponse, service: Service, deadline: float) -> bytes:
    """All of it. TryAgainError when it comes too slowly, FetchError when it is too large."""
    limits, parts, size = service.limits, [], 0
    # What has come so far, and not a whole piece: else a service that drips would never be too slow.
    while part := response.read1(PIECE, decode_content=True):
        size += len(part)
        if size > limits.max_bytes:
            raise FetchError(
                f"{service} answers with more than {limits.max_bytes >> 20} MB (LUMISIFT_FETCH_MAX_MB)"
            )
        if time.monotonic() > deadline:
            raise TryAgainError(f"took longer than {limits.seconds:g} s (LUMISIFT_FETCH_SECONDS)")
        parts.append(part)
    return b"".join(parts)


def is_page(response: BaseHTTPResponse, body: bytes) -> bool:
    """Whether people are meant to read it: a page to sign in, or the error of a proxy."""
    return "html" in response.headers.get("content-type", "") or body.lstrip()[:1] == b"<"


def parsed(body: bytes) -> Any:
    """TryAgainError where it is no JSON: mostly it was cut off on its way."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise TryAgainError(f"answered with something that is no JSON ({error})") from error


def said(body: bytes) -> str:
    """What an error answer says of itself, at most 200 characters: JSON:API's first error, or a message."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    if isinstance(answer, dict) and isinstance(errors := answer.get("errors"), list) and errors:
        answer = errors[0]
    if not isinstance(answer, dict):
        return ""
    texts = (answer.get(name) for name in ("detail", "title", "message", "err", "error_description", "error"))
    text = next((text for text in texts if isinstance(text, str) and text), "")
    return f": {' '.join(text.split())[:200]}" if text else ""
