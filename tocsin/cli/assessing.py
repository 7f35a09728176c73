"""``tocsin incident assess``: how bad it is, in one place: severity, answers, rules of the document, users."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.moves import report
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.incident import Incident
from tocsin.errors import Invalid
from tocsin.service.assessing import Assessment


@click.command("assess", short_help="Say how bad it is: severity, answers, users affected, the beginning.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument("severity", required=False, metavar="[SEVERITY]", help="One of the runbook's severities.")
@click.argument("why", required=False, metavar="[WHY]", help="The reason; it is needed with a severity.")
@click.option(
    "--answer", "answers", multiple=True, metavar="QUESTION=WORDS",
    help="Answer a question of the document, by its line or by words that only it has.",
)  # fmt: skip
@click.option(
    "--follow", "rules", multiple=True, metavar="LINE", help="Carry out a rule of the document that the answers fit."
)
@click.option("--users", help="How many users are affected: 340, 340 of 12,000, or 2.8 %.")
@click.option("--began", help="When it began: 2026-03-05T13:20, 13:20, or 25m ago.")
@output.as_json
@remote
def assess(
    remote: Remote, ref: str, *, severity: str | None, why: str | None, answers: tuple[str, ...],
    rules: tuple[str, ...], users: str | None, began: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Confirm or change the severity, answer the document's questions, count users; with nothing, show what is known.

    What the document says about the answers (whom to call, how severe it is, who may see it) is shown with its line,
    and happens when --follow names it.

    \b
    Example:
      tocsin incident assess INC-1
      tocsin incident assess INC-1 P1 'half of the customers are affected'
      tocsin incident assess INC-1 --answer 'data at risk=yes, customer addresses' --follow 365
      tocsin incident assess INC-1 --users '340 of 12,000' --began 13:20

    It takes the role responder; to look, viewer.
    """
    if severity is not None:
        if not why:
            raise Invalid("A severity needs a reason.", f"Write: tocsin incident assess {ref} {severity} 'why'.")
        after = remote.post(incident(ref, "assess"), {"severity": severity, "why": why})
        if not (answers or rules or users or began):
            output.give(after) if as_json else report(understood(Incident, after))
            return
    if answers:
        remote.post(incident(ref, "answer_questions"), {"answers": dict(map(_pair, answers))})
    for rule in rules:
        remote.post(incident(ref, "follow_rule"), {"rule": rule})
    if users:
        remote.post(incident(ref, "count_affected"), {"users": users, "why": why or ""})
    if began:
        remote.post(incident(ref, "set_beginning"), {"at": began, "why": why or ""})
    answer = remote.get(incident(ref, "assessment"))
    output.give(answer) if as_json else _show(understood(Assessment, answer))


def _pair(given: str) -> tuple[str, str]:
    name, equals, words = given.partition("=")
    if not equals or not words.strip():
        raise Invalid(f"{given!r} has no =.", "Write for example --answer 'data at risk=no'.")
    return name.strip(), words.strip()


def _show(found: Assessment) -> None:
    """All that is known, then what could be done about it."""
    hidden = ", private" if found.private else ""
    output.tell(f"{found.incident}  {found.severity}{hidden}")
    if found.questions:
        said = [(each, each.answer) for each in found.questions]
        rows = [
            (str(each.line), each.text, answer.answer if answer else "-", answer.by if answer else "-")
            for each, answer in said
        ]
        output.table(("LINE", "QUESTION", "ANSWER", "BY"), rows)
    for each in found.affected:
        output.tell(f"Affected: {each.says()}{f' ({output.moment(each.at)} UTC)' if each.at else ''}")
    if found.began_at:
        by = f", as {found.began_by} says" if found.began_by else ""
        output.tell(f"It began {output.moment(found.began_at)} UTC{by}")
    if found.nearest:
        output.tell(f"The last change before it: {found.nearest.change.what}, {found.nearest.distance()}")
    _rules(found)


def _rules(found: Assessment) -> None:
    if not found.rules:
        return
    output.heading("The document says of these answers")
    for rule in found.rules:
        only = f"; only if this is so, too: {', '.join(rule.beyond)}" if rule.beyond else ""
        output.tell(f"  {rule.id}  {output.one_line(rule.says())}{only}")
    output.say(f"Carry one out with: tocsin incident assess {found.incident} --follow {found.rules[0].id}")
