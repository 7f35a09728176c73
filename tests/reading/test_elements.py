"""Each typed element, in the forms in which documents write it."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook
from tocsin.reading import read
from tocsin.reading.conditions import inner_condition, is_condition, split_condition
from tocsin.reading.durations import response_minutes, window
from tocsin.reading.placeholders import find_placeholders, kind_of
from tocsin.reading.thresholds import alert_at, at_least, comparisons, query_condition
from tocsin.reading.vocabulary import bare_title, holds_scenarios, is_phase, is_process, meaning


def _book(text: str) -> Runbook:
    return read(text.encode(), "water.md")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Symptoms", "symptoms"),
        ("2.1 Signs:", "symptoms"),
        ("现象", "symptoms"),
        ("Señales", "symptoms"),
        ("Sintomas", "symptoms"),
        ("Common Causes", "causes"),
        ("Mögliche Ursachen", "causes"),
        ("Common Causes & Fixes", "mitigation"),
        ("Root Cause Analysis", "diagnosis"),
        ("Check the gauges", "diagnosis"),
        ("排查", "diagnosis"),
        ("Diagnóstico", "diagnosis"),
        ("Immediate Actions (First 5 Minutes)", "actions"),
        ("Response Steps", "actions"),
        ("Ações Imediatas", "actions"),
        ("Quick Fix", "mitigation"),
        ("Containment", "mitigation"),
        ("解决", "resolution"),
        ("Lösung", "resolution"),
        ("Fix", "resolution"),
        ("Verify Recovery", "verification"),
        ("Verify the alert", "diagnosis"),
        ("Rollback Procedure", "rollback"),
        ("Prevention", "prevention"),
        ("Long-term Fix", "prevention"),
        ("Escalation Path", "escalation"),
        ("Emergency Contacts", "contacts"),
        ("Post-Mortem Template", "template"),
        ("🚨 Severity Levels", "severity"),
        ("Alert Thresholds", "thresholds"),
        ("Weather", None),
        ("Pump House", None),
    ],
)
def test_a_label_means_one_thing(label: str, expected: str | None) -> None:
    """Numbering, emoji, colons and windows don't matter; unknown words mean nothing."""
    assert meaning(label) == expected


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Scenario 3: Pump Stalls", "Pump Stalls"),
        ("Runbook: Pump Stalls", "Pump Stalls"),
        ("P1: Pump Stalls", "Pump Stalls"),
        ("INC-004: Pump Stalls", "Pump Stalls"),
        ("2.3 Pump Stalls", "Pump Stalls"),
        ("问题2：水泵停转", "水泵停转"),
        ("🔥 Pump Stalls (SEV2)", "Pump Stalls"),
        ("Pump Stalls Playbook", "Pump Stalls"),
        ("429 Too Many Drops", "429 Too Many Drops"),
        ("5. Pump Stalls (>20%)", "Pump Stalls (>20%)"),
    ],
)
def test_a_title_is_told_without_its_wrapping(heading: str, title: str) -> None:
    """Prefix, number, emoji and severity tag are not part of a scenario's title."""
    assert bare_title(heading) == title


def test_headings_that_announce_collections_and_processes() -> None:
    """Collections hold scenarios, processes hold phases."""
    assert holds_scenarios("3. Common Incidents")
    assert holds_scenarios("⚠️ Warning Alerts")
    assert not holds_scenarios("Pump House")
    assert is_process("Incident Response Process")
    assert not is_process("Pump House")
    assert is_phase("Step 2: Look (5-30 minutes)")
    assert not is_phase("Stepping stones")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Immediate", 0),
        ("Immediate (5 minutes)", 5),
        ("< 1 hour", 60),
        ("15-30 min", 30),
        ("within 2h", 120),
        ("24 hours", 1440),
        ("1小时内", 60),
        ("立即", 0),
        ("Next business day", None),
        ("1 business day", None),
        ("next sprint", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_response_time_is_minutes_or_nothing(text: str, minutes: float | None) -> None:
    """Calendar phrases are no minutes."""
    assert response_minutes(text) == minutes


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Look (0-5 minutes)", (0, 5)),
        ("Mend (30 minutes - 2 hours)", (30, 120)),
        ("Look (First 15 minutes)", (0, 15)),
        ("Mend (< 30 minutes)", (0, 30)),
        ("Look (T+5-15 min)", (5, 15)),
        ("After (Within 24 hours)", (0, 1440)),
        ("Look (3 minutes)", None),
        ("Look (Immediate)", None),
        ("Look", None),
    ],
)
def test_a_window_is_a_range_not_an_estimate(title: str, expected: tuple[float, float] | None) -> None:
    """One bare number is how long it takes, not by when."""
    assert window(title) == expected


@pytest.mark.parametrize(
    ("text", "metric", "op", "value", "unit"),
    [
        ("pressure loss > 7%", "pressure loss", ">", 7, "%"),
        ("pressure loss >7%", "pressure loss", ">", 7, "%"),
        ("flow below 40 s", "flow", "<", 40, "s"),
        ("level exceeds 2,500 MB", "level", ">", 2500, "MB"),
        ("p95 ≥ 800ms", "p95", ">=", 800, "ms"),
        ("lossRate > 0.3", "lossRate", ">", 0.3, "ratio"),
        ("tank depth > 90", "tank depth", ">", 90, "count"),
        ("verlust über 3 %", "verlust", ">", 3, "%"),
        ("perda acima de 4%", "perda", ">", 4, "%"),
    ],
)
def test_a_comparison_names_its_metric(text: str, metric: str, op: str, value: float, unit: str | None) -> None:
    """Symbols and words, glued and spaced, in several languages."""
    (found,) = comparisons(text)
    assert (found.metric, found.op, found.value, found.unit) == (metric, op, value, unit)


def test_thresholds_carry_their_window() -> None:
    """``for 5 minutes`` belongs to the comparison before it."""
    assert [found.for_minutes for found in comparisons("loss > 7% for 5 minutes")] == [5]
    assert [(found.value, found.for_minutes) for found in at_least("pump stalled 4+ times in the last hour")] == [
        (4, 60)
    ]


def test_an_alert_beside_a_target_is_on_its_far_side() -> None:
    """Above what should stay low, below what should stay high."""
    assert [(found.op, found.value) for found in alert_at("<2% (alert at 7%)", "loss")] == [(">=", 7)]
    assert [(found.op, found.value) for found in alert_at(">98% (alert at 91%)", "supply")] == [("<=", 91)]


def test_a_query_ends_in_its_condition() -> None:
    """The last comparison of a query is the rule; a quotient is a share."""
    found = query_condition(("rate(pump_faults_total[5m])", "/ rate(pump_turns_total[5m]) > 0.02 for 10m"))
    assert found is not None
    assert (found.op, found.value, found.unit, found.for_minutes) == (">", 0.02, "ratio", 10)
    assert "pump faults" in found.metric


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kill <pid> on [host name]", ("<pid>", "[host name]")),
        ("see {ticket} or {{ticket}}", ("{{ticket}}", "{ticket}")),
        ("YOUR_HOST and your-app.example", ("YOUR_HOST", "your-app")),
        ("[x] done [INVESTIGATING] [1] [link](u) arr[0]", ()),
        ("a <= b && c <br>", ()),
        ("YYYY-MM-DD HH:MM", ("YYYY-MM-DD", "HH:MM")),
        ("SEV[1-4]", ("[1-4]",)),
    ],
)
def test_gaps_are_told_from_lookalikes(text: str, expected: tuple[str, ...]) -> None:
    """Boxes, tags, links, indices and comparisons are no gaps."""
    assert set(find_placeholders(text)) == set(expected)


def test_in_a_command_bare_capitals_are_gaps_and_code_is_not() -> None:
    """``PUMP_NAME`` as an argument is a gap; ranges, formats and variables are not."""
    text = "pump stop PUMP_NAME && curl -w '%{http_code}' x | jq '.[0]' && echo $PUMP_ID rate(a[5m])"
    assert find_placeholders(text, command=True) == ("PUMP_NAME",)


@pytest.mark.parametrize(
    ("gap", "kind"),
    [
        ("<pid>", "integer"),
        ("YOUR_DOMAIN", "url"),
        ("[Date]", "date"),
        ("<API_KEY>", "secret"),
        ("[Name]", "person"),
        ("<pod-name>", "name"),
        ("[a/b/c]", "choice"),
        ("[words]", "text"),
    ],
)
def test_gaps_have_types(gap: str, kind: str) -> None:
    """The type says what may be filled in."""
    assert kind_of(gap) == kind


def test_conditions_are_split_from_their_actions() -> None:
    """A question or a label "When to …" is no condition."""
    assert is_condition("1. **If the tank is full:** stop".replace("*", ""))
    assert is_condition("Wenn der Tank voll ist")
    assert is_condition("For P0 (Critical)")
    assert not is_condition("When to escalate")
    assert not is_condition("If only it rained?")
    assert split_condition("If <9 late: look by hand") == ("If <9 late", "look by hand")
    assert inner_condition("Stop it if the tank is full: now") == "if the tank is full"
    assert inner_condition("Check if the tank is full") is None


_SEVERITIES = [
    (
        "| Level | Meaning | Response Time |\n|---|---|---|\n| **P0** | dry | Immediate (5 minutes) |\n"
        "| P1 (High) | damp | < 1 hour |\n"
    ),
    (
        "### P0 - Critical\n- **Response Time:** 5 minutes\n- **Examples:** dry\n\n### P1 - High (Wet)\n- **Resp"
        "onse Time:** 1 hour\n"
    ),
    "- **P0 (Critical)**: dry. Response: 5 min\n- **P1 (High)**: damp. Response: 1 h\n",
]


@pytest.mark.parametrize("body", _SEVERITIES, ids=["table", "headings", "items"])
def test_severities_come_from_tables_headings_and_items(body: str) -> None:
    """Names as written, minutes to the first response."""
    found = _book(f"# Water\n\n## Severity Levels\n\n{body}").severities
    assert [(one.name, one.response_minutes) for one in found] == [("P0", 5), ("P1", 60)]


def test_one_level_or_metadata_is_no_scale() -> None:
    """A document's own severity doesn't define a scale."""
    assert _book("# Pump\n\n**Severity:** P2\n\nText about P0 and P1.\n").severities == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "**Escalate to Keeper:**\n- P0 not solved in 20 minutes\n- Dam unavailable > 2 hours\n",
            [("Keeper", 20, "unresolved"), ("Keeper", 120, "unavailable")],
        ),
        (
            "1. **0-10 min**: On-call engineer looks\n2. **10-40 min**: Escalate to team lead\n",
            [(None, 0, "unresolved"), ("team lead", 10, "unresolved")],
        ),
        (
            "- After 5 min: Page the on-call engineer\n- **30 minutes**: Escalate to VP Engineering\n",
            [("on-call engineer", 5, "unresolved"), ("VP Engineering", 30, "unresolved")],
        ),
        (
            (
                "| Role | Contact | When |\n|---|---|---|\n| Second Keeper | x | If primary unavailable |\n"
                "| Warden | y | P1 unresolved >45min |\n"
            ),
            [("Second Keeper", None, "unacknowledged"), ("Warden", 45, "unresolved")],
        ),
        (
            "### When to Escalate\n- It takes twice the estimated time\n- More people needed\n",
            [(None, None, "estimate"), (None, None, None)],
        ),
    ],
    ids=["label", "bands", "times", "table", "conditions"],
)
def test_escalations_in_their_forms(body: str, expected: list[tuple[str | None, float | None, str | None]]) -> None:
    """Who, after how many minutes, on which clock."""
    found = _book(f"# Water\n\n## Escalation\n\n{body}").escalations
    assert [(one.to, one.after_minutes, one.clock) for one in found] == expected


def test_contacts_name_what_is_not_filled_in() -> None:
    """Fields become chat, mail and phone; gaps are named."""
    book = _book(
        "# W\n\n## Emergency Contacts\n\n**Keeper:**\n- Slack: @keeper\n- Email: keeper@water.example\n- Pho"
        "ne: [phone]\n\n"
        "## More Contacts\n\n- **Warden**: [Contact]\n\n| Role | Email | Phone |\n|---|---|---|\n| Mason "
        "| m@water.example | TBD |\n"
    )
    warden, mason, keeper = sorted(book.contacts, key=lambda contact: ("Warden", "Mason", "Keeper").index(contact.role))
    assert (keeper.chat, keeper.email, keeper.phone, keeper.unfilled) == (
        "@keeper",
        "keeper@water.example",
        None,
        ("phone",),
    )
    assert warden.unfilled == ("contact",)
    assert (mason.email, mason.unfilled) == ("m@water.example", ("phone",))


def test_rotation_channels_and_review() -> None:
    """How the duty changes hands, where messages go, how often the text is read again."""
    book = _book(
        "# W\n\n## On-Call Rotation\n- Weekly rotation\n- 24/7 for P0/P1, business hours for P2\n\n## Alert "
        "Channels\n- **PagerDuty:** P0\n- **Slack #water:** all\n\n"
        "## Review\n**Review Frequency:** Quarterly\n**Last Reviewed:** [Date]\n"
    )
    assert book.rotation is not None
    assert book.rotation.every == "week"
    assert [(one.severities, one.hours) for one in book.rotation.coverage] == [
        (("P0", "P1"), "24/7"),
        (("P2",), "business hours"),
    ]
    assert [(one.kind, one.address, one.severities) for one in book.channels] == [
        ("pager", "PagerDuty", ("P0",)),
        ("chat", "#water", ()),
    ]
    assert book.review is not None
    assert (book.review.every, book.review.last) == ("quarter", None)


def test_templates_are_told_from_samples() -> None:
    """A message with gaps is a template; a log sample and a command are not."""
    book = _book(
        "# W\n\n## Communication Templates\n\n### First Notice\n```\nWe look into [problem].\nSince: [time]"
        "\n```\n\n## Logs\n```\nERROR: no water\n```\n```sh\nls\n```\n"
    )
    assert [(one.title, one.kind, one.fields) for one in book.templates] == [
        ("First Notice", "initial", ("[problem]", "[time]"))
    ]


def test_checklists_and_deadlines() -> None:
    """Boxes outside fences with the limit of their heading; limits in sentences; no update cadence."""
    book = _book(
        "# W\n\n## After\n\n### Within 24 hours:\n- [ ] Write it down\n- [x] Tell the town\n\n```\n- [ ] not"
        " a box\n```\n\n### Later\n- Hold the review within 3 days\n- Send news every 30 minutes\n"
    )
    (checklist,) = book.checklists
    assert (checklist.deadline_hours, [item.line for item in checklist.items]) == (24, [6, 7])
    assert [one.hours for one in book.deadlines] == [24, 72]


def test_targets_are_no_alerts() -> None:
    """What is wanted stands apart from what fires."""
    book = _book(
        "# W\n\n## Key Metrics\n- **Loss:** <2% (alert at 7%)\n- Flow (target: > 40%)\n\n## Alert Thresholds"
        "\n\n**P0 Alerts:**\n- Loss > 9%\n"
    )
    assert [(one.metric, one.op, one.value) for one in book.targets] == [("Loss", "<", 2), ("Flow", ">", 40)]
    assert [(one.metric, one.op, one.value, one.severity) for one in book.rules] == [
        ("Loss", ">=", 7, None),
        ("Loss", ">", 9, "P0"),
    ]


def test_links_and_anchors() -> None:
    """Files, addresses and anchors, with what can be known of them from the text alone."""
    book = _book(
        '# W\n\n## Valve\n\n[plan](../plan.md) https://water.example/a?b=c. See "Valve" and [gone](#gone), `'
        "scripts/check.sh`\n"
    )
    assert {(one.target, one.kind, one.exists) for one in book.links} == {
        ("../plan.md", "file", None),
        ("https://water.example/a?b=c", "url", None),
        ("#valve", "anchor", True),
        ("#gone", "anchor", False),
        ("scripts/check.sh", "file", None),
    }


def test_a_band_that_names_nothing_but_somebody_calls_them() -> None:
    """ "0-15 min: On-call engineer" needs no verb; a name of two words is not cut at a word that could be one."""
    document = (
        b"# Ferry\n\n## Escalation\n\n1. **0-15 min**: On-call engineer\n2. **15+ min**: Team lead\n"
        b"3. **1 hour**: Head of operations\n- 2 hours unresolved: the duty manager\n"
    )
    found = read(document, "ferry.md").escalations
    assert [(each.to, each.after_minutes) for each in found] == [
        ("On-call engineer", 0),
        ("Team lead", 15),
        ("Head of operations", 60),
        ("duty manager", 120),
    ]
