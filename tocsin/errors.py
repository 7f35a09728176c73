"""The tree of errors. A message is a sentence that says what is wrong; a hint says what to do about it.

Each class knows the HTTP status and the process exit code under which a door reports it, so that the API, the page and
the terminal never disagree about the same fault.
"""

from __future__ import annotations


class TocsinError(Exception):
    """Something that a person can act on."""

    status = 500
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Invalid(TocsinError):
    """The input is not what it should be; ``where`` names its place (``$.alerts[0].labels``, ``tocsin.toml:12``)."""

    status = 400
    exit_code = 2

    def __init__(self, message: str, hint: str = "", *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message, hint)
        self.where = where


class Unsupported(Invalid):
    """The expression is right, and beyond what we evaluate ourselves; a real Prometheus would answer it."""


class TooLarge(Invalid):
    """The input is bigger than we read."""

    status = 413


class WrongType(Invalid):
    """The body is of a type that we don't read here."""

    status = 415


class TooSlow(Invalid):
    """The body did not arrive in time."""

    status = 408


class Unauthorized(TocsinError):
    """Nobody we know is asking."""

    status = 401


class Denied(TocsinError):
    """We know who is asking, and they may not."""

    status = 403


class NotFound(TocsinError):
    """There is no such thing."""

    status = 404


class Refused(TocsinError):
    """The move does not fit the incident as it is; nothing was changed."""

    status = 409


class Conflict(Refused):
    """Somebody else was faster; look again and decide anew."""


class Unavailable(TocsinError):
    """We can't take this now (disk full, database locked, overload); the sender should try again."""

    status = 503

    def __init__(self, message: str, hint: str = "", *, retry_after: int = 5) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class TooMany(Unavailable):
    """Too many failed tries from one address."""

    status = 429


class Undelivered(TocsinError):
    """A notice did not reach its receiver. ``permanent``: no use to try again; else not before ``retry_after`` s."""

    def __init__(self, message: str, hint: str = "", *, permanent: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(message, hint)
        self.permanent = permanent
        self.retry_after = retry_after


class Unrunnable(TocsinError):
    """A command could not be started at all, so it had no effect."""


class Unread(TocsinError):
    """A probe has no value; this is "no data", never zero."""
