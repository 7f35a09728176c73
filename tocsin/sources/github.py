"""Takes changes from GitHub's webhooks: deployments, pushes, finished workflows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.core.change import Change
from tocsin.errors import Invalid
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded, check_signature, fingerprint_of
from tocsin.plug.kinds import NO_SECRET, Example, Inbound, Secret
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        headers={"X-GitHub-Event": "deployment_status", "X-GitHub-Delivery": "d1"},
        given=b"""{"action": "created", "deployment_status": {"state": "success", "environment": "shop",
            "target_url": "https://ci.example.org/7", "created_at": "2026-11-20T23:17:31Z",
            "creator": {"login": "mara"}},
            "deployment": {"sha": "0123456789abcdef", "ref": "v42", "task": "deploy", "environment": "shop"},
            "repository": {"full_name": "bakery/till"}, "sender": {"login": "mara"}}""",
        changes=("v42 (0123456789) deployed to shop",),
    ),
    Example(
        headers={"X-GitHub-Event": "push"},
        given=b"""{"ref": "refs/heads/main", "before": "1111111111", "after": "2222222222aa", "forced": false,
            "compare": "https://github.example.org/bakery/till/compare/1..2", "pusher": {"name": "mara"},
            "head_commit": {"id": "2222222222aa", "message": "Round prices up\\n\\nAs agreed.",
            "timestamp": "2026-11-20T23:17:31+01:00"},
            "commits": [{}, {}], "repository": {"full_name": "bakery/till"}}""",
        changes=("2 commits to main: Round prices up",),
    ),
    Example(
        headers={"X-GitHub-Event": "workflow_run"},
        given=b"""{"action": "completed", "workflow_run": {"name": "Release", "head_branch": "main",
            "head_sha": "2222222222aa", "conclusion": "failure", "updated_at": "2026-11-20T23:20:00Z",
            "html_url": "https://github.example.org/runs/5", "actor": {"login": "mara"}},
            "repository": {"full_name": "bakery/till"}, "sender": {"login": "mara"}}""",
        changes=("Release on main (2222222222)",),
    ),
    Example(settings={"secret": "not-a-real-one"}),
)

EVENT, DELIVERY, SIGNATURE = "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256"
LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub(Guarded):
    """Takes GitHub's `deployment`, `deployment_status`, `push`, `workflow_run` and `issues`; others tell nothing.

    They are changes and no alerts: they page nobody, and are shown beside what happens (`GET /api/v1/changes`).
    `issues` tells what became of an action item that `[tracker]` made there.
    """

    name: Annotated[str, "How the source is called"] = "github"
    secret: Annotated[Secret, "The webhook's secret, with which GitHub signs"] = NO_SECRET
    branches: Annotated[tuple[str, ...], "Only pushes to these branches; unless told, to any"] = ()

    @property
    def guarded(self) -> bool:
        """Whether the source itself looks who sends."""
        return bool(self.token.value or self.secret.value)

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless token and signature, as far as they are set, are right."""
        Guarded.admit(self, inbound)
        if self.secret.value:
            check_signature(inbound, self.secret, SIGNATURE, prefix="sha256=")

    def parse(self, inbound: Inbound) -> list[Alert]:
        """Nothing that fires; raises `Unauthorized`, or `Invalid` for what GitHub would not send."""
        self.admit(inbound)
        heard.record(read_json(inbound.body))
        if not inbound.header(EVENT):
            raise Invalid(f"the header {EVENT} is missing, so this can't be read.", "GitHub sends it.")
        return []

    def message(self, inbound: Inbound) -> str:
        """A name of the message: GitHub signs no time, so one that was recorded is known by its content."""
        return fingerprint_of(inbound) if self.secret.value else inbound.header(DELIVERY)

    def changes(self, inbound: Inbound) -> list[Change]:
        """The change that the message tells, if it tells one."""
        message, event = heard.record(read_json(inbound.body)), inbound.header(EVENT)
        told = _TELLING[event](message) if event in _TELLING else {}
        if not told or (self.branches and event == "push" and told["branch"] not in self.branches):
            return []
        return [
            Change(
                source=self.name, kind=event, what=told["what"][:LONGEST], where=told["where"],
                who=told["who"] or _name(message.get("sender")), at=heard.moment(told["at"]) or inbound.received_at,
                url=heard.link(told["url"]), outcome=told["outcome"],
            )
        ]  # fmt: skip

    def issues(self, inbound: Inbound) -> list[tuple[str, bool]]:
        """The address of an issue that was closed or reopened, and whether it is closed."""
        if inbound.header(EVENT) != "issues":
            return []
        message = heard.record(read_json(inbound.body))
        issue, action = message.get("issue"), message.get("action")
        if not isinstance(issue, dict) or action not in ("closed", "reopened"):
            return []
        return [(heard.link(issue.get("html_url")), action == "closed")]


def _push(message: dict[str, Any]) -> dict[str, Any]:
    branch = heard.word(message.get("ref")).removeprefix("refs/heads/")
    head = message.get("head_commit")
    commits = message.get("commits")
    if not isinstance(head, dict):  # a branch was deleted
        return {"what": f"{branch} deleted", "branch": branch, **_rest(message, message.get("pusher"))}
    many = len(commits) if isinstance(commits, list) else 1
    title = heard.word(head.get("message")).partition("\n")[0]
    forced = ", forced" if message.get("forced") is True else ""
    return {
        "what": f"{many} commit{'' if many == 1 else 's'} to {branch}{forced}: {title}", "branch": branch,
        **_rest(message, message.get("pusher"), at=head.get("timestamp"), url=message.get("compare")),
    }  # fmt: skip


def _deployment(message: dict[str, Any]) -> dict[str, Any]:
    made = heard.record(message.get("deployment"), "$.deployment")
    return {
        "what": f"{_version(made)} is to be deployed to {heard.word(made.get('environment'))}",
        **_rest(message, made.get("creator"), at=made.get("created_at"), url=made.get("url")),
    }


def _deployment_status(message: dict[str, Any]) -> dict[str, Any]:
    made = heard.record(message.get("deployment"), "$.deployment")
    status = heard.record(message.get("deployment_status"), "$.deployment_status")
    place = heard.word(status.get("environment")) or heard.word(made.get("environment"))
    state = heard.word(status.get("state"))
    how = "deployed to" if state == "success" else f"{state.replace('_', ' ')} on its way to"
    when, url = status.get("created_at"), status.get("target_url")
    return {
        "what": f"{_version(made)} {how} {place}",
        **_rest(message, status.get("creator"), at=when, url=url, outcome=state),
    }


def _workflow_run(message: dict[str, Any]) -> dict[str, Any]:
    run = heard.record(message.get("workflow_run"), "$.workflow_run")
    if message.get("action") != "completed":
        return {}
    words = f"{heard.word(run.get('name'))} on {heard.word(run.get('head_branch'))}"
    ended, how = run.get("updated_at"), heard.word(run.get("conclusion"))
    return {
        "what": f"{words} ({heard.word(run.get('head_sha'))[:10]})",
        **_rest(message, run.get("actor"), at=ended, url=run.get("html_url"), outcome=how),
    }


_TELLING = {
    "push": _push, "deployment": _deployment, "deployment_status": _deployment_status, "workflow_run": _workflow_run,
}  # fmt: skip


def _rest(
    message: dict[str, Any], who: object, *, at: object = None, url: object = None, outcome: str = ""
) -> dict[str, Any]:
    repository = message.get("repository")
    where = heard.word(repository.get("full_name")) if isinstance(repository, dict) else ""
    return {"where": where, "who": _name(who), "at": at, "url": url, "outcome": outcome}


def _version(deployment: dict[str, Any]) -> str:
    return f"{heard.word(deployment.get('ref'))} ({heard.word(deployment.get('sha'))[:10]})"


def _name(person: object) -> str:
    return (heard.word(person.get("login")) or heard.word(person.get("name"))) if isinstance(person, dict) else ""
