"""Asking services over HTTP: politely, patiently, and with one clear line when they do not answer.

``service("oms")`` is what the settings say of a service, ``Client(service).get(path, params)`` one answer of it,
already parsed. TLS is always verified, redirects are not followed, and nothing here knows what the answers mean.
"""

from .client import Client
from .errors import FetchError
from .service import Limits, Service, SignOn, service

__all__ = ["Client", "FetchError", "Limits", "Service", "SignOn", "service"]
