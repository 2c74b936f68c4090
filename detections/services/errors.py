"""Errors of the science, told to the user in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from detections.detectors import DetectorError
from detections.metrics import MetricError
from project.errors import UserError


@contextmanager
def told_to_the_user() -> Iterator[None]:
    """What a detector, a metric or an injection says of a wrong request becomes a UserError."""
    try:
        yield
    except (DetectorError, MetricError, ValueError) as error:
        raise UserError(str(error)) from error
