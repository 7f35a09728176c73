"""``tocsin incident``: look at incidents, and every move of the catalogue under its own name."""

from __future__ import annotations

from collections.abc import Mapping

import click

from tocsin.cli.lazy import LazyGroup, Verb

_LOOKS = "tocsin.cli.looking"
LOOKS: Mapping[str, Verb] = {
    "list": Verb(_LOOKS, "List incidents, the newest first.", "list_incidents"),
    "show": Verb(_LOOKS, "Show one incident with its steps and clocks.", "show"),
    "timeline": Verb(_LOOKS, "Print what happened, the oldest first.", "timeline"),
    "output": Verb(_LOOKS, "Print what the last run of a step printed.", "show_output"),
    "context": Verb(
        "tocsin.cli.surroundings", "Show what lies around it: changes, signals, suppliers, earlier ones.", "show"
    ),
    "causes": Verb("tocsin.cli.causes", "Show its possible causes, and what speaks for each.", "show"),
    "checklists": Verb("tocsin.cli.checklists", "Show its checklists: boxes, who ticked them, what is due.", "show"),
    "deadlines": Verb("tocsin.cli.checklists", "List what runbooks want done in time, over all.", "deadlines"),
    "assess": Verb("tocsin.cli.assessing", "Say how bad it is: severity, answers, users, the beginning.", "assess"),
    "message": Verb("tocsin.cli.messages", "Fill, write and send the messages of the runbook's templates."),
    "clocks": Verb("tocsin.cli.clocks", "Show its clocks: when each strikes, and what happens then.", "show"),
    "offers": Verb("tocsin.cli.offers", "Show values that could fill the gaps of the commands.", "offers"),
    "commands": Verb("tocsin.cli.commands", "List every command of its runbooks, by symptom or section.", "show"),
    "documents": Verb("tocsin.cli.commands", "List what its runbooks link to, or print one of these.", "documents"),
    "follow": Verb("tocsin.cli.commands", "Follow a linked runbook: its steps become the incident's.", "follow"),
    "declare": Verb("tocsin.cli.running", "Begin an incident by hand.", "declare"),
    "request_step": Verb("tocsin.cli.running", "Run a step: at once if it is proved to read, else after an approval."),
    "approve": Verb("tocsin.cli.approvals", "Look at one exact command and allow it to run, once.", "approve"),
    "deny": Verb("tocsin.cli.approvals", "Say no to a command.", "deny"),
    "settle": Verb("tocsin.cli.doubt", "See what is known of an interrupted run, and say what happened.", "settle"),
    "request_set": Verb("tocsin.cli.sets", "Ask for one approval of several commands.", "request"),
    "undo_step": Verb("tocsin.cli.sets", "Ask to undo an interrupted run.", "undo"),
    "split": Verb("tocsin.cli.gathering", "Split alerts off into an incident of their own.", "split"),
    "merge": Verb("tocsin.cli.gathering", "Merge an incident into another one, as its duplicate.", "merge"),
    "publish_review": Verb("tocsin.cli.review", "Release the post-mortem.", "publish"),
}
ALIASES: Mapping[str, str] = {"ack": "acknowledge", "run": "request_step", "approve-set": "request_set"}


class _Incident(LazyGroup):
    """The moves come from the catalogue, which is only loaded when one of them, or their list, is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """What looks, then every move in the catalogue's order."""
        from tocsin.service.catalogue import CATALOGUE

        return list(dict.fromkeys((*super().list_commands(ctx), *CATALOGUE)))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A verb under its own name, an alias, or with hyphens in place of underscores."""
        name = ALIASES.get(cmd_name, cmd_name).replace("-", "_")
        found = super().get_command(ctx, name)
        if found is not None:
            return found
        from tocsin.cli.moves import command_of
        from tocsin.service.catalogue import CATALOGUE

        return command_of(name) if name in CATALOGUE else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """First what looks, then what moves."""
        from tocsin.service.catalogue import CATALOGUE

        del ctx
        looks = [(name, verb.says) for name, verb in self.verbs.items() if name not in CATALOGUE]
        moves = [(name, self.verbs[name].says if name in self.verbs else move.says) for name, move in CATALOGUE.items()]
        with formatter.section("Look and begin"):
            formatter.write_dl(looks)
        also = "ack, run, approve-set stand for acknowledge, request_step, request_set"
        with formatter.section(f"Moves (hyphens are fine; {also})"):
            formatter.write_dl(moves)


@click.command("incident", cls=_Incident, verbs=LOOKS, short_help="See incidents, and make every move that there is.")
def command() -> None:
    """See incidents, and make every move that there is.

    They are asked of a running server: TOCSIN_URL says where it is, TOCSIN_TOKEN who you are.

    \b
    Example:
      tocsin incident list
      tocsin incident ack INC-1
      tocsin incident run INC-1 'error logs'
      tocsin incident note INC-1 'the bank confirms an outage'
    """
