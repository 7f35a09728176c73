"""Until when a server's TLS certificate is valid, as everybody else's client would judge it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.plug.reaching import Unreachable, connected, reason
from tocsin.times import from_micros

_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED, see x509_vfy.h of OpenSSL


def expiry(host: str, port: int, timeout: timedelta, allow: bool | Sequence[str]) -> datetime | None:
    """The end of the certificate's validity in UTC; None where it has expired already.

    Raises `Unreachable` where there is no connection or the certificate is not trusted for another reason, and
    `tocsin.plug.reaching.Forbidden` for an address that must not be asked.
    """
    plain = connected(host, port, timeout, allow)
    try:
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured:
            shown = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == _EXPIRED:
            return None
        raise Unreachable(f"The certificate of {host}:{port} is not trusted: {error.verify_message}.") from None
    except (OSError, ValueError) as error:
        raise Unreachable(f"{host}:{port} does not speak TLS: {reason(error)}.") from None
    finally:
        plain.close()
    return from_micros(ssl.cert_time_to_seconds(str(shown["notAfter"])) * 1_000_000)
