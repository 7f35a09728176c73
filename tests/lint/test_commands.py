"""Commands that never end, that wait for a person, that do nothing, that leave a file."""

from __future__ import annotations

import pytest

from tests.lint.looking import fenced, found, problems
from tocsin.lint.commands import CHECKS, endless_commands, interactive_commands, no_effect, writes_file


@pytest.mark.parametrize(
    "command",
    [
        "docker logs -f oven",
        "docker logs -f oven --tail=100",
        "kubectl logs -f deploy/oven -n bakery",
        "journalctl -u oven -f",
        "tail -f /var/log/oven.log | grep warm",
        "watch -n 5 kubectl get pods",
        "kubectl get pods -w",
        "ping oven.example",
        "npm run logs --tail",
        "while true; do date; sleep 1; done",
    ],
)
def test_a_command_that_goes_on_for_ever_is_found(command: str) -> None:
    """Following, watching, repeating: somebody must stop it."""
    assert found([endless_commands], fenced(command)) == [(9, "endless-command")]


@pytest.mark.parametrize(
    "command",
    [
        "docker logs --tail 100 oven",
        "timeout 30 docker logs -f oven",
        "kubectl logs -f oven | head -20",
        "kubectl rollout status deploy/oven",
        "ping -c 3 oven.example",
        "docker stats --no-stream",
        "tail -n 50 /var/log/oven.log",
        "while true; do curl -f http://oven/ready && break; sleep 1; done",
    ],
)
def test_a_command_that_is_bounded_is_not_endless(command: str) -> None:
    """A timeout, a count, a reader that leaves, an end of its own."""
    assert found([endless_commands], fenced(command)) == []


@pytest.mark.parametrize(
    "command",
    [
        "git revert HEAD",
        "git revert HEAD && git push",
        "git commit",
        "git rebase -i HEAD~3",
        "less /var/log/oven.log",
        "psql -U baker bakery",
        "mysql -u baker bakery",
        "redis-cli -h cache",
        "ssh oven.example",
        "open http://oven.example",
        "npx prisma studio",
        "kubectl edit deploy/oven",
        "kubectl exec -it oven-0 -- bash",
        "docker exec -it oven sh",
        "top",
    ],
)
def test_a_command_that_waits_for_a_person_is_found_once(command: str) -> None:
    """Editors, prompts, sessions, windows."""
    (problem,) = problems([endless_commands, interactive_commands], fenced(command))
    assert (problem.line, problem.code, problem.level) == (9, "interactive-command", "warning")


@pytest.mark.parametrize(
    "command",
    [
        "git revert --no-edit HEAD",
        "git commit -m 'Cool the oven'",
        "psql -U baker -c 'SELECT 1'",
        "psql -U baker -f menu.sql",
        "psql bakery < menu.sql",
        "psql bakery << EOF\nSELECT 1;\nEOF",
        "mysql -u baker -e 'SELECT 1'",
        "redis-cli INFO memory",
        "ssh oven.example 'systemctl status oven'",
        "ssh -i key oven.example uptime",
        "kubectl exec oven-0 -- ls",
        "docker exec db psql -U baker -t -c 'SELECT 1'",
    ],
)
def test_a_command_that_asks_nobody_is_not_interactive(command: str) -> None:
    """The statement, the message, the remote command or the input is given along."""
    assert found([interactive_commands], fenced(command)) == []


def test_a_terminal_that_is_not_needed_is_only_a_note() -> None:
    """``exec -it`` before a command that prints and ends fails where there is no terminal."""
    (problem,) = problems([interactive_commands], fenced("docker exec -it oven cat /etc/menu"))
    assert problem.level == "note"
    assert "-t" in problem.hint


def test_a_bare_assignment_changes_nothing() -> None:
    """The shell that takes it ends at once; lines that follow each other are one finding."""
    assert found(CHECKS, fenced("OVEN_MODE=cold\nDOOR_MODE=shut", stage="Mitigation")) == [(9, "no-effect")]


def test_an_assignment_that_is_used_later_has_an_effect() -> None:
    """A variable that another fence of the document uses is for whoever works in one terminal."""
    text = fenced("OVEN=oven-7", stage="Mitigation") + "\n```bash\ndocker restart $OVEN\n```\n"
    assert found([no_effect], text) == []


def test_a_line_of_a_settings_file_is_a_note_that_names_the_file() -> None:
    """Its comment says where it belongs; it is only in the wrong kind of fence."""
    (problem,) = problems([no_effect], fenced("OVEN_MODE=cold", title="Set in .env", stage="Mitigation"))
    assert problem.level == "note"
    assert ".env" in problem.hint


def test_output_into_a_relative_file_is_found() -> None:
    """The directory is whichever the command runs in."""
    assert found([writes_file], fenced("curl http://oven/metrics > metrics.txt")) == [(9, "writes-file")]


@pytest.mark.parametrize(
    "command", ["curl http://oven/metrics > /tmp/metrics.txt", "curl -s http://oven/metrics > /dev/null",
                "cat > menu.md << EOF\nbread\nEOF", "git show HEAD~1:menu.yaml > menu.yaml"]
)  # fmt: skip
def test_a_whole_path_and_a_file_that_is_meant_are_no_finding(command: str) -> None:
    """A whole path, nothing at all, a document that is being written, a file that is being put back."""
    assert found([writes_file], fenced(command)) == []
