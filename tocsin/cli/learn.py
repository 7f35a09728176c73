"""``tocsin runbook learn`` and ``tocsin runbook health``: what a runbook should learn, and how well it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.lessons import Lesson, as_message
from tocsin.core.observations import Observation
from tocsin.errors import Invalid
from tocsin.reading.decoding import LARGEST
from tocsin.service.bookhealth import BookHealth
from tocsin.times import SystemClock, parse_duration

_FILE = click.argument("file", type=click.Path(path_type=Path), help="The Markdown file.")
_NAME = click.option("--name", default="", help="What the server calls it: title or file name; unless told, FILE's.")


@click.command("learn", short_help="Propose what a runbook should learn from its incidents.")
@_FILE
@click.option("--branch", default="", metavar="NAME", help="Commit it on a new branch; nothing else is touched.")
@click.option(
    "--diff", "as_diff_too", is_flag=True, help="Print it as a diff (which is what happens without --branch)."
)
@click.option("--since", default="", metavar="DAY", help="Only what was seen from that day on: 2026-03-01, or 30d.")
@_NAME
@output.as_json
@remote
def learn(
    remote: Remote, *, file: Path, branch: str, as_diff_too: bool, since: str, name: str, as_json: bool
) -> None:  # fmt: skip
    """Propose what a runbook should learn from its incidents, each change with the incidents that ask for it.

    Commands that failed, commands that people ran by hand, thresholds that fired late or for nothing, people who did
    not answer, boundaries that had to be asked. Lines are only added, as remarks, and nothing of the document is read
    otherwise afterwards; a person turns them into better sentences. Exit 0 whether there is anything to learn or not.
    Private incidents teach nothing here. The diff is in the file's own encoding; --since leaves out what was last seen
    before, because somebody has thrown it out.

    With --branch the change is a commit on a branch of its own behind the checked-out commit, made without touching
    the work tree, the index or the checked-out branch. It is made to the file as it was last committed.

    \b
    Example:
      tocsin runbook learn docs/incidents.md | git apply
      tocsin runbook learn docs/incidents.md --branch learn/incidents
      tocsin runbook learn docs/incidents.md --since 2026-03-01
    """
    from tocsin.plug import gitbranch
    from tocsin.plug.files import read_regular
    from tocsin.reading.learned import as_diff, as_patch, proposed

    if branch and as_diff_too:
        raise Invalid("--branch and --diff are both given.", "Take one of them.")
    answer = remote.get("/api/v1/runbooks/observations", name=name or file.name)
    first = _from(since)
    seen = [each for each in understood(dict[str, list[Observation]], answer)["observations"] if each.at >= first]
    raw = read_regular(file, LARGEST, "Name the runbook's Markdown file.")
    place = gitbranch.place_of(file) if branch else None
    before = gitbranch.content(place) if place else raw
    today = SystemClock().now().date().isoformat()
    after, learned = proposed(before, str(file), seen, today)
    shown = place.name if place else _shown(file)
    commit = gitbranch.commit(place, after, branch, as_message(shown, learned)) if place and learned else ""
    if as_json:
        output.give({"changes": [_plain(each) for each in learned], "diff": as_diff(shown, before, after, learned),
                     "branch": branch if commit else "", "commit": commit})  # fmt: skip
    elif not learned:
        output.say("Its incidents ask for no change.")
    elif commit:
        changes = output.count(len(learned), "change")
        output.tell(f"{branch}  {commit[:12]}  {changes}")
        output.say(f"Look at it with `git diff HEAD...{branch}`.")
    else:
        click.echo(as_patch(shown, before, after, learned), nl=False)


@click.command("health", short_help="Say how well a runbook is kept: used, drilled, reviewed.")
@click.argument("file", required=False, default="", metavar="[FILE]", help="Its title or file name, where several are.")
@output.as_json
@remote
def health(remote: Remote, file: str, as_json: bool) -> None:
    """Say when a runbook was last used, drilled and reviewed, and of each command how often it went well.

    Exit 1 where its review is overdue.

    \b
    Example:
      tocsin runbook health
      tocsin runbook health incidents.md --json
    """
    answer = remote.get("/api/v1/runbooks/health", **({"name": Path(file).name} if file else {}))
    found = understood(BookHealth, answer)
    if as_json:
        output.give(answer)
    else:
        _tell(found)
    if found.review.overdue:
        raise click.exceptions.Exit(1)


def _from(since: str) -> datetime:
    """The beginning of a day, or so long ago; the year 1 where nothing is said."""
    if not since:
        return datetime.min.replace(tzinfo=UTC)
    try:
        return datetime.combine(date.fromisoformat(since.strip()), time(), UTC)
    except ValueError:
        pass
    try:
        return SystemClock().now() - parse_duration(since)
    except (ValueError, OverflowError):
        hint = "Write 2026-03-01 or 30d."
        raise Invalid(f"{since[:40]!r} is neither a day nor a span.", hint, where="--since") from None


def _tell(found: BookHealth) -> None:
    output.heading(found.title)
    output.tell(f"Last used: {_moment(found.last_used)} ({output.count(found.incidents, 'incident')})")
    output.tell(f"Last drilled: {_moment(found.last_drilled)} ({output.count(found.drills, 'drill')})")
    review = found.review
    how = "OVERDUE since" if review.overdue else "due"
    due = f"{how} {review.due} ({review.from_what}; line {review.line})" if review.due else "nothing says when"
    output.tell(f"Review: {due}")
    for each in review.occasions:
        known = each.met or ("none since the last review" if each.watched else "only people know that")
        output.tell(f"  also “{each.text}” (line {each.line}): {known}")
    output.tell(f"Age: {_age(found.known_since, 'known here')}; {_age(found.changed_at, 'this version')}")
    output.tell(f"To learn: {output.count(found.observations, 'observation')}")
    rows = [
        (
            str(each.line), "-" if each.share is None else f"{each.share:.0%} of {each.runs}", _moment(each.last_used),
            _moment(each.last_drilled), output.one_line(each.title, 60),
        )
        for each in found.steps
    ]  # fmt: skip
    if rows:
        output.table(("LINE", "WENT WELL", "LAST USED", "LAST DRILLED", "COMMAND"), rows)


def _age(at: datetime | None, what: str) -> str:
    if at is None:
        return f"{what} since no incident yet"
    days = max((SystemClock().now() - at).days, 0)
    return f"{what} for {output.count(days, 'day')}, since {at:%Y-%m-%d}"


def _moment(at: datetime | None) -> str:
    return output.moment(at) if at else "never"


def _plain(each: Lesson) -> dict[str, object]:
    return {"after": each.after, "text": each.text, "why": each.why, "evidence": each.evidence}


def _shown(file: Path) -> str:
    """The file's name in a diff: from the folder in which `git apply` is called."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.name
