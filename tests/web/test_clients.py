"""Real clients of other people's APIs, pointed at a real server. Each is skipped, visibly, where it is not installed.

``CLIENTS_PYTHON`` names a Python that has them, so that they need not stand in this project's own environment.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.web import house
from tests.web.serving import Serving, eventually, serving

KEY = "0123456789abcdef0123456789abcdef"
SOURCES = "".join(
    f'[sources.{name}]\nkind = "{kind}"\ntoken = "{KEY}"\n'
    for name, kind in (("lamps", "pagerduty"), ("harbour", "opsgenie"))
)
PAGERDUTY = """
import ssl, sys
import pagerduty
url, key, trust = sys.argv[1:]
client = pagerduty.EventsApiV2Client(key, base_url=url, verify=ssl.create_default_context(cafile=trust))
name = client.trigger("It is dark", "tower", severity="critical", payload={"class": "LampOut"})
client.acknowledge(name)
client.send_change_event(payload={"summary": "New wick", "source": "workshop"})
if sys.stdin.readline().strip() == "resolve":
    client.resolve(name)
try:
    client.post("/v2/enqueue", json={"routing_key": key, "event_action": "explode"}).raise_for_status()
except Exception as error:
    print("refused" if "400" in str(error) else error)
"""
OPSGENIE = """
import sys
import opsgenie_sdk as sdk
configuration = sdk.Configuration()
configuration.host, configuration.api_key["Authorization"] = sys.argv[1], sys.argv[2]
alerts = sdk.AlertApi(sdk.ApiClient(configuration))
made = sdk.CreateAlertPayload(message="It is dark", alias="lamp", details={"alertname": "LampOut"}, priority="P1")
print(alerts.create_alert(made).result)
taken = sdk.AcknowledgeAlertPayload(note="I climb")
alerts.acknowledge_alert("lamp", identifier_type="alias", acknowledge_alert_payload=taken)
sys.stdin.readline()
alerts.close_alert("lamp", identifier_type="alias", close_alert_payload=sdk.CloseAlertPayload(note="done"))
"""


def python_with(package: str) -> str:
    """A Python that has this package; skips where none has."""
    found = os.environ.get("CLIENTS_PYTHON", sys.executable)
    if subprocess.run([found, "-c", f"import {package}"], capture_output=True).returncode:
        pytest.skip(f"{package} is not installed (CLIENTS_PYTHON may name a Python that has it)")
    return found


@pytest.fixture
def lighthouse(tmp_path: Path) -> Iterator[Serving]:
    """A real server with an integration of each kind."""
    house.furnish(tmp_path)
    with (tmp_path / "tocsin.toml").open("a") as file:
        file.write(SOURCES)
    with serving(tmp_path) as running:
        yield running


@contextmanager
def behind_tls(port: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """An address that speaks TLS and hands everything on to a port, and the certificate to trust."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_forward, args=(listening, context, port), daemon=True).start()
    try:
        yield f"https://localhost:{listening.getsockname()[1]}", certificate
    finally:
        listening.close()


def _forward(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listening.accept()
            outer = context.wrap_socket(plain, server_side=True)
            inner = socket.create_connection(("127.0.0.1", port))
            for pair in ((outer, inner), (inner, outer)):
                threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        end.close()


def run(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a client; it goes on when it is given a line."""
    return subprocess.Popen(
        [*arguments[:1], "-W", "ignore", "-c", program, *arguments[1:]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_pagerdutys_own_python_client_works_as_it_is(lighthouse: Serving, tmp_path: Path) -> None:
    """It triggers, acknowledges, tells a change, resolves, and understands a refusal."""
    python = python_with("pagerduty")
    with behind_tls(lighthouse.port, tmp_path) as (url, certificate):
        client = run(PAGERDUTY, python, url, KEY, str(certificate))
        incident = eventually(lambda: acknowledged(lighthouse), "the acknowledgement")
        assert (incident["acknowledged_by"], incident["scenario_title"]) == ("lamps", "The lamp is out")
        out, err = client.communicate("resolve\n", timeout=30)
    assert (client.returncode, out, err) == (0, "refused\n", "")
    eventually(lambda: not lighthouse.get("/api/v1/alerts")["alerts"], "the end of the alert")
    assert [change["what"] for change in lighthouse.get("/api/v1/changes")["changes"]] == ["New wick"]


def test_opsgenies_own_python_client_works_as_it_is(lighthouse: Serving) -> None:
    """It creates, acknowledges and closes."""
    client = run(OPSGENIE, python_with("opsgenie_sdk"), lighthouse.url, KEY)
    assert eventually(lambda: acknowledged(lighthouse), "the acknowledgement")["acknowledged_by"] == "harbour"
    out, err = client.communicate("close\n", timeout=30)
    assert (client.returncode, out, err) == (0, "Request will be processed\n", "")
    eventually(lambda: not lighthouse.get("/api/v1/alerts")["alerts"], "the end of the alert")


def acknowledged(server: Serving) -> dict[str, str] | None:
    """The first incident, once somebody has it."""
    found = [each["incident"] for each in server.get("/api/v1/incidents")["incidents"]]
    return next((incident for incident in found if incident["acknowledged_by"]), None)
