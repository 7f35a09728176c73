"""``tocsin demo``: a shop of ours, a bad deployment, and a runbook that Tocsin runs from detection to post-mortem."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tocsin.cli import collecting


@click.command("demo", epilog="Example: tocsin demo --yes --dir /tmp/shop")
@click.option("--yes", "unattended", is_flag=True, help="Ask nothing: a demo person decides and approves.")
@click.option(
    "--runbook",
    type=click.Path(path_type=Path),
    help="Play with this Markdown file instead of our own. Absent tools are stood in for, and that is said.",
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("tocsin-demo"),
    show_default=True,
    help="Where everything that the demo makes lies; a new folder, or one of an earlier demo.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The page's port.  [default: a free one]")
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as one JSON object a line.")
@click.option("--keep", is_flag=True, help="With --yes: keep serving afterwards, until Ctrl-C.")
def command(unattended: bool, runbook: Path | None, folder: Path, port: int, as_json: bool, keep: bool) -> None:
    """Break a small real shop and watch Tocsin run its runbook, from detection to post-mortem.

    A web service with PostgreSQL is started on this machine, a bad deployment makes most orders fail, and
    the incident is led to its end: on the page, and here. You approve the rollback. Ctrl-C ends everything.

    Exit code 0: the incident was resolved; 1: it was not.
    """
    from tocsin.demo.play import play
    from tocsin.demo.scene import Options
    from tocsin.errors import TocsinError

    options = Options(
        folder=folder, runbook=runbook, port=port, unattended=unattended, keep=keep, as_json=as_json
    )  # fmt: skip
    try:
        collecting.for_long()
        sys.exit(play(options))
    except TocsinError as error:
        click.echo(f"tocsin demo: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    command(prog_name="tocsin demo")
