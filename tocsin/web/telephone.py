"""What Twilio hands in: replies by SMS, and the keys that somebody presses during a call.

Each request is signed with the account's token over its address and its sorted parameters (Twilio's "Validating
Signatures from Twilio"); nothing else about it is believed. A number tells who it is, since Twilio vouches for it.
"""

from __future__ import annotations

import base64
import hmac
import re
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import Response

from tocsin.app import App
from tocsin.core.answering import HELP, Said, understood
from tocsin.errors import Invalid, NotFound, TocsinError, Unauthorized
from tocsin.service import answering, respond, signing
from tocsin.service.answering import VOICE, From
from tocsin.web import auth
from tocsin.web.endpoints import Call, Endpoint

MOST_PARAMETERS = 100
SIGNATURE = "X-Twilio-Signature"
MEDIA_TYPE = "text/xml; charset=utf-8"
KEYS = {"1": "acknowledge", "2": "escalate"}
_NOT_DIGITS = re.compile(r"[^0-9]")

Parameters = list[tuple[str, str]]


def message(call: Call) -> Response:
    """An answer by SMS; what came of it goes back as one."""
    given = dict(_parameters(call))
    person = _whose(call.app, given.get("From", ""))
    try:
        if person is None:
            raise Invalid("This number belongs to nobody here.", "Ask whoever runs this Tocsin to add it.")
        said = understood(given.get("Body", ""))
        who = From(person=person, via="SMS", own=given.get("MessageSid", ""))
        says = answering.answer(call.app, answering.meant(call.app, said, person), said, who).says
    except TocsinError as error:
        says = str(error)
    return _xml(f"<Message>{_plain(says)}</Message>")


def voice(call: Call) -> Response:
    """A call: first it is said what it is about and asked for a key, then the key is taken."""
    given, token = dict(_parameters(call)), str(call.path["token"])
    try:
        signed = signing.read(call.app, VOICE, token, call.app.clock.now())
        key = given.get("Digits", "")
        if not key:
            return _xml(_question(call, signed, token))
        if key not in KEYS:
            raise Invalid("This key means nothing.", "Press 1 to take it, or 2 to call the next one.")
        said = Said(deed="acknowledge" if KEYS[key] == "acknowledge" else "escalate")
        who = From(person=signed.person, via="telephone", since=signed.at, own=token)
        says = answering.answer(call.app, signed.ref, said, who).says
    except TocsinError as error:
        says = str(error)
    return _xml(f"<Say>{_plain(says)}</Say>")


def _question(call: Call, signed: signing.Signed, token: str) -> str:
    incident = respond.exists(call.app, signed.ref)
    if not incident.is_shown_to(signed.person):
        raise NotFound(f"There is no incident {signed.ref}.")
    about = "a private incident" if incident.team.private else incident.title
    drill = "This is a drill. " if incident.drill else ""
    said = f"{drill}Incident {incident.number}, {incident.severity}: {about}."
    action = quoteattr(f"{call.app.settings.base_url}/answers/voice/{token}")
    asked = _plain(f"{said} Press 1 to take it, or 2 to call the next one.")
    return f'<Gather numDigits="1" timeout="10" method="POST" action={action}><Say>{asked}</Say></Gather>'


def _parameters(call: Call) -> Parameters:
    """What was posted, once the signature over it holds. Raises `NotFound` where Twilio hands nothing in here."""
    secret = call.app.settings.answers.twilio_token
    if not secret:
        raise NotFound("No telephone service hands in answers here.", "Set [answers] twilio_token.")
    try:
        given = parse_qsl(call.body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Invalid("The body is no form.") from None
    query = f"?{call.request.url.query}" if call.request.url.query else ""
    address = f"{call.app.settings.base_url}{call.request.url.path}{query}"
    shown = call.request.headers.get(SIGNATURE, "")
    if not hmac.compare_digest(signature(secret, address, given).encode(), shown.encode("utf-8", "replace")):
        auth.count_failure(call.request)
        raise Unauthorized("The signature does not fit.", "Check [answers] twilio_token and [server] url.")
    return given


def signature(secret: str, address: str, given: Parameters) -> str:
    """Twilio's signature: HMAC-SHA1 over the address and each parameter's name and value, sorted by name."""
    whole = address + "".join(name + value for name, value in sorted(set(given)))
    return base64.b64encode(hmac.new(secret.encode(), whole.encode(), "sha1").digest()).decode()


def _whose(app: App, number: str) -> str | None:
    """Who has this telephone number; None for nobody, and where two people share it."""
    digits = _digits(number)
    found = [person.id for person in app.settings.directory.people.values()
             if digits and _digits(person.contacts.get("phone", "")) == digits]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _digits(number: str) -> str:
    """A number as one: an international one begins with + or 00, both are left out."""
    plain = _NOT_DIGITS.sub("", number)
    return plain.removeprefix("00") if len(plain) > len("00") else ""


def _plain(text: str) -> str:
    return escape("".join(letter if letter.isprintable() else " " for letter in text)[:600])


def _xml(inner: str) -> Response:
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{inner}</Response>\n', media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="POST", path="/answers/sms", says=f"A reply by SMS, as Twilio hands it in. {HELP}", serve=message,
        door="open",
    ),
    Endpoint(
        method="POST", path="/answers/voice/{token}", says="A call and its keys, as Twilio hands them in.", serve=voice,
        door="open",
    ),
)  # fmt: skip
