"""Connections to configured addresses: a name is resolved once, and only a number that passed is connected to.

The numbers are checked (`tocsin.plug.addresses`), not the name, and the peer is looked at again behind the connection.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Sequence
from datetime import timedelta

from tocsin.errors import TocsinError
from tocsin.plug.addresses import check_address

ALLOW_HINT = "If it is meant, name its network in the setting `allow`."
_LAYERS = re.compile(r"\[(?:Errno|SSL)[^\]]*\]\s*|\s*\(_ssl\.c:\d+\)")


class Forbidden(TocsinError):
    """The address is one that must not be connected to."""


class Unreachable(TocsinError):
    """Nobody answers there, or the name is not known."""


def resolved(host: str, port: int, allow: bool | Sequence[str]) -> list[str]:
    """The numbers that a name stands for, less those that must not be connected to.

    Raises `Unreachable` for an unknown name and `Forbidden` where no number is left.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"the name {host} is not known ({reason(error)})") from None
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    reasons = {address: check_address(address, allow) for address in addresses}
    passing = [address for address in addresses if not reasons[address]]
    if not passing:
        why = "; ".join(dict.fromkeys(reasons.values())) or "it has no address"
        raise Forbidden(f"{host} was not asked: {why}.", ALLOW_HINT)
    return passing


def connected(host: str, port: int, timeout: timedelta, allow: bool | Sequence[str]) -> socket.socket:
    """A connection to the first number that answers, all within ``timeout``, which is also the socket's own.

    Raises as `resolved`, and `Unreachable` where none answers.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    why = "it has no address"
    for address in resolved(host, port, allow):
        left = deadline - time.monotonic()
        if left <= 0:
            why = f"no answer within {timeout.total_seconds():g} s"
            break
        try:
            found = socket.create_connection((address, port), timeout=left)
        except TimeoutError:
            why = f"no answer within {timeout.total_seconds():g} s"
            continue
        except OSError as error:
            why = reason(error)
            continue
        peer = check_address(str(found.getpeername()[0]), allow)
        if peer:
            found.close()
            raise Forbidden(f"{host} was not asked: {peer}.", ALLOW_HINT)
        return found
    raise Unreachable(f"{host}:{port} can't be reached: {why}.")


def reason(error: Exception) -> str:
    """The error's words without the numbers and names of layers around them."""
    if "WRONG_VERSION_NUMBER" in str(error) or "wrong version number" in str(error):
        return "what answers there does not speak TLS; is it http:// instead"
    return _LAYERS.sub("", str(error)).strip().lower().rstrip(".") or type(error).__name__
