"""Commands of a local target as another user of this machine, with real processes."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from tests.plug.test_local_executor import job as of
from tests.plug.test_local_executor import pipe, plan, process, run
from tocsin.core.run import Target, seal
from tocsin.errors import Invalid
from tocsin.executors.local import Local
from tocsin.plug import becoming, registry, sandbox

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def as_nobody() -> Local:
    """A target's executor that runs commands as the user with the fewest rights."""
    return Local(user="nobody", grace=timedelta(seconds=0.3))


@pytest.fixture
def market() -> Iterator[Path]:
    """A folder that everybody may enter; what pytest gives is for its own user alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@root_only
def test_approved_bytes_run_as_the_user_of_the_target() -> None:
    """With that user's name, groups and home, and no way back to more rights."""
    outcome, _ = run(
        of("id -un; id -u; echo $HOME $USER; grep -E '^(CapBnd|NoNewPrivs)' /proc/self/status"), as_nobody()
    )

    name, number, home, bounding, privileges = outcome.output.splitlines()
    assert (name, number, home) == ("nobody", "65534", "/nonexistent nobody")
    assert int(bounding.split()[1], 16) == 0
    assert privileges.split()[1] == "1"


@root_only
@pytest.mark.parametrize("fenced", [False, True])
def test_proved_reads_run_as_the_user_too(*, fenced: bool) -> None:
    """Each process of a pipeline, inside of the fence as well."""
    if fenced and sandbox.fault():
        pytest.skip(sandbox.fault())
    outcome, _ = run(plan(pipe(process("id", "-un"), process("tr", "a-z", "A-Z")), fenced=fenced), as_nobody())

    assert outcome.output == "NOBODY\n"


@root_only
def test_what_the_user_may_not_read_stays_unread(market: Path) -> None:
    """The rights are the user's, not Tocsin's."""
    secret = market / "till"
    secret.write_text("gold")
    secret.chmod(0o600)

    outcome, _ = run(plan(pipe(process("cat", str(secret)))), as_nobody())

    assert outcome.status == "failed"
    assert "Permission denied" in outcome.output


@root_only
def test_the_time_limit_ends_what_runs_as_somebody_else() -> None:
    """Also what it started, and what does not listen."""
    command = "trap '' TERM; sleep 300 & echo $!; wait; sleep 300"
    outcome, _ = run(of(command, timeout=timedelta(seconds=0.5)), as_nobody())

    assert outcome.status == "timed_out"
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(outcome.output)).wait(10)


@root_only
def test_filters_of_a_repository_are_found_whoever_owns_it(market: Path) -> None:
    """git looks at no settings of a folder that is somebody else's; what would run as its owner is found."""
    done = market / "done"
    git = ["git", "-C", str(market), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    (market / "a").write_text("bread\n")
    (market / ".gitattributes").write_text("a filter=oven\n")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "a"], check=True)
    subprocess.run([*git, "config", "filter.oven.clean", f"touch {done}; cat"], check=True)
    os.utime(market / "a", (1, 1))
    subprocess.run(["chown", "-R", "nobody", str(market)], check=True)

    outcome, _ = run(plan(pipe(process("git", "diff", "--stat")), workdir=str(market)), as_nobody())

    assert outcome.status == "succeeded", outcome
    assert not done.exists()


def test_nobody_can_be_told_who_is_not_there() -> None:
    """A user whom this machine does not know is refused when the configuration is read."""
    with pytest.raises(Invalid, match="no user 'baker-who-is-not-here'"):
        Local(user="baker-who-is-not-here")


def test_who_is_not_root_stays_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused with the ways out, instead of a command that runs as somebody else than approved."""
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    with pytest.raises(Invalid, match="can't start commands as daemon"):
        Local(user="daemon")
    assert becoming.words("nobody") == []


@root_only
def test_the_user_is_part_of_what_is_approved() -> None:
    """Another user is another target: a yes to one is none to the other."""
    before, after = (Target(where=registry.whereabouts(Local(user=user))) for user in ("daemon", "nobody"))

    assert "user nobody" in after.describe()
    assert seal("bake", before, "INC-1", "a", "") != seal("bake", after, "INC-1", "a", "")
