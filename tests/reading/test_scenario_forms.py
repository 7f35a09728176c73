"""Scenarios as teams write them: which headings are some, what belongs to them, and what levels a document defines."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook, Scenario
from tocsin.reading import read


def _read(text: str) -> Runbook:
    return read(text.encode(), "bakery.md")


def _titles(text: str) -> list[str]:
    return [one.title for one in _read(text).scenarios]


def _steps(scenario: Scenario) -> list[tuple[str, str]]:
    return [(step.stage, step.title) for step in scenario.steps]


_LEVELS = (
    "## Severity\n\n| Severity | Meaning | Response time |\n|---|---|---|\n| Critical | flood | 5 minutes |\n"
    "| Major | one gate | 30 minutes |\n\n"
)
_TAGGED = (
    "## Scenarios\n\n### Scenario 1: Gate stuck (P1)\n\n**Symptoms:**\n- it stands still\n\n"
    "### Scenario 2: Lamp out (P2)\n\n**Symptoms:**\n- it is dark\n"
)


def test_a_table_of_severities_outranks_the_tags_of_scenarios() -> None:
    """Headings that carry "(P1)" name a scenario's own severity and define no level."""
    book = _read(f"# Tide gate\n\n{_LEVELS}{_TAGGED}")
    assert [(one.name, one.response_minutes) for one in book.severities] == [("Critical", 5), ("Major", 30)]
    assert [one.severity for one in book.scenarios] == ["P1", "P2"]


def test_tags_alone_define_no_severities() -> None:
    """Without a table, a scale or a heading about severities there is none."""
    assert _read(f"# Tide gate\n\n{_TAGGED}").severities == ()


def test_headings_of_failures_do_not_join_a_scale_that_a_table_defines() -> None:
    """ "P1: Engine stops" is a scenario where a table says that the levels are SEV1 and SEV2."""
    table = (
        "## Severity\n\n| Level | Meaning | Response |\n|---|---|---|\n| SEV1 | a | 5 min |\n| SEV2 | b | 1 hour |\n\n"
    )
    found = _read(
        f"# Ferry\n\n{table}## P1: Engine stops\n\n### Symptoms\n- hush\n\n## P2: Mute\n\n### Symptoms\n- a\n"
    )
    assert [one.name for one in found.severities] == ["SEV1", "SEV2"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (("| Tier | Definition | Target response |\n|---|---|---|\n| **Sev-1** | all | Start within 15 min |\n"
         "| **Sev-2** | some | Same day |\n"), [("Sev-1", 15), ("Sev-2", None)]),
        ("| | Meaning | First response |\n|---|---|---|\n| P1 | all | 10 min |\n| P2 | one | 1 h |\n",
         [("P1", 10), ("P2", 60)]),
        ("| 级别 | 说明 | 响应时间 |\n|---|---|---|\n| 一级 | 全部 | 15分钟 |\n| 二级 | 部分 | 1小时 |\n",
         [("一级", 15), ("二级", 60)]),
        ("| Mức độ | Ý nghĩa | Response |\n|---|---|---|\n| P1 | tất cả | 15 min |\n| P2 | một | 1 h |\n",
         [("P1", 15), ("P2", 60)]),
        (("| Stufe | Bedeutung | Reaktionszeit |\n|---|---|---|\n| Stufe 1 | alles | 15 Minuten |\n"
         "| Stufe 2 | wenig | 1 Stunde |\n"), [("Stufe 1", 15), ("Stufe 2", 60)]),
    ],
)  # fmt: skip
def test_the_column_of_levels_is_known_by_its_cells_too(table: str, told: list[tuple[str, float | None]]) -> None:
    """A level's code in each first cell makes a scale, whatever language the head is in."""
    book = _read(f"# Bakery\n\n## Severity 级别\n\n{table}")
    assert [(one.name, one.response_minutes) for one in book.severities] == told


def test_a_field_for_the_response_time_counts_more_than_the_heading() -> None:
    """ "Response Time: next business day" states no hours, so no other sentence of the level fills them in."""
    text = (
        "## Severity Levels\n\n### P0 - Critical (Immediate Response)\n\n**Response Time:** Immediate (<5 minutes)\n\n"
        "### P3 - Low\n\n**Response Time:** Next business day\n\n**Actions:**\n1. Acknowledge within 24 hours\n"
    )
    assert [(one.name, one.response_minutes) for one in _read(f"# B\n\n{text}").severities] == [("P0", 5), ("P3", None)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (("## Containment playbook\n\n### Suspected key leak\n1. Change it\n\n### Shop down\n1. Roll back\n\n"
         "### Oven runaway\n1. Cut the power\n"), ["Suspected key leak", "Shop down", "Oven runaway"]),
        ("## Procedimentos Específicos\n\n### Forno Parado\n1. Ligar\n\n### Segurança Comprometida\n1. Isolar\n",
         ["Forno Parado", "Segurança Comprometida"]),
        ("## Störungen\n\n### Radar ohne Bild\n1. Sicherung prüfen\n\n### Motor ausgefallen\n1. Starten\n",
         ["Radar ohne Bild", "Motor ausgefallen"]),
        ("## Pannes\n\n### Four éteint\n1. Vérifier\n\n### Pétrin bloqué\n1. Couper\n",
         ["Four éteint", "Pétrin bloqué"]),
        ("## 二、应急处理\n\n### 2.1 数据库宕机\n1. 查看状态\n\n### 2.2 磁盘满\n1. 清理\n", ["数据库宕机", "磁盘满"]),
        (("## Shelf recovery\n\n### Scenario: One shelf is gone\n\n```bash\nls /shelves\n```\n\n"
         "## Loan recovery\n\n### Scenario: All loans were dropped\n\n```bash\nls /loans\n```\n"),
         ["One shelf is gone", "All loans were dropped"]),
        ("## Playbooks\n\n### When the oven is down\n1. Look\n\n### If the queue is full\n1. Drain it\n",
         ["When the oven is down", "If the queue is full"]),
        ("## オーブンが停止した\n\n現象: 温度が上がらない\n対処: 再起動する\n", ["オーブンが停止した"]),
        ("## 4. 在庫の不一致（帳簿と棚）\n\n手順:\n1. 棚を数える\n", ["在庫の不一致（帳簿と棚）"]),
    ],
)  # fmt: skip
def test_headings_that_are_scenarios(text: str, titles: list[str]) -> None:
    """A heading under a container, or with parts of its own, is a scenario in every language."""
    assert _titles(f"# Bakery\n\n{text}") == titles


@pytest.mark.parametrize(
    "text",
    [
        "## Kinds of backup\n\n### Type 1: Full\n1. Copy all\n\n### Type 2: Partial\n1. Copy some\n",
        "## 1. Phân loại\n\n### Ví dụ phân loại\n\n**P1:**\n- mất dữ liệu\n\n**P2:**\n- lỗi nhỏ\n",
        "## Quy trình xử lý sự cố\n\n### 1. Phát hiện\n1. Xem bảng\n\n### 2. Khắc phục\n1. Khởi động lại\n",
        "## Maintenance\n\n### Rotate the keys\n\n**Steps:**\n1. Turn them\n",
        "## Deployment\n\n### When the tag is ready\n1. Push it\n",
    ],
)
def test_headings_that_are_none(text: str) -> None:
    """Kinds of work, examples of levels, phases of a process and conditions outside a collection are no scenarios."""
    assert _titles(f"# Bakery\n\n{text}") == []


@pytest.mark.parametrize(
    "part", ["Causes and fixes:", "Причины и решения:", "Causes et solutions :", "原因和处理：", "원인 및 조치:"]
)
def test_headings_behind_an_empty_label_are_its_branches(part: str) -> None:
    """What stands below "Causes and fixes:" is mitigation, reading commands too, and no further scenario."""
    text = (
        f"# Bakery\n\n## Scenarios\n\n### Scenario 1: Oven Down\n\n**Symptoms:**\n- cold\n\n**{part}**\n\n"
        "#### 1.1 No power\n```bash\nkubectl get pods\nkubectl delete pod oven-0\n```\n\n"
        "#### 1.2 No flour\n```bash\nkubectl top pods\n```\n"
    )
    (scenario,) = _read(text).scenarios
    assert [step.stage for step in scenario.steps] == ["mitigation"] * 3


def test_a_cause_with_its_own_resolution_tells_steps() -> None:
    """The commands and sentences of a cause's "Resolution" are resolution, not what anybody looks at first."""
    text = (
        "# Runbook: Oven Errors\n\n## Symptoms\n- smoke\n\n## Diagnosis\n```bash\nkubectl get pods\n```\n\n"
        "## Common Causes\n\n### 1. No gas\n\n**Symptoms:** hiss\n\n**Resolution:**\n```bash\nkubectl top pods\n```\n"
        "- Open the valve\n\n### 2. Dirt\n\nNobody cleaned it.\n"
    )
    (scenario,) = _read(text).scenarios
    assert _steps(scenario)[1:] == [("resolution", "kubectl top pods"), ("resolution", "Open the valve")]


def test_a_scenario_below_a_recovery_heading_recovers() -> None:
    """The commands of "Scenario: …" under "Shelf recovery" belong to the resolution, those that list too."""
    text = "## Shelf recovery\n\n### Scenario: {} is gone\n\n**From a copy**:\n\n```bash\nls /copies\n```\n\n"
    book = _read(f"# Library\n\n{text.format('One shelf')}{text.format('A room')}")
    assert [step.stage for one in book.scenarios for step in one.steps] == ["resolution", "resolution"]


@pytest.mark.parametrize(
    ("lines", "symptom", "steps"),
    [
        ("Symptom: no bread\nCause: no flour\nFix: buy some flour\n", "no bread", ["buy some flour"]),
        ("What you see: no bread.\n\nHow to fix:\n\n1. Buy flour\n", "no bread.", ["Buy flour"]),
        ("- **Symptom**: no bread\n- **Cause**: no flour\n- **Fix**: buy some flour\n", "no bread", ["buy some flour"]),
        ("- Síntoma: sin pan\n- Causa: sin harina\n- Solución: comprar harina\n", "sin pan", ["comprar harina"]),
        ("Anzeichen: kein Brot\nUrsache: kein Mehl\nAbhilfe: Mehl kaufen\n", "kein Brot", ["Mehl kaufen"]),
        ("现象：没有面包\n原因：没有面粉\n处理：购买面粉\n", "没有面包", ["购买面粉"]),
        ("증상: 빵이 없음\n원인: 밀가루 없음\n조치: 밀가루 구입\n", "빵이 없음", ["밀가루 구입"]),
        ("**Symptoms:** no bread\n\n1. Buy flour\n2. Bake\n", "no bread", ["Buy flour", "Bake"]),
        ("**Signs:** no bread\n\n**Action:** Buy flour\n", "no bread", ["Buy flour"]),
    ],
)
def test_parts_may_be_plain_lines_or_points_of_a_list(lines: str, symptom: str, steps: list[str]) -> None:
    """A symptom, a cause and a remedy are told apart without bold labels, and numbered steps are no symptoms."""
    (scenario,) = _read(f"# Bakery\n\n## Scenarios\n\n### No bread left\n\n{lines}").scenarios
    assert [one.text for one in scenario.symptoms] == [symptom]
    assert [step.title for step in scenario.steps] == steps


def test_a_prose_line_with_a_colon_stays_a_sentence() -> None:
    """Only the name of a part opens one; "Check: …" and addresses do not."""
    text = "### Oven down\n\nNote: it is hot.\nSee https://bakery.example\n\n**Steps:**\n1. Cool it\n"
    (scenario,) = _read(f"# Bakery\n\n## Scenarios\n\n{text}").scenarios
    assert [step.title for step in scenario.steps] == ["Cool it"]
    assert scenario.symptoms == ()


def test_the_name_of_the_alert_is_no_step() -> None:
    """ "Alert: …" below a heading says when to come; its name is kept for routing."""
    text = (
        "### Oven cold\n\n**Alert:** OvenTooCold\n\n**Symptoms:**\n- white bread\n\n"
        "### Oven hot\n\n**Trigger:** above 300 for 5 minutes\n\n**Symptoms:**\n- black bread\n"
    )
    cold, hot = _read(f"# Bakery\n\n## Alerts\n\n{text}").scenarios
    assert (cold.steps, hot.steps) == ((), ())
    assert cold.alerts == ("OvenTooCold",)


@pytest.mark.parametrize("time", ["15 minutes", "Immediate", "none", "≤ 1 hour", "なし"])
def test_a_time_behind_a_label_of_actions_is_nothing_to_do(time: str) -> None:
    """ "**Response:** 15 minutes" is no instruction."""
    (scenario,) = _read(f"# B\n\n## Scenarios\n\n### Oven down\n\n**Response:** {time}\n\n**Signs:** cold\n").scenarios
    assert scenario.steps == ()


@pytest.mark.parametrize(
    ("sentence", "stage"),
    [
        ("Revisar la cola", "diagnosis"),
        ("Vérifier le disjoncteur", "diagnosis"),
        ("Sicherung prüfen", "diagnosis"),
        ("Проверить печь", "diagnosis"),
        ("查看磁盘", "diagnosis"),
        ("温度を確認する", "diagnosis"),
        ("퓨즈 확인", "diagnosis"),
        ("Avisar al equipo", "communication"),
        ("Leitung informieren", "communication"),
        ("店長に連絡する", "communication"),
        ("Couper le courant", "mitigation"),
    ],
)
def test_what_looks_and_what_tells_is_known_in_other_languages(sentence: str, stage: str) -> None:
    """A sentence's verb, at its beginning or its end, says what it is for."""
    (scenario,) = _read(f"# B\n\n## Scenarios\n\n### Oven down\n\n1. {sentence}\n").scenarios
    assert [step.stage for step in scenario.steps] == [stage]


def test_the_title_of_a_command_in_a_sentence_is_no_torn_end() -> None:
    """Where a sentence begins with its command, the step's title is the whole sentence."""
    text = "- `npm audit --all` の出力を確認\n- `systemctl stop oven` / `systemctl start oven` の実行\n"
    (scenario,) = _read(f"# B\n\n## Scenarios\n\n### Oven down\n\n{text}").scenarios
    assert [step.title for step in scenario.steps] == [
        "npm audit --all の出力を確認",
        "systemctl stop oven / systemctl start oven の実行",
        "systemctl stop oven / systemctl start oven の実行",
    ]


def test_a_remark_behind_a_command_is_not_its_title() -> None:
    """ "# takes a minute" explains the command and does not name it."""
    text = "### Oven down\n\n**Fix:**\n```bash\nkubectl delete pod oven-0   # takes a minute\n```\n"
    (scenario,) = _read(f"# B\n\n## Scenarios\n\n{text}").scenarios
    assert [step.title for step in scenario.steps] == ["kubectl delete pod oven-0"]


def test_a_list_of_failures_with_what_to_do_is_a_procedure() -> None:
    """ "Common issues" in bold points are things to do where they begin with a verb, and else no steps."""
    doing = _read(
        "# B\n\n## Common issues\n\n- **Disk full**: delete old logs\n- **Queue stuck**: restart the worker\n"
    )
    assert [step.title for one in doing.procedures for step in one.steps] == [
        "Disk full: delete old logs",
        "Queue stuck: restart the worker",
    ]
    saying = _read("# B\n\n## Incident types\n\n- **Data breach**: stolen lists\n- **Outages**: dark shops\n")
    assert saying.procedures == ()


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("未処理（A / B）が残っていると 409 で拒否する。", True),
        ("上限（損失＋含み損）に達した場合は、止める。", True),
        ("釜が冷えたとき: 点火する", True),
        ("Nếu lò nguội: bật lại", True),
        ("Khi lò đã nóng:", True),
        ("釜を止めると冷える", False),
        ("Khi nào gọi quản lý", False),
    ],
)
def test_conditions_behind_their_clause(line: str, condition: bool) -> None:
    """Japanese says "if" at the end of the clause, brackets in it or not; Vietnamese at its beginning."""
    assert bool(_read(f"# B\n\n## 手順\n\n- {line}\n").conditionals) is condition


def test_a_request_alone_is_no_template() -> None:
    """A fence of requests with gaps is nothing to send to people."""
    assert _read("# B\n\n## Update\n\n```\nGET /v1/loaves/{id}?state=LOST\n```\n").templates == ()
