"""What goes wrong when a service is asked."""

from project.errors import UserError


class FetchError(UserError):
    """The service gave no usable answer. One line that names the service and what to do."""


class TryAgainError(Exception):
    """This attempt failed in a way that may pass; ``after`` are the seconds the service asks to wait, if it does."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after
