"""Errors that are the user's to mend: shown as one line, without a traceback."""


class UserError(Exception):
    """Something asked for cannot be done; the message says what, where, and what to do."""


class Cancelled(Exception):
    """Somebody asked for this work to stop."""
