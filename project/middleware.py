"""Headers of every answer, and static files."""

from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; style-src-attr 'unsafe-inline'; script-src 'self'; "
    "object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)


PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


class Policies:
    """What a browser may do with an answer: no inline script, no evaluated code, nothing from elsewhere, no devices.

    Stands before the static files, which are answers too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if "Cache-Control" not in response.headers:
            # What one person may see is no answer for another: no cache that people share keeps it.
            response.headers["Cache-Control"] = "private"
            patch_vary_headers(response, ("Cookie", "Authorization"))
        return response


class StaticFiles(WhiteNoiseMiddleware):
    """Serves what ``collectstatic`` gathered; before it ran, the finders do, and that is nothing to warn of."""

    def add_files(self, root: str, prefix: str | None = None) -> None:
        if Path(root).is_dir():
            super().add_files(root, prefix)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A file whose address names its version never changes: a browser may keep it for ever."""
        response: HttpResponse = super().__call__(request)
        if not isinstance(response, WhiteNoiseFileResponse):
            return response
        # Read at once: an event loop cannot wait for a file that is read piece by piece.
        content = b"".join(response)
        response.close()
        whole = HttpResponse(content, status=response.status_code, headers=dict(response.items()))
        if "v" in request.GET and response.status_code == 200:
            whole.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return whole
