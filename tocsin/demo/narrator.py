"""Tells the incident's timeline as it grows: what Tocsin itself recorded, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.demo.client import Client
from tocsin.demo.stage import Stage, Tone

MOST_LINES = 5
_TOLD_ELSEWHERE = {"StepQueued", "StepStarted", "ApprovalRequested", "Notified", "PhaseReached"}
"""Entries whose content stands in another line of the terminal; the page shows them all."""


class Narrator:
    """Follows one incident."""

    def __init__(self, stage: Stage, client: Client, ref: str) -> None:
        self._stage, self._client, self._ref = stage, client, ref
        self._seen = 0

    def follow(self, page: Mapping[str, Any]) -> None:
        """Tell what is new on the timeline. ``page`` is the incident as it is."""
        titles = {view["step"]["id"]: view["step"]["title"] for view in steps_of(page)}
        news = self._client.get(f"/api/v1/incidents/{self._ref}/timeline?after={self._seen}")["timeline"]
        for entry in news:
            self._seen = entry["seq"]
            if entry["kind"] == "StepFinished":
                self._ended(entry, titles)
            elif entry["kind"] not in _TOLD_ELSEWHERE:
                self._tell(entry, titles)

    def _tell(self, entry: Mapping[str, Any], titles: Mapping[str, str]) -> None:
        line, tone = entry["line"], entry["line"]["tone"]
        title = str(line["title"])
        for step, name in titles.items():
            title = title.replace(step, f"“{name}”")
        detail = f" ({line['detail']})" if line["detail"] else ""
        shown: Tone = tone if tone in ("good", "bad") else "plain"
        self._stage.say(f"{title}{detail}", shown, event="timeline", kind=entry["kind"], entry=entry["seq"])

    def _ended(self, entry: Mapping[str, Any], titles: Mapping[str, str]) -> None:
        fact = entry["fact"]
        good = fact["status"] == "succeeded"
        name, detail = titles.get(fact["step"], fact["step"]), entry["line"]["detail"]
        self._stage.say(
            f"{name} ({detail})", "good" if good else "bad", event="timeline", kind="StepFinished",
            entry=entry["seq"], step=fact["step"], status=fact["status"],
        )  # fmt: skip
        lines = [line for line in fact["excerpt"].splitlines() if line.strip()]
        left_out = [f"… {len(lines) - MOST_LINES} lines before"] if len(lines) > MOST_LINES else []
        self._stage.quote([*left_out, *(line[:160] for line in lines[-MOST_LINES:])])


def steps_of(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every step of the incident's scenario with what has become of it."""
    return [view for part in page["parts"] for view in part["steps"]]
