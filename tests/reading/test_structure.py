"""Shapes of documents: what counts as a scenario, what its parts are, and what is none, in several languages."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook, Scenario
from tocsin.reading import read


def _book(text: str) -> Runbook:
    return read(text.encode(), "bakery.md")


def _counts(one: Scenario) -> tuple[int, int, int]:
    run = [step.stage for step in one.steps if step.kind in ("shell", "sql")]
    mends = sum(stage in ("mitigation", "resolution", "rollback") for stage in run)
    return len(one.symptoms), run.count("diagnosis"), mends


def _labels(symptoms: str, looking: str, mending: str) -> str:
    return (
        f"{symptoms}\n- cold loaves\n- smoke\n- no steam\n\n{looking}\n```bash\nfurnace status --all\nfurnace "
        f"log --tail 9\n"
        f"furnace list\n```\n\n{mending}\n```bash\nfurnace restart east\n```\n"
    )


_PARTS = {
    "English headings": ("### Symptoms", "### Diagnostic Steps", "### Resolution"),
    "English bold labels": ("**Symptoms:**", "**Investigation**:", "**Mitigation:**"),
    "questions as headings": ("### What you will see", "### How to confirm", "### What we do, in this order"),
    "numbered with emoji": ("### 🔍 1. Signs", "### 🧭 2. Triage", "### 🛠 3. Quick Fix"),
    "German": ("**Symptome:**", "**Fehlersuche:**", "**Behebung:**"),
    "German measures": ("### Anzeichen", "### Diagnose", "### Sofortmaßnahmen"),
    "French with a space before the colon": ("**Symptômes** :", "**Diagnostic** :", "**Résolution** :"),
    "French headings": ("### Signes", "### Vérifications rapides", "### Procédure de résolution"),
    "Spanish": ("**Síntomas:**", "**Diagnóstico:**", "**Solución:**"),
    "Spanish without accents": ("### Sintomas", "### Pasos de diagnostico", "### Acciones inmediatas"),
    "Portuguese": ("**Sintomas:**", "**Investigação:**", "**Mitigação:**"),
    "Russian": ("**Симптомы:**", "**Диагностика:**", "**Устранение:**"),
    "Chinese with a full-width colon": ("**症状：**", "**排查：**", "**解决方案：**"),
    "Chinese headings": ("### 故障现象", "### 初步诊断", "### 应急处理"),
    "Japanese": ("### 症状", "### 切り分け", "### 対処"),
    "Korean": ("### 증상", "### 원인 파악", "### 긴급 조치"),
}


@pytest.mark.parametrize("language", _PARTS)
def test_the_parts_of_a_scenario_are_known_in_every_language(language: str) -> None:
    """Symptoms are counted, looking commands are diagnosis and the others mend."""
    (one,) = _book(f"# Bakery\n\n## Common Issues\n\n## Oven east\n\n{_labels(*_PARTS[language])}").scenarios
    assert (one.title, _counts(one)) == ("Oven east", (3, 3, 1))


_CONTAINERS = [
    "Common Issues",
    "Known Problems",
    "Incident Scenarios",
    "P1 Runbooks",
    "Critical Alerts",
    "Specific Response Procedures",
    "Common Issues & Solutions",
    "Häufige Störungen",
    "Szenarien",
    "Incidents courants",
    "Problèmes fréquents",
    "Incidentes comunes",
    "Problemas frecuentes",
    "Cenários",
    "Falhas comuns",
    "Типовые проблемы",
    "Сценарии",
    "常见故障",
    "典型场景",
    "よくある障害",
    "障害シナリオ",
    "자주 발생하는 장애",
    "장애 시나리오",
    "4. Typical Incidents",
]


@pytest.mark.parametrize("container", _CONTAINERS)
def test_headings_below_a_container_are_scenarios(container: str) -> None:
    """Even without a part of their own."""
    book = _book(f"# Bakery\n\n## {container}\n\n### Mixer\n\nTurn it.\n\n### Yeast\n\nFeed it.\n")
    assert [one.title for one in book.scenarios] == ["Mixer", "Yeast"]


_PREFIXES = [
    ("Issue: Mixer stuck", "Mixer stuck"),
    ("Problem 2: Mixer stuck", "Mixer stuck"),
    ("INC-004: Mixer stuck", "Mixer stuck"),
    ("🔥 3. Scenario C — Mixer stuck (P1)", "Mixer stuck"),
    ("Störung 1: Rührer steht", "Rührer steht"),
    ("Problème 1 : Pétrin bloqué", "Pétrin bloqué"),
    ("Caso 2: Masa fría", "Masa fría"),
    ("Cenário 1: Massa fria", "Massa fria"),
    ("问题 1.2：面团不发", "面团不发"),
    ("シナリオ1：窯が冷たい", "窯が冷たい"),
    ("시나리오 A: 오븐 정지", "오븐 정지"),
    ("Сценарий 2: Печь стоит", "Печь стоит"),
    ("Alert: Container won't start", "Container won't start"),
    ("Issue: Rollback failed", "Rollback failed"),
    ("Issue: Escalation emails not sent", "Escalation emails not sent"),
]


@pytest.mark.parametrize(("heading", "title"), _PREFIXES)
def test_a_numbered_prefix_is_no_part_of_the_title(heading: str, title: str) -> None:
    """And the words behind it are no label: "Issue: Rollback failed" is a scenario, not a rollback."""
    book = _book(f"# Bakery\n\n## {heading}\n\n**Symptoms:** none rises\n\n**Fix:** wait\n")
    assert [one.title for one in book.scenarios] == [title]


def test_numbered_steps_of_one_failure_are_its_parts() -> None:
    """A catalogue of failures told as steps is no general process."""
    steps = (
        "### Step 1: Triage (T+0-5 min)\n```bash\nferry list\n```\n\n### Step 2: Fix (T+5-20 min)\n```bash\n"
        "ferry restart 7\n```\n"
    )
    book = _book(f"# Harbour\n\n## Ferry outage response\n\n{steps}\n## Ticket fraud\n\n{steps}")
    assert [one.title for one in book.scenarios] == ["Ferry outage response", "Ticket fraud"]
    assert not book.phases
    assert _counts(book.scenarios[0]) == (0, 1, 1)


def test_a_process_alone_has_phases_and_no_scenario() -> None:
    """Also where its phases have the names of parts."""
    book = _book(
        "# Harbour Incident Response\n\n## Response Process\n\n### 1. Detection\n- look\n\n### 2. Containment\n- "
        "stop\n\n"
        "### 3. Recovery\n- sail\n"
    )
    assert not book.scenarios
    assert [phase.title for phase in book.phases] == ["Detection", "Containment", "Recovery"]


def test_one_failure_for_the_whole_document() -> None:
    """The title names it; "Cause n" below are branches."""
    book = _book(
        "# Runbook: Ferry adrift\n\n## Symptoms\n- no tow\n\n## Investigation\n```bash\nferry list\n```\n\n## "
        "Resolution\n\n"
        "### Cause 1: Rope\n```bash\nferry tie 7\n```\n\n### Cause 2: Engine\n```bash\nferry restart 7\n```\n"
    )
    assert [(one.title, _counts(one)) for one in book.scenarios] == [("Ferry adrift", (1, 1, 2))]


def test_several_first_headings_and_skipped_levels() -> None:
    """A document need not be well formed."""
    part = "#### Symptoms\n- dark\n\n#### Solution\n```bash\nlamp restart\n```\n"
    book = _book(f"# Library\n\n# Known Issues\n\n## Lamp\n\n{part}\n# Other\n\n### Lift\n\n{part}")
    assert [one.title for one in book.scenarios] == ["Lamp", "Lift"]
    assert len({one.id for one in book.scenarios}) == 2


def test_labels_without_blank_lines_are_parts() -> None:
    """One paragraph of Markdown, four labels for the reader."""
    book = _book(
        "# Library\n\n## Lift stuck\n**Symptoms:** bell\n**Cause:** dust\n**Diagnosis:** listen\n**Fix:** oil\n"
    )
    (one,) = book.scenarios
    assert (len(one.symptoms), [cause.text for cause in one.causes]) == (1, ["dust"])


def test_bold_list_items_are_the_parts_of_a_failure() -> None:
    """A numbered list "**Contain:** …, **Investigate:** …" below a failure."""
    book = _book(
        "# Library\n\n## Theft\n\n### Suspected breach of the vault\n\n1. **Contain:** lock\n2. **Investigate:** look\n"
    )
    assert [one.title for one in book.scenarios] == ["Suspected breach of the vault"]


def test_help_for_several_failures_holds_scenarios() -> None:
    """ "Quick fixes" with a heading for each failure; other headings below it are none."""
    book = _book(
        "# Ferry\n\n## Quick Fixes\n\n### Radar down\n```bash\nradar restart\n```\n\n### High fuel usage\n"
        "```bash\npump stop\n```\n"
    )
    assert [one.title for one in book.scenarios] == ["Radar down", "High fuel usage"]


def test_a_title_that_sounds_like_a_part_is_a_scenario_with_parts_of_its_own() -> None:
    """When to act and what to do stand below it."""
    book = _book(
        "# Ferry\n\n## Engines\n\n### Starboard Engine Recovery\n\n**Trigger**: it stops\n\n**Diagnosis**:\n"
        "```bash\nengine list\n```\n\n"
        "**Resolution**:\n```bash\nengine restart 2\n```\n"
    )
    assert [(one.title, _counts(one)) for one in book.scenarios] == [("Starboard Engine Recovery", (1, 1, 1))]


def test_a_column_of_symptoms_counts_its_rows() -> None:
    """A table within the scenario."""
    table = "| Cause | Symptom | Fix |\n|---|---|---|\n| rope | drift | tie |\n| fuel | silence | fill |\n"
    (one,) = _book(f"# Ferry\n\n## Common Issues\n\n### Adrift\n\n{table}").scenarios
    assert [symptom.text for symptom in one.symptoms] == ["drift", "silence"]


def test_verifying_before_anything_was_done_is_diagnosis() -> None:
    """What the same word means tells its place."""
    (one,) = _book(
        "# Ferry\n\n## Issues\n\n### Adrift\n\n**Verificación:**\n```bash\nferry list\n```\n\n**Solución:**\n"
        "```bash\nferry tie 7\n```\n\n"
        "**Verificación:**\n```bash\nferry list --ok\n```\n"
    ).scenarios
    assert [step.stage for step in one.steps] == ["diagnosis", "resolution", "verification"]


def test_a_mere_verb_within_a_repair_is_repair() -> None:
    """ "Identify the rope" under "Resolution" doesn't turn back to diagnosis."""
    (one,) = _book(
        "# Ferry\n\n## Issues\n\n### Adrift\n\n#### Resolution\n\n**Identify the rope**\n```bash\nrope list\n```\n"
    ).scenarios
    assert [step.stage for step in one.steps] == ["resolution"]


def test_a_lasting_fix_with_commands_is_repair_and_without_is_a_follow_up() -> None:
    """ "Long-term fix" is both words."""
    body = "# Ferry\n\n## Issues\n\n### Adrift\n\n**Fix:**\n```bash\nferry tie 7\n```\n\n**Permanent Fix:**\n"
    (one,) = _book(f"{body}```bash\nrope replace 7\n```\n").scenarios
    assert [step.stage for step in one.steps] == ["resolution", "resolution"]
    (one,) = _book(f"{body}- buy rope\n").scenarios
    assert [text.text for text in one.follow_ups] == ["buy rope"]


_ENDS = [
    "Resolved when",
    "Resolution criteria",
    "Exit criteria",
    "Recovery criteria",
    "Back to normal",
    "Behoben, wenn",
    "Critères de résolution",
    "Criterios de cierre",
    "Critérios de encerramento",
    "Критерии восстановления",
    "恢复标准",
    "復旧条件",
    "복구 기준",
]


@pytest.mark.parametrize("label", _ENDS)
def test_when_it_is_over_are_criteria_and_no_steps(label: str) -> None:
    """Each point is a criterion."""
    (one,) = _book(
        f"# Ferry\n\n## Issues\n\n### Adrift\n\n**Fix:**\n- tie it\n\n**{label}:**\n- the rope holds\n- drift < 2 m\n"
    ).scenarios
    assert [criterion.text for criterion in one.criteria] == ["the rope holds", "drift < 2 m"]
    assert [step.title for step in one.steps] == ["tie it"]


_CONDITIONS = [
    "If the oven is cold, light it",
    "When the dough sinks: feed it",
    "Step 2 — If the oven is cold → light it",
    "For P1: call",
    "For Priority 1 and 2 Floods:",
    "In case of fire: leave",
    "Unless it rises: wait",
    "Wenn der Ofen kalt ist: anheizen",
    "Falls nötig: anheizen",
    "Bei Rauch: lüften",
    "Si le four est froid : allumer",
    "S’il fume : aérer",
    "En cas d'incendie : sortir",
    "Si el horno está frío: encender",
    "Cuando humea: ventilar",
    "Se o forno esfriar, acender",
    "Caso esfrie: acender",
    "Если печь остыла: затопить",
    "При отсутствии тяги: открыть",
    "如果炉子凉了：点火",
    "当炉温过低时，点火",
    "若冒烟则通风",
    "炉が冷えた場合は点火する",
    "火が消えていれば点火",
    "만약 오븐이 식으면 켠다",
    "오븐이 식었으면 켠다",
    "필요 시 환기한다",
    "연기가 나는 경우 환기한다",
]


@pytest.mark.parametrize("sentence", _CONDITIONS)
def test_a_condition_is_known_in_every_language(sentence: str) -> None:
    """Sentences that govern what to do."""
    assert [one.text for one in _book(f"# Bakery\n\n## Oven\n\n- {sentence}\n").conditionals] == [sentence]


_PLAIN = [
    "The oven is cold",
    "When did it stop?",
    "When to bake",
    "Is it cold?",
    "Sieh nach",
    "Sí, enciende",
    "Seguir el plan",
    "当前温度正常",
    "如下所示",
    "화면을 확인한다",
    "温度を確認する",
    "Сила тяги мала",
]


@pytest.mark.parametrize("sentence", _PLAIN)
def test_other_sentences_are_no_conditions(sentence: str) -> None:
    """Words that merely look alike."""
    assert not _book(f"# Bakery\n\n## Oven\n\n- {sentence}\n").conditionals


_NOTES = [
    (
        "# doughlib\n\nA library.\n\n## Install\n\n```bash\npip install doughlib\n```\n\n## API\n\n### "
        "`knead(time)`\n\nReturns dough. Raises "
        "`Sticky` if the flour > 5 kg.\n\n## License\n\nMIT\n"
    ),
    (
        "# Changelog\n\n## 2.0.0\n\n### Fixed\n- Oven crash when the door is open\n\n### Added\n- Recovery of "
        "old loaves\n\n## 1.9\n\n"
        "### Fixed\n- Timeout within 5 minutes\n"
    ),
    (
        "# Architecture\n\n## Components\n\n### Monitoring\n\nWatches.\n\n### Recovery\n\nRestores loaves.\n\n## "
        "Detection\n\nBy camera.\n"
    ),
    "# Plan\n\n## Phase 1: Bricks\n- buy\n\n## Phase 2: Roof\n- build\n\n## Phase 3: Paint\n- white\n",
    "# FAQ\n\n## 常见问题\n\n### 面包在哪里买？\n\n在店里。\n\n### 可以退吗？\n\n可以。\n",
]


@pytest.mark.parametrize("text", _NOTES, ids=["readme", "changelog", "architecture", "plan", "questions"])
def test_notes_about_other_things_come_out_empty(text: str) -> None:
    """Nothing is invented where no incident is described."""
    book = _book(text)
    found = (
        book.severities,
        book.scenarios,
        book.phases,
        book.deadlines,
        book.conditionals,
        book.escalations,
        book.rules,
    )
    assert not any(found)


def test_headings_with_a_severity_of_their_own_are_scenarios() -> None:
    """At least two beside each other, also below a step of the process; the severity is no part of the title."""
    book = _book(
        "# Bakery\n\n## Response Steps\n\n### 1. Notice\n- listen\n\n### 2. Mend\n\n"
        "#### Flour runs out (P1)\n- borrow\n\n"
        "#### Oven cold (P0)\n- light\n\n### 3. Tell\n- call\n"
    )
    assert [scenario.title for scenario in book.scenarios] == ["Flour runs out", "Oven cold"]

    book = _book(
        "# 제과점\n\n## 4. 유형\n\n### A. 반죽이 없음 — SEV1\n- 빌리기\n\n### B. 오븐이 꺼짐 — SEV2/3\n- 켜기\n"
    )
    assert [scenario.title for scenario in book.scenarios] == ["반죽이 없음", "오븐이 꺼짐"]


def test_a_heading_that_says_scenario_needs_one_part_only() -> None:
    """Its alert will do."""
    (one,) = _book("# Ferry\n\n## Scenario 1: Boarding pauses\n\n**Alert**: `BoardingPauses`\n").scenarios
    assert one.title == "Boarding pauses"


@pytest.mark.parametrize("label", ["条件", "조건", "Condición", "Condição", "Bedingung", "Условие", "Condition"])
def test_the_condition_of_an_alert_is_a_rule_in_every_language(label: str) -> None:
    """A label of one word is enough."""
    head = "# パン屋\n\n## アラート別手順\n\n### 1 オーブン停止\n\n"
    text = f"{head}**{label}**: oven loss > 7%\n\n#### Diagnosis\n- look\n"
    (rule,) = _book(text).rules
    assert (rule.op, rule.value, rule.unit) == (">", 7, "%")
