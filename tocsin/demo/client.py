"""The demo's people at work: they use the JSON API like everybody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx2

from tocsin.errors import Refused, Unavailable


class Client:
    """One person's door. Answers are plain values; refusals become `Refused` with the server's sentence."""

    def __init__(self, address: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx2.Client(base_url=address, headers=headers, timeout=15, trust_env=False)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def get(self, path: str) -> Any:
        """Read something."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """Send something."""
        return self._ask("POST", path, body)

    def move(self, ref: str, name: str, **words: object) -> Any:
        """Make a move of the catalogue."""
        return self.post(f"/api/v1/incidents/{quote(ref)}/{name}", words)

    def _ask(self, method: str, path: str, body: object) -> Any:
        try:
            answer = self._http.request(method, path, json=body) if method == "POST" else self._http.get(path)
        except httpx2.HTTPError as error:
            raise Unavailable(f"Tocsin does not answer: {error}.") from None
        if answer.status_code >= 400:
            raise Refused(_detail(answer))
        return answer.json() if answer.content else None


def _detail(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"Tocsin answered {answer.status_code}."
    detail = problem.get("detail") if isinstance(problem, dict) else problem
    return str(detail or f"Tocsin answered {answer.status_code}.")
