"""Twilio's API, as far as the two notifiers that use it need it. Source: Twilio, Messages and Calls (2010-04-01)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from tocsin.errors import Invalid, Undelivered
from tocsin.plug.kinds import Address, Secret
from tocsin.plug.outgoing import LONGEST_ANSWER, one_line, refused
from tocsin.wire import read_json

API = "https://api.twilio.com"
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def check(account: str, sender: str) -> None:
    """Raise `ValueError` for an account or a sender that can't be one."""
    if not _ACCOUNT.fullmatch(account):
        raise ValueError("account is no account SID; it begins with AC and has 34 characters.")
    if not _NUMBER.fullmatch(sender) and not re.fullmatch(r"MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11}", sender):
        raise ValueError(f"sender {sender!r} is no number like +4930123456.")


def number_of(to: Address) -> str:
    """The receiver's telephone number. Raises `Undelivered` where there is none, for good."""
    found = re.sub(r"[\s()./-]", "", to.fields.get("phone", ""))
    if not _NUMBER.fullmatch(found):
        what = f"{to.name}: {found[:30]!r} is no number" if found else f"{to.name} has no phone"
        raise Undelivered(f"{what}.", "Set phone as +4930123456.", permanent=True)
    return found


def post(  # noqa: PLR0913  a request has so many parts, and all are named
    *,
    api: str,
    account: str,
    key: Secret,
    kind: str,
    fields: Mapping[str, str],
    timeout: timedelta,
    allow: bool | Sequence[str],
) -> str:
    """Post to ``Messages`` or ``Calls``; the name (SID) of what was queued. Raises `Undelivered`.

    What Twilio refuses comes with a number of its own, which its documentation explains.
    """
    from tocsin.plug.web import NoAnswer, fetch

    login = base64.b64encode(f"{account}:{key.value}".encode()).decode()
    headers = {"authorization": f"Basic {login}", "content-type": "application/x-www-form-urlencoded"}
    url = f"{api.rstrip('/')}/2010-04-01/Accounts/{account}/{kind}.json"
    body = urlencode(fields).encode()
    try:
        answer = fetch(
            url, timeout, method="POST", headers=headers, body=body, allow=allow, max_bytes=LONGEST_ANSWER
        )  # fmt: skip
    except NoAnswer as error:
        raise Undelivered(error.message, error.hint, permanent=error.permanent) from None
    told = _json(answer.text)
    if 200 <= answer.status < 300:
        return one_line(str(told.get("sid", "queued")), 60)
    said = f"{told.get('code', '')} {told.get('message', '')}".strip()
    raise refused("Twilio", answer.status, said, answer.headers.get("retry-after", ""))


def _json(text: str) -> dict[str, object]:
    try:
        found = read_json(text.encode())
    except Invalid:
        return {}
    return found if isinstance(found, dict) else {}
