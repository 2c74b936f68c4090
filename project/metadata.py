"""What ``OPTIONS`` answers: which methods there are here. Everything else is in the description at ``/api/schema/``."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class Methods(BaseMetadata):
    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        return {"name": view.get_view_name(), "methods": view.allowed_methods, "description": "/api/schema/"}
