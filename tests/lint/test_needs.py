"""What must be bound before documents run: everything that they name, once, with where they name it."""

from __future__ import annotations

import json

import pytest

from tocsin import reading
from tocsin.lint.mentions import compose_files, databases, folders, hosts, programs
from tocsin.lint.needs import Needs, needs

BAKERY = """\
# Incidents of the bakery

## Severities

- **P1 (High)**: no bread
- **P2 (Low)**: cold bread

## Scenario 1: The ovens are slow

### Symptoms
- failed bakes > 5 % for 10 minutes
- oven queue depth > 40

### Diagnosis
```bash
docker compose -f ovens.yml logs --tail=50 | grep ERROR
psql "$ORDERS_URL" -c "select 1"
curl https://YOUR_BAKERY_HOST/health
ssh baker@oven-3.example.org uptime
```

### Mitigation
```bash
kill <pid>
curl -H "Authorization: Bearer <OVEN_TOKEN>" https://YOUR_BAKERY_HOST/stop
```

### Verification
- Failed bakes below 1% for 15 minutes

## Contacts

| Role | Name | Email | Phone |
|---|---|---|---|
| Master baker | Ines Brot | ines@bakery.example | [phone] |
| Flour supplier | | | [phone] |

## Escalation
1. **0-10 min**: Call the on-call engineer
2. **10+ min**: Call the master baker

## Communication Channels
- **Slack**: #bakery-incidents for all
- **Email**: bakers@bakery.example for P1
- **Slack**: #bakery-incidents for P2
"""
SQL = """\
# Orders

## Scenario: Orders are stuck

### Symptoms
- failed bakes > 9 %

### Diagnosis
```sql
SELECT count(*) FROM orders;
```
"""


def of(*documents: str) -> Needs:
    """What these documents need together; they are called one.md, two.md, …"""
    names = ("one.md", "two.md", "three.md")
    return needs([reading.read(text.encode(), name) for text, name in zip(documents, names, strict=False)])


def test_a_metric_stands_once_with_every_rule_and_criterion_that_uses_it() -> None:
    """The words, the unit, the lines and what is asked of it there."""
    metrics = {metric.name: metric for metric in of(BAKERY).metrics}

    failed = metrics["failed bakes"]
    assert (failed.unit, failed.line) == ("%", 11)
    assert [(use.line, use.says) for use in failed.uses] == [
        (11, "> 5 % for 10 min"),
        (29, "recovered at < 1 %"),
    ]
    assert metrics["oven queue depth"].uses[0].says == "> 40"


def test_roles_are_those_that_the_ladder_calls_and_those_of_the_contacts() -> None:
    """Who is called at once, who later, whom the document only names; and what it knows of each."""
    roles = {role.name: role for role in of(BAKERY).roles}

    assert roles["on-call engineer"].called and roles["on-call engineer"].at_once
    baker = roles["Master baker"]
    assert (baker.called, baker.at_once) == (True, False)
    assert [contact.email for contact in baker.contacts] == ["ines@bakery.example"]
    assert [use.says for use in baker.uses] == ["contact: Ines Brot, ines@bakery.example", "called after 10 min"]
    assert not roles["Flour supplier"].called


def test_a_document_that_calls_nobody_first_needs_somebody_on_call() -> None:
    """The first page of an incident always needs a receiver."""
    roles = of("# Ferry\n\n## Escalation\n1. **20+ min**: Call the captain\n").roles

    assert [(role.name, role.at_once) for role in roles] == [("on-call", True), ("captain", False)]


def test_on_call_is_not_asked_for_twice() -> None:
    """Where the document names an on-call engineer later on, one binding serves both."""
    roles = of("# Ferry\n\n## Escalation\n1. **20+ min**: Call the on-call engineer\n").roles

    assert [(role.name, role.at_once) for role in roles] == [("on-call engineer", True)]


def test_a_line_that_is_no_contact_is_no_role() -> None:
    """A version, a date or a sentence in the place of a name belongs to the document, not to a person."""
    text = "# Ferry\n\n## Contacts\n\n| Role | Name |\n|---|---|\n| Captain | Olga |\n| Version | 2.1 |\n"

    assert [role.name for role in of(text).roles] == ["on-call", "Captain"]


def test_channels_keep_their_address_and_their_severities() -> None:
    """As the document writes them; a channel named twice is for the severities of both."""
    channels = {channel.name: channel for channel in of(BAKERY).channels}

    assert {name: (channel.kind, channel.severities, len(channel.uses)) for name, channel in channels.items()} == {
        "#bakery-incidents": ("chat", (), 2),
        "bakers@bakery.example": ("email", ("P1",), 1),
    }


def test_placeholders_are_told_apart_by_how_long_they_hold() -> None:
    """A host is the same every time, a process id never; a secret is no placeholder but a variable."""
    found = of(BAKERY)
    gaps = {gap.name: gap for gap in found.placeholders}

    assert gaps["YOUR_BAKERY_HOST"].lasting
    assert not gaps["<pid>"].lasting
    assert gaps["YOUR_BAKERY_HOST"].uses[0].says == "curl https://YOUR_BAKERY_HOST/health"
    assert "<OVEN_TOKEN>" not in gaps
    assert {each.name for each in found.variables} == {"ORDERS_URL", "OVEN_TOKEN"}


@pytest.mark.parametrize(
    ("gap", "lasting"),
    [
        ("YOUR_DOMAIN", True), ("<namespace>", True), ("<project-name>", True), ("<base-url>", True),
        ("<previous-deployment-url>", False), ("<pod-name>", False), ("<commit-sha>", False), ("<count>", False),
    ],
)  # fmt: skip
def test_what_is_not_surely_lasting_is_asked_for(gap: str, lasting: bool) -> None:
    """A wrong "lasting" would fill in last month's value; a wrong "asked for" costs one question."""
    text = f"# Ferry\n\n## Scenario: Fog\n\n### Diagnosis\n```bash\ncurl https://ferry.example/{gap}\n```\n"

    assert [(found.name, found.lasting) for found in of(text).placeholders] == [(gap, lasting)]


def test_statements_of_sql_need_their_database_and_its_client() -> None:
    """They run through psql on DATABASE_URL, whatever else the document says."""
    found = of(SQL)

    assert [(each.name, each.line) for each in found.variables] == [("DATABASE_URL", 10)]
    assert [each.name for each in found.programs] == ["psql"]


def test_targets_and_programs_are_what_the_commands_name() -> None:
    """Databases, compose files, hosts; every program of a pipeline, none that the shell has built in."""
    found = of(BAKERY)

    assert {each.name for each in found.programs} >= {"docker", "grep", "psql", "curl", "ssh"}
    assert "kill" not in {each.name for each in found.programs}
    assert [each.name for each in found.targets.databases] == ["$ORDERS_URL"]
    assert [each.name for each in found.targets.compose] == ["docker compose -f ovens.yml"]
    assert [each.name for each in found.targets.hosts] == ["oven-3.example.org"]


def test_several_documents_need_a_thing_once() -> None:
    """In the order of the documents; each use knows its file."""
    found = of(BAKERY, SQL.replace("failed bakes", "Failed bakes"))
    failed = next(metric for metric in found.metrics if metric.key == "failed bakes")

    assert [(use.source, use.line) for use in failed.uses] == [("one.md", 11), ("one.md", 29), ("two.md", 6)]
    assert [metric.name for metric in found.metrics].count("Failed bakes") == 0


def test_a_document_that_says_nothing_needs_somebody_on_call_and_no_more() -> None:
    """Nothing is invented."""
    found = of("just words\n")

    assert [role.name for role in found.roles] == ["on-call"]
    assert not (found.metrics or found.channels or found.placeholders or found.variables or found.programs)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("sudo -n systemctl restart oven", ["sudo", "systemctl"]),
        ("timeout 5 curl -s x | jq .", ["timeout", "curl", "jq"]),
        ("cd /srv && ./bake.sh --all", ["./bake.sh"]),
        ("watch -n 5 'docker ps'", ["watch", "docker"]),
        ("A=1 B=2 make bread", ["make"]),
        ("for x in 1 2; do echo $x; done", []),
        ("echo hot", []),
        ("$OVEN start", []),
        ("", []),
    ],
)
def test_programs_are_those_that_must_be_installed(command: str, names: list[str]) -> None:
    """What starts others counts, too; what is not understood is not guessed."""
    assert list(programs(command)) == names


@pytest.mark.parametrize(
    ("find", "command", "names"),
    [
        (databases, "psql orders -c 'select 1'", ["orders"]),
        (databases, "psql -h db -d orders -U $USER", ["orders"]),
        (databases, "redis-cli ping", []),
        (databases, "pg_dump postgres://db.example/orders", ["postgres://db.example/orders"]),
        (hosts, "psql --host=db.example.org", ["db.example.org"]),
        (hosts, "ssh -t baker@oven.example.org uptime", ["oven.example.org"]),
        (hosts, "curl http://oven:8080/health", ["oven"]),
        (compose_files, "docker-compose -p ovens restart", ["docker compose -p ovens"]),
        (compose_files, "docker ps", []),
        (folders, "cd /srv/ovens && make", ["/srv/ovens"]),
        (folders, "cd -", []),
    ],
)  # fmt: skip
def test_a_command_names_its_targets(find: object, command: str, names: list[str]) -> None:
    """Only what stands there in words."""
    assert callable(find)
    assert list(find(command)) == names


def test_needs_can_be_written_as_json() -> None:
    """They are plain data."""
    from tocsin import wire

    assert json.loads(wire.encode(of(BAKERY)))["metrics"][0]["name"] == "failed bakes"
