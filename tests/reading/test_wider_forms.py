"""Shapes of other teams' runbooks: decision trees, directories, ladders of channels, fenced procedures, drawings."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook
from tocsin.reading import read

Told = list[tuple[str | None, float | None]]


def _book(text: str) -> Runbook:
    return read(f"# Ferry\n\n{text}\n".encode(), "ferry.md")


def _called(text: str) -> Told:
    return [(one.to, one.after_minutes) for one in _book(text).escalations]


_BULLETS = "\n\n- boats late for 20 minutes\n- smoke\n"


@pytest.mark.parametrize(
    ("heading", "to"),
    [
        ("When to escalate to the harbour master", "harbour master"),
        ("When to page the database team", "database team"),
        ("Wann an die Schichtleitung eskalieren", "Schichtleitung"),
        ("Cuándo escalar al jefe de turno", "jefe de turno"),
        ("Quando escalar para o gerente", "gerente"),
        ("Quand escalader vers le chef d'équipe", "chef d'équipe"),
        ("Когда эскалировать на начальника порта", "начальника порта"),
        ("何时升级给值班经理", "值班经理"),
        ("店長にエスカレーションする場合", "店長"),
        ("팀장에게 에스컬레이션하는 경우", "팀장"),
    ],
)
def test_a_heading_when_to_escalate_names_whom_its_points_call(heading: str, to: str) -> None:
    """Each point below "When to escalate to X" is a condition that calls X, in nine languages."""
    assert _called(f"## {heading}{_BULLETS}") == [(to, 20), (to, None)]


@pytest.mark.parametrize(
    "lead",
    [
        "If any of the following happens, escalate immediately:",
        "Sofort eskalieren, wenn:",
        "出现以下情况立即升级：",
    ],
)
def test_a_sentence_in_a_repair_makes_its_points_conditions(lead: str) -> None:
    """A list below "escalate at once if" states conditions, though the heading is about something else."""
    assert _called(f"## Boats late\n\n### Steps\n\n{lead}\n\n- fire on board\n- Kein Strom\n") == [(None, 0), (None, 0)]


def test_points_below_a_condition_of_its_own_are_no_further_conditions() -> None:
    """Below "If it smokes, escalate immediately:" stands what to do; what forbids and explains calls nobody."""
    text = (
        "## Steps\n\nIf it smokes, escalate immediately:\n\n- Page the shift lead\n- Do NOT open it\n- This is a P1\n"
    )
    assert _called(text) == [("shift lead", 0)]


def test_the_points_say_more_than_the_sentence_that_opens_them() -> None:
    """ "Escalate to X if:" is no entry beside its points."""
    text = "## Steps\n\nWait. Escalate to the harbour master if:\n\n- five are late\n- nobody answers for 10 minutes\n"
    assert _called(text) == [("harbour master", None), ("harbour master", 10)]


@pytest.mark.parametrize(
    "lead", ["When escalating, provide the following:", "Do not escalate if:", "Before escalating, check these:"]
)
def test_what_to_hand_over_and_what_is_forbidden_calls_nobody(lead: str) -> None:
    """Words about escalation above a list don't make its points escalations."""
    assert _called(f"## Steps\n\n{lead}\n\n- the boat\n- the time\n") == []


def test_a_ladder_of_channels_takes_whom_its_action_names() -> None:
    """Where the contact column says how, the action says whom; who isn't named stays open."""
    first = "| 0 min | Page duty officer | PagerDuty |"
    rows = f"{first}\n| 20 min | Call the captain | Phone |\n| 1 hour | Briefing | Video call |"
    head = "## Escalation Matrix\n\n| Time | Action | Contact |\n|---|---|---|"
    text = f"{head}\n{rows}\n\n## Steps\n\n1. Page duty officer\n"
    assert _called(text) == [("duty officer", 0), ("captain", 20), (None, 60)]


@pytest.mark.parametrize(
    ("head", "row", "to"),
    [
        (
            "| Authority | Contact | When |",
            "| Port authority | https://port.example | Data breach (72h) |",
            "Port authority",
        ),
        ("| Behörde | Kontakt | Wann |", "| Landesamt | https://amt.example | Datenpanne (72 Stunden) |", "Landesamt"),
        ("| Organismo | Contacto | Cuándo |", "| Agencia | https://es.example | Fuga de datos (72 h) |", "Agencia"),
        ("| Entidade | Contato | Quando |", "| Agência | https://br.example | Vazamento (72 h) |", "Agência"),
        ("| Organisme | Contact | Quand |", "| Commission | https://fr.example | Fuite (72 h) |", "Commission"),
        ("| Орган | Контакт | Когда |", "| Надзор | https://ru.example | Утечка (72 часа) |", "Надзор"),
        ("| 机构 | 联系方式 | 何时 |", "| 网信办 | https://cn.example | 数据泄露（72小时） |", "网信办"),
        ("| 機関 | 連絡先 | タイミング |", "| 委員会 | https://jp.example | 漏えい（72時間） |", "委員会"),
        ("| 기관 | 연락처 | 시점 |", "| 위원회 | https://kr.example | 유출 (72시간) |", "위원회"),
        ("| Service | Contact | When to call |", "| Fire brigade | 112 | Smoke |", "Fire brigade"),
    ],
)
def test_a_directory_calls_whom_its_row_begins_with(head: str, row: str, to: str) -> None:
    """An address is how to reach somebody; until when an authority must hear of it is no waiting time."""
    assert _called(f"## Outside\n\n{head}\n|---|---|---|\n{row}\n") == [(to, None)]


def test_a_card_of_keys_and_values_names_the_escalation() -> None:
    """The row "Escalation" of a card counts, unless it only names a channel or another place."""
    card = "## Overview\n\n| Item | Value |\n|---|---|\n| Dashboard | x |\n| Escalation | {} |\n"
    assert _called(card.format("Harbour team")) == [("Harbour team", None)]
    assert _called(card.format("#harbour")) == _called(card.format("See wiki")) == []


@pytest.mark.parametrize(
    "word",
    [
        "Decision Tree",
        "Entscheidungsbaum",
        "Árbol de decisión",
        "Árvore de decisão",
        "Arbre de décision",
        "Дерево решений",
    ],
)
def test_a_numbered_decision_tree_is_a_scenario(word: str) -> None:
    """ "Decision Tree 2: Tickets" is a scenario's title as "Scenario 2: Tickets" is."""
    trees = "".join(f"## {word} {n}: Gate {n}\n\n**Resolution:**\n\n1. Turn key {n}\n\n" for n in (1, 2))
    assert [one.title for one in _book(trees).scenarios] == ["Gate 1", "Gate 2"]


def test_a_document_named_after_one_failure_is_one_scenario() -> None:
    """ "Oven Down Runbook" is about one failure, as "Runbook: Oven down" is; "Oven Incidents Runbook" about many."""
    parts = "\n\n## Diagnosis\n\n```bash\novenctl status\n```\n\n## Resolution\n\n```bash\novenctl restart\n```\n"
    assert len(read(f"# Oven Down Runbook{parts}".encode(), "a.md").scenarios) == 1
    assert not read(f"# Oven Incidents Runbook{parts}".encode(), "a.md").scenarios


def test_a_repair_checks_repairs_and_verifies() -> None:
    """Bold points among the repairs say what each is for; what is verified after a repair is its outcome."""
    points = [
        ("Verify the oven status", "ovenctl status"),
        ("If it is off, check the sensor", "ovenctl sensor show"),
        ("Restart it", "systemctl restart oven"),
        ("Verify the oven is warm", "ovenctl status --warm"),
    ]
    told = "\n".join(f"{n}. **{words}**\n   ```bash\n   {run}\n   ```" for n, (words, run) in enumerate(points, 1))
    book = _book(f"## Scenarios\n\n### Oven cold\n\n**Symptoms:**\n\n- raw bread\n\n**Recovery Steps:**\n\n{told}\n")
    stages = [step.stage for step in book.scenarios[0].steps]
    assert stages == ["diagnosis", "diagnosis", "resolution", "verification"]


def test_a_procedure_in_a_fence_is_steps_and_no_template() -> None:
    """Numbered steps with points in a fence of words are things to do; with gaps they are a form to fill in."""
    facts = "INCIDENT: flood\nSEVERITY: P1\nRTO: 1 h"
    fence = f"```\n{facts}\n\nSTEP 1: Assess\n- [ ] Look{{0}}\nSTEP 2: Contain\n- [ ] Close\n```\n"
    plain = _book("## Scenarios\n\n### Harbour flooded\n\n" + fence.format(""))
    assert [step.title for step in plain.scenarios[0].steps] == ["Assess: Look", "Contain: Close"]
    assert not plain.templates
    assert len(_book("## Scenarios\n\n### Harbour flooded\n\n" + fence.format(" at [gauge]")).templates) == 1


def test_the_boxes_of_a_drawing_are_no_gaps() -> None:
    """Nodes between lines or arrows are a drawing; a bracket in a sentence and the gaps of a subject stay gaps."""
    drawing = "```\n[Detect]\n   |\n   v\n[Assess]  [Ask]\n   |\n   v\n[Close]\n```\n\n[Weigh] --> [Bake]\n\n"
    mail = "```\nSubject: [Ferry Status Update] Late\nDear [Customer], [Boat] is late\n```\n"
    assert [one.text for one in _book(drawing + mail).placeholders] == ["[Customer]", "[Boat]"]


def test_your_name_is_a_gap_in_other_languages() -> None:
    """ "TU_CLAVE", "SEU_USUARIO", "VOTRE_CLE" and "TUPASSWORD" are to be replaced as "YOUR_KEY" is."""
    text = "```bash\nferry login --key TU_CLAVE --user SEU_USUARIO --api VOTRE_CLE --to db://a:TUPASSWORD@tu-dominio\n```\n"
    found = {one.text for one in _book(text).placeholders}
    assert found == {"TU_CLAVE", "SEU_USUARIO", "VOTRE_CLE", "TUPASSWORD", "tu-dominio"}


@pytest.mark.parametrize(
    "sentence",
    [
        "`queue_age` above 45 minutes triggers an alert.",
        "`queue_age` acima de 45 minutos já dispara o alerta.",
        "`queue_age` por encima de 45 minutos dispara una alerta.",
        "`queue_age` au-dessus de 45 minutes déclenche une alerte.",
        "`queue_age` über 45 Minuten löst einen Alarm aus.",
        "`queue_age` выше 45 минут вызывает алерт.",
    ],
)
def test_what_sets_off_an_alert_is_a_rule(sentence: str) -> None:
    """A sentence that says which value sets off the alert states a threshold."""
    rules = _book(f"## Background\n\n{sentence}\n").rules
    assert [(rule.op, rule.value, rule.unit) for rule in rules] == [(">", 45, "min")]


def test_how_long_a_failure_lasts_is_no_threshold() -> None:
    """ "Engine failure | 30 seconds" says when something happens by itself; a latency of 800 ms is a limit."""
    head = "| Trigger | Action | Threshold |\n|---|---|---|"
    table = f"{head}\n| Engine failure | Swap | 30 seconds |\n| Latency | Page | 800 ms |\n"
    assert [(rule.metric, rule.value) for rule in _book(f"## Failover\n\n{table}").rules] == [("Latency", 800)]


def test_several_severities_are_none() -> None:
    """Of "critical / warning" nobody can tell which holds for a limit."""
    stated = "## Late boats\n\n**Severity:** critical / warning"
    text = f"{stated}\n\n### Symptoms\n\n- delay > 20 min\n\n### Steps\n\n1. Wait\n"
    assert [rule.severity for rule in _book(text).rules] == [None]


def test_a_cell_and_a_heading_state_each_limit_once() -> None:
    """A cell may hold several limits; a point that says the heading's limit again is that limit."""
    table = "| Rule | Duty | Deadline |\n|---|---|---|\n| A | Warn | 24 hours early warning, 72 hours full report |\n"
    heading = "### Authority (Art. 7) — within 48 hours\n\n- File the form within 48 hours\n- Send it\n"
    late = "### Guild — no later than 96 hours\n\n- Send a letter\n"
    found = [one.hours for one in _book(f"## Duties\n\n{table}\n## Notify\n\n{heading}\n{late}").deadlines]
    assert found == [24, 72, 48, 96]


def test_an_assessment_of_risks_and_everyday_work_are_no_scenarios() -> None:
    """A chapter about risks is no diagnosis, and retraining a model is no failure."""
    risks = "## Failure Scenarios\n\n### Risk Assessment\n\n| Risk | Impact |\n|---|---|\n| Fire | High |\n\n"
    work = "## Retraining\n\n### Trigger\n\n- Drift\n\n### Procedure\n\n1. Train\n"
    assert not _book(risks + work).scenarios
