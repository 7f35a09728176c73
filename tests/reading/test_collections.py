"""Which headings are scenarios: collections of failures under many names, and headings that are none."""

from __future__ import annotations

import pytest

from tocsin.reading import read


def titles(text: str) -> list[str]:
    """The titles of a document's scenarios."""
    return [one.title for one in read(text.encode(), "book.md").scenarios]


COLLECTIONS = [
    ("Alert Reference", "Oven stays cold", "Dough queue is full"),
    ("Troubleshooting by symptom", "Tickets are not printed", "Till does not open"),
    ("Common Issues Troubleshooting", "Oven down", "Slow till"),
    ("Runbooks Quick Reference", "Oven won't start", "High waste"),
    ("Häufige Störungen und Lösungen", "Ofen ausgefallen", "Kasse langsam"),
    ("Maßnahmen je Alarm", "Ofen ausgefallen", "Lager voll"),
    ("Procedimientos por tipo de incidente", "Horno caído", "Cola llena"),
    ("Problemas conhecidos e soluções", "Forno parado", "Fila travada"),
    ("Pannes et solutions", "Four en panne", "Caisse bloquée"),
    ("Типовые аварии", "Печь не работает", "Кончилась мука"),
    ("告警处理手册", "烤箱温度过低", "面粉不足"),
    ("アラート別の対応", "オーブン停止", "小麦粉不足"),
    ("알림별 대응", "오븐 중단", "밀가루 부족"),
]


@pytest.mark.parametrize(("heading", "first", "second"), COLLECTIONS)
def test_a_heading_that_announces_failures_makes_its_children_scenarios(heading: str, first: str, second: str) -> None:
    """Whatever the team calls the collection, each heading below it is a scenario."""
    text = f"# Bakery\n\n## {heading}\n\n### {first}\n1. Look\n\n### {second}\n1. Look\n"
    assert titles(text) == [first, second]


@pytest.mark.parametrize(
    "heading",
    [
        "Past incidents",
        "Frühere Vorfälle",
        "Incidentes pasados",
        "Прошлые инциденты",
        "过去的故障",
        "Communication during incidents",
        "Configuring alerts",
        "Silencing alerts",
        "Responding to incidents",
        "Learning from incidents",
    ],
)
def test_what_is_told_around_incidents_holds_no_scenario(heading: str) -> None:
    """History, set-up and etiquette are no collections of failures, even where an oven once broke."""
    assert titles(f"# Bakery\n\n## {heading}\n\n### Inside the team\n- talk\n\n### To the guests\n- talk\n") == []


def test_a_collection_in_the_middle_of_the_process_is_found() -> None:
    """ "Common issues" two headings below "Incident Response Process" still holds scenarios."""
    text = """# Ferry guide

## Incident Response Process

### 1. Detection
- Look at the board

### 2. Investigation

#### Common issues

##### Engine down
1. Check the fuel: `ferryctl fuel show`

##### Radar blind
1. Look out

### 3. Closing
- Write it up
"""
    assert titles(text) == ["Engine down", "Radar blind"]


@pytest.mark.parametrize("heading", ["Quick diagnosis", "Diagnóstico rápido", "Schnelldiagnose", "Incident Response"])
def test_a_part_that_is_divided_into_failures_holds_scenarios(heading: str) -> None:
    """Under "Quick diagnosis", "1. Oven down" is a scenario."""
    text = f"# Bakery\n\n## {heading}\n\n### 1. Oven down\n- Look\n\n### 2. Till offline\n- Look\n"
    assert titles(text) == ["Oven down", "Till offline"]


def test_steps_of_a_diagnosis_are_no_scenarios() -> None:
    """ "Check for errors" is a step though it names a failure."""
    text = """# Runbook: Oven latency

## Diagnosis

### Check for slow burners
1. Look

### Look at failed batches
1. Look

## Mitigation
Restart it.
"""
    assert titles(text) == ["Oven latency"]


ALERTS = """# Kitchen

## Rules

### OvenTemperatureLow
**Condition**: below 180 degrees
1. Check the gas

### dough_queue_backlog
**Condition**: over 50 trays
1. Knead faster
"""


def test_names_of_alerts_with_guidance_are_scenarios() -> None:
    """Headings that are run-together names of alerts need no collection above them."""
    assert titles(ALERTS) == ["OvenTemperatureLow", "dough_queue_backlog"]


def test_names_of_products_and_metrics_are_no_scenarios() -> None:
    """ "PostgreSQL" and "loaves_total" are run together too, and name nothing gone wrong."""
    text = "# Kitchen\n\n## PostgreSQL\n1. Install it\n\n## GitHub\n1. Clone\n\n## loaves_total\n- a counter\n"
    assert titles(text) == []


WHOLE = [
    ("Runbook — Oven on fire, kitchen down", "When this fires", "What to do", "Oven on fire, kitchen down"),
    ("Notfallplan: Kasse ausgefallen", "Woran erkenne ich es?", "Handgriffe", "Kasse ausgefallen"),
    ("Fiche réflexe : four en panne", "Comment le détecter ?", "Premiers réflexes", "four en panne"),
    ("Procedimiento: horno caído", "Cómo detectarlo", "Primeros pasos", "horno caído"),
    ("Guia: forno parado", "Como detectar", "Primeiros passos", "forno parado"),
    ("Регламент: печь не работает", "Как понять", "Порядок действий", "печь не работает"),
    ("应急预案：烤箱故障", "故障现象", "处置步骤", "烤箱故障"),
    ("障害対応手順書：オーブン停止", "検知", "初動対応", "オーブン停止"),
    ("런북: 오븐 중단", "증상", "조치", "오븐 중단"),
]


@pytest.mark.parametrize(("head", "signs", "acts", "title"), WHOLE)
def test_a_document_about_one_failure_is_one_scenario(head: str, signs: str, acts: str, title: str) -> None:
    """The word for the kind of text goes; how it shows are its symptoms, and no steps."""
    text = f"# {head}\n\n## {signs}\n- Smoke\n- Cold bread\n\n## {acts}\n1. `systemctl restart oven`\n"
    (found,) = read(text.encode(), "book.md").scenarios
    assert found.title == title
    assert [one.text for one in found.symptoms] == ["Smoke", "Cold bread"]
    assert [(step.kind, step.stage) for step in found.steps] == [("shell", "mitigation")]


@pytest.mark.parametrize(
    "head",
    [
        "Crumb Incident Response Plan",
        "Runbook: Incident response",
        "Runbook de Resposta a Incidentes — Padaria",
        "Umgang mit Vorfällen",
    ],
)
def test_a_plan_for_incidents_in_general_is_no_scenario(head: str) -> None:
    """A general plan has a detection and a containment too, and is about no failure."""
    assert titles(f"# {head}\n\n## Detection\nThe bell rings.\n\n## Containment\nClose the shop.\n") == []


def test_several_documents_in_one_file_are_scenarios_each() -> None:
    """Two first-level headings with symptoms and a fix are two scenarios."""
    text = "# Oven down\n**Symptoms**: cold\n\n**Fix**: heat it\n\n# Water leak\n**Symptoms**: wet\n\n**Fix**: mop it\n"
    assert titles(text) == ["Oven down", "Water leak"]


def test_an_entry_of_a_list_gives_way_to_its_guidance() -> None:
    """A scenario that is listed first and treated later is one."""
    text = """# Recovery

## Recovery Scenarios

### Scenario 1: Oven failure
**RTO**: 5 minutes

### Scenario 2: Flood (cellar)
**RTO**: 1 hour

## Recovery Procedures

### 1. Oven failure
1. Light the spare

### 2. Flood
1. Pump
"""
    assert titles(text) == ["Oven failure", "Flood"]


def test_tasks_are_no_failures_though_they_check_and_restart() -> None:
    """ "Maintenance Procedures" with "Restart …" and "Check …" below is no scenario."""
    text = "# Till\n\n## Maintenance Procedures\n\n### Restart all tills\n1. Go\n\n### Check the paper\n1. Look\n"
    assert titles(text) == []
