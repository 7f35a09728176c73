"""``tocsin alerts``: what monitoring says, and what became of it."""

from __future__ import annotations

from typing import Any

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.cli.silence import report
from tocsin.core.alert import Alert, Turn
from tocsin.errors import Invalid, NotFound
from tocsin.service.silencing import SilenceView

STATES = ("firing", "silenced", "resolved", "all")
_ALERT = click.argument(
    "alert", metavar="ALERT", help="Its fingerprint, the beginning of it, or a name that only it has."
)


@click.group("alerts", short_help="See alerts, why they are kept back, and silence them.")
def command() -> None:
    """See alerts, why they are kept back, and silence them.

    \b
    Example:
      tocsin alerts list
      tocsin alerts show 3f2a
      tocsin alerts silence 3f2a --for 2h --why 'the disk is being replaced'
    """


@command.command("list", short_help="List alerts.")
@click.option("--state", type=click.Choice(STATES), default="firing", show_default=True,
              help="`silenced`: those that fire and declare nothing.")  # fmt: skip
@click.option(
    "--label", "labels", multiple=True, metavar="MATCHER", help="Only those that match: service=api, env!~dev.*"
)
@click.option("--source", default="", help="Only those of this source.")
@click.option("--text", default="", help="Only those with these words in a name, a label or an annotation.")
@click.option("--incident", default="", metavar="INCIDENT", help="Only those of this incident.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=1000, show_default=True, help="So many at most.")
@output.as_json
@remote
def list_alerts(
    remote: Remote, *, state: str, labels: tuple[str, ...], source: str, text: str, incident: str, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """List the alerts that fire, the oldest first, each with the incident that it belongs to.

    One that fires and ends again and again is marked: it flaps. Resolved ones are kept for 30 days.

    \b
    Example:
      tocsin alerts list
      tocsin alerts list --state silenced --label 'service="shop"'
      tocsin alerts list --incident INC-1 --json
    """
    answer = remote.get(
        "/api/v1/alerts", state=state, source=source, text=text, incident=incident, limit=limit,
        **({"filter": ", ".join(labels)} if labels else {}),
    )  # fmt: skip
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[Alert]], {"alerts": answer["alerts"]})["alerts"]
    if not found:
        output.say("No alert fires." if state == "firing" else "There is no such alert.")
        return
    output.table(("ALERT", "NAME", "SEVERITY", "SINCE (UTC)", "STATE", "INCIDENT", "SOURCE", "SUMMARY"),
                 [_row(each, told) for each, told in zip(found, answer["alerts"], strict=True)])  # fmt: skip
    if answer.get("more") or answer["total"] > len(found):
        output.say(f"{len(found)} of {'at least ' if answer.get('more') else ''}{answer['total']} are shown.")


@command.command("show", short_help="Show one alert, and what became of it.")
@_ALERT
@output.as_json
@remote
def show_alert(remote: Remote, alert: str, as_json: bool) -> None:
    """Show one alert with its labels, why it declares nothing if it does not, and when it fired and ended.

    \b
    Example:
      tocsin alerts show 3f2a
      tocsin alerts show OvenCold --json
    """
    answer = remote.get(f"/api/v1/alerts/{fingerprint(remote, alert)}")
    if as_json:
        output.give(answer)
        return
    told = answer["alert"]
    found = understood(dict[str, Alert], {"alert": told})["alert"]
    output.tell(f"{found.name or 'without a name'}  {told['state']}  {told['fingerprint']}  from {found.source}")
    output.tell(output.one_line(f"since {output.moment(found.starts_at)} UTC, incident {found.incident or '-'}"))
    if found.muted and told["state"] != "resolved":
        until = f", until {output.moment(found.muted_until)} UTC" if found.muted_until else ""
        output.tell(output.one_line(f"kept back: {found.muted}{until}"))
    for name, value in {**found.labels, **found.annotations}.items():
        output.tell(output.one_line(f"  {name}: {value}"))
    turns = understood(dict[str, list[Turn]], {"history": answer["history"]})["history"]
    rows = [(output.moment(turn.at), turn.what, turn.incident or "-", turn.why) for turn in turns]
    if rows:
        output.table(("WHEN (UTC)", "WHAT", "INCIDENT", "WHY"), rows)


@command.command("silence", short_help="Silence alerts of one alert's kind.")
@_ALERT
@click.option("--for", "lasts", required=True, metavar="SPAN", help="For how long: 30m, 2h, 1d.")
@click.option("--why", required=True, help="The reason; it is shown wherever the silence is.")
@output.as_json
@remote
def silence_alert(remote: Remote, alert: str, lasts: str, why: str, as_json: bool) -> None:
    """Silence alerts with this one's name and with what it is about (cluster, service, instance …), from now on.

    It takes the role responder. An alert that belongs to an open incident already stays there.

    \b
    Example:
      tocsin alerts silence OvenCold --for 2h --why 'the oven is being cleaned'
    """
    found = remote.get(f"/api/v1/alerts/{fingerprint(remote, alert)}")
    body = {"matchers": found["suggested"], "why": why, "lasts": lasts}
    answer = remote.post("/api/v1/silences", body)
    output.give(answer) if as_json else report(understood(SilenceView, answer))


def fingerprint(remote: Remote, words: str, incident: str = "") -> str:
    """The fingerprint of the one alert that the words mean; raises `NotFound` or `Invalid` for none or several."""
    answer = remote.get("/api/v1/alerts", state="all", incident=incident, limit=10_000)["alerts"]
    fitting = {each["fingerprint"] for each in answer if _means(each, words)}
    if not fitting:
        raise NotFound(f"{words!r} is no alert.", "`tocsin alerts list --state all` shows them.")
    if len(fitting) > 1:
        some = ", ".join(sorted(fitting)[:5])
        raise Invalid(f"{words!r} means {len(fitting)} alerts: {some} …", "Name one by its fingerprint.")
    return str(fitting.pop())


def _means(told: Any, words: str) -> bool:
    return str(told["fingerprint"]).startswith(words) or told["labels"].get("alertname") == words


def _row(each: Alert, told: Any) -> tuple[str, ...]:
    return (
        str(told["fingerprint"]), f"{each.name or '-'}{' (flaps)' if told.get('flaps') else ''}",
        each.labels.get("severity", "-"), output.moment(each.starts_at), str(told.get("state", "firing")),
        each.incident or "-", each.source, each.muted or each.annotations.get("summary", ""),
    )  # fmt: skip
