"""What the walk over a section knows: stage, branch, group; and what a sentence says about itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tocsin.core.runbook import StepStage
from tocsin.reading.conditions import is_condition, split_condition
from tocsin.reading.letters import fold
from tocsin.reading.nodes import Block, Line, Span
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.shellwords import (
    QUERIES,
    inline_command,
    is_query,
    only_looks,
    own_command,
    seems_to_change,
    surely_changes,
)
from tocsin.reading.vocabulary import Meaning, is_phase, is_soft, meaning, tidy

STAGES: dict[Meaning, StepStage] = {
    "detection": "diagnosis",
    "diagnosis": "diagnosis",
    "questions": "diagnosis",
    "mitigation": "mitigation",
    "resolution": "resolution",
    "verification": "verification",
    "rollback": "rollback",
    "communication": "communication",
    "prevention": "prevention",
    "postmortem": "other",
}
SILENT: frozenset[Meaning] = frozenset(
    {
        "symptoms",
        "causes",
        "impact",
        "overview",
        "severity",
        "escalation",
        "contacts",
        "links",
        "template",
        "metrics",
        "thresholds",
        "review",
    }
)
LASTING = re.compile(
    r"\bfix|solution|resolution|repair|losung|behebung|solucion|soluc|correc|解决|解決|対応|対策|해결|조치|решен"
)
_LOOKING = re.compile(
    r"^(?:manual(?:ly)? (?:check|review|investigat\w*|inspect\w*)|check|review|verify|identify|look|inspect"
    r"|investigate|confirm|determine|find|analy[sz]e|assess|monitor|test|gather|collect|measure|examine|study"
    r"|see|what|which|when|is|are|has|have|how|prüfen?|überprüf\w+|vérifie[rz]|verificar?|revis[ae]r?|comprobar"
    r"|comprueb\w+"
    r"|consult(?:ar|e|er|ez)|mirar|ver|veja|busc(?:ar|a|que)|analizar|analisar|analys(?:er|ez)|investig(?:ar|ue)"
    r"|chec(?:ar|k)"
    r"|confer(?:ir|e)|identifi(?:car|er|ez|que)|examine[rz]|regarde[rz]|cherche[rz]|contrôle[rz]|kontrollier\w+"
    r"|identifizier\w+"
    r"|analysier\w+|untersuch\w+|ermittel\w+|kiểm tra|xem|xác định)\b|^(?:провер|посмотр|убедит|выясн|определ|найти"
    r"|найд"
    r"|изуч|проанализ|оценит)|^(?:查看|检查|确认|排查|查询|观察|分析|判断)",
    re.IGNORECASE,
)
_CHANGING = re.compile(
    r"^(?:(?:emergency|manual(?:ly)?|force|immediately) )?(?:restart|reboot|stop|start|kill|block|ban|revoke|rotate"
    r"|disable|enable|pause|resume|unpause|activate|deactivate|execute|apply|deploy|redeploy|roll ?back|revert"
    r"|restore"
    r"|scale|drain|delete|remove|clear|flush|purge|reset|lock|unlock|isolate|quarantine|terminate|cancel|failover"
    r"|switch|promote)\b",
    re.IGNORECASE,
)
_TALKING = re.compile(
    r"^(?:notify|contact|post|announce|page|communicate|inform|tell|alert|escalate"
    r"|create (?:an? )?(?:incident )?channel|acknowledge|(?:notificar|avisar|informar|contactar|contatar|llamar"
    r"|comunicar|escalar"
    r"|prévenir|contacter|appeler|notifier|informer|alerter|benachrichtig\w+|informier\w+)\b|сообщ|уведом"
    r"|позвон|связат"
    r"|оповест|通知|联系|上报|通报|通報|連絡|thông báo\b)",
    re.IGNORECASE,
)
# The verb at the end of a sentence, where the language puts it there.
_LOOKING_LAST = re.compile(
    r"(?:確認|調査|チェック|特定|把握)(?:する|します|してください|せよ)?[。.]?$|を見る[。.]?$"
    r"|(?:확인|점검|조사|분석|파악)(?:한다|하기|합니다|하세요|할 것)?[.]?$"
    r"|\b(?:prüfen|überprüfen|kontrollieren|ansehen|nachsehen|anschauen|untersuchen)[.]?$",
    re.IGNORECASE,
)
_TALKING_LAST = re.compile(
    r"(?:を|に|へ)(?:連絡|通知|報告|共有)(?:する|します|してください)?[。.]?$"
    r"|(?:에게|에)\s?(?:연락|알림|보고|공유|통보)(?:한다|하기|합니다|하세요)?[.]?$"
    r"|\b(?:informieren|benachrichtigen|anrufen|melden)[.]?$",
    re.IGNORECASE,
)
_END = 40
_VERIFYING = re.compile(r"^(?:verif|confirm|validat|monitor|überprüf|vérifi)", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"\b(?:do not|don['’]t|never|must not|avoid|instead of|ne (?:pas|jamais)|nicht|niemals|nunca|não|jamais|jamás"
    r"|никогда|нельзя)\b|не (?:удал|дела|запуск|перезап|трога)\w+|不要|禁止|切勿|严禁|请勿|しないで"
    r"|してはいけない|厳禁|하지 ?마|금지",
    re.IGNORECASE,
)
_ROOT_CAUSE = re.compile(
    r"root[- ]cause|根因|根本原因|원인 ?(?:분석|파악)|原因(?:分析|究明|特定|調査)|ursache|causa raiz|causa principal"
    r"|cause (?:racine|profonde)|корнев\w+ причин|первопричин"
)
_COMPARES = re.compile(r"(?:[<>]=?|==|!=)\s*(?:bool\s+)?[\d.(][\d.)eE*/+ -]{0,30}$")  # ends an alert's condition
_ALERT = re.compile(
    r"(?:alerts?|alert (?:name|condition|rule|expression|query)|alarm|triggers?|trigger condition|fires when"
    r"|alertas?|disparador"
    r"|gatilho|condic\w+ de alerta|alerte|declencheur|auslos\w+|alarmbedingung|告警(?:条件|名称|规则|表达式)?"
    r"|报警(?:条件|名称)?"
    r"|触发(?:条件)?"
    r"|アラート(?:名|条件)?|トリガー|発火条件|알림(?: ?조건)?|알람|트리거|алерт|триггер|условие)$"
)
_FACT = re.compile(
    r"(?:severity|priority|impact|(?:alert |trigger )?condition|expr(?:ession)?|threshold|schweregrad|auswirkung"
    r"|bedingung|schwellwert|severidad|severidade|impacto|condici[óo]n|condiç[ãa]o|gravité|seuil|критичность|условие|порог"
    r"|严重(?:级别|程度)|影响|触发条件|阈值|重大度|影響|閾値|심각도|영향|임계값|조건)\s*[:：]\s*(?P<said>\S.*)",
    re.IGNORECASE,
)
_RUN = re.compile(  # right before a command
    r"(?:^|[\s:：(])(?:re-?run|run|execute|ejecut[ae]r?|execut[ae]r?|rode|lance[rz]?|exécute[rz]?|führe|starte"
    r"|выполни(?:те|ть)?|запусти(?:те|ть)?|执行|运行)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_LABEL = 60
_VERIFIES = re.compile(
    r"\W*(?:verify|validate|double-check|verifizier|verificar?|validar|vérifier|valider|убедит|验证|検証|검증)",
    re.IGNORECASE,
)
SEE = re.compile(r"^(?:see|follow|go to|refer to|use|siehe|voir|ver|consulte)\b[:\s]*(.*)$", re.IGNORECASE)
_SUSPECTS = re.compile(r"^(?:check for|look for|possible causes|rule out)\b.*[:：]$", re.IGNORECASE)


class Context(NamedTuple):
    """Where the walk stands.

    ``stage`` null: told by the effect. ``by_hand``: plain sentences are steps too. ``condition``: queries say when the
    alert fires and are no steps. ``fallback``: the stage of what says nothing about itself. ``looks``: what
    changes nothing is diagnosis. ``acts_at``: the line of a label "Action:" whose own sentence is a step.
    """

    path: str
    stage: StepStage | None = None
    branch: str | None = None
    group: str = ""
    by_hand: bool = True
    condition: bool = False
    fallback: StepStage = "other"
    looks: bool = False
    acts_at: int = 0


def entered(section: Section, context: Context) -> Context:
    """The context within a section."""
    if section.conditional:
        return context._replace(branch=nested_branch(context.branch, split_condition(section.title)[0]), group="")
    meaning = section.meaning
    stage = STAGES.get(meaning) if meaning else None
    if meaning == "actions":
        keep = context.stage in ("mitigation", "resolution", "rollback", "communication", "other")
        return context._replace(
            stage=context.stage if keep and section.label and not is_phase(section.title) else None,
            group="",
            branch=None,
            acts_at=section.line if section.label else 0,
        )
    if stage is not None:
        if {stage, context.stage} == {"diagnosis", "verification"}:
            stage = context.stage  # what is checked within a check
        soft = not section.label or is_soft(section.title)
        if meaning == "diagnosis" and not section.label and _ROOT_CAUSE.search(fold(section.title)):
            soft = False
        if stage == "diagnosis" and soft and context.stage in ("mitigation", "resolution", "rollback"):
            stage = "verification" if _VERIFYING.match(tidy(section.title)) else context.stage
        if (
            stage == "prevention"
            and context.stage in ("mitigation", "resolution")
            and LASTING.search(fold(section.title))
        ):
            stage = context.stage  # a lasting fix among the repairs
        return context._replace(stage=stage, group="", branch=None, condition=meaning == "detection")
    known = meaning is not None or not section.label
    return context._replace(
        group="" if known else tidy(section.title), branch=None if not section.label else context.branch
    )


def labelled(item: Block, context: Context, before: Sequence[StepStage]) -> Context:
    """The context within an item whose bold words say what it is for: "**Check the oven**:" among the repairs.

    ``before`` are the stages of the steps in front: what is verified after a repair is its outcome.
    """
    lead = bold_lead(item.head.lines[0]) if item.head and item.rest else None
    told = split_condition(lead[0])[1] if lead and is_condition(lead[0]) else lead[0] if lead else ""
    stage = STAGES.get(meaning(told) or "overview") if told else None
    if stage == "verification" and context.stage in ("mitigation", "resolution") and not context.looks:
        return context._replace(stage=stage)
    if stage == "diagnosis" and context.stage in ("mitigation", "resolution"):
        if _VERIFIES.match(told) and context.stage in before:
            return context._replace(stage="verification")
        return context._replace(looks=True)
    if stage in ("diagnosis", "mitigation", "resolution") and context.stage is None:
        return context._replace(stage=stage)
    return context


def nested_branch(outer: str | None, inner: str) -> str:
    """A condition within a condition: "For P0: If the service is down"."""
    return f"{outer}: {inner}" if outer and outer != inner else inner


def hypotheses(item: Block) -> bool:
    """Whether an item's points are suspicions to confirm, not things to do."""
    points = [point for child in item.rest if child.kind == "list" for point in child.children]
    asked = bool(points) and all(point.text.endswith(("?", "？")) for point in points)
    wanted = _SUSPECTS.match(item.text)
    return asked or bool(wanted and points and not any(_LOOKING.match(point.text) for point in points))


def pointed(item: Block) -> str | None:
    """Where an item sends the reader: "Follow `docs/x.md`", "See [Y](y.md)"; null for any other sentence."""
    line = item.head.lines[0] if item.head else None
    if line is None or not SEE.match(line.plain):
        return None
    target = next((span.target for span in line.spans if span.target), None)
    named = next(
        (
            span.text.strip()
            for span in line.codes
            if re.fullmatch(r"[\w./-]+\.(?:md|mdx|rst|html|txt)", span.text.strip())
        ),
        None,
    )
    return target or named


def commands_in(line: Line, seen: frozenset[str]) -> list[tuple[Span, str]]:
    """The inline commands of a line with the words before each; what the text forbids is none."""
    if not line.codes:
        return []
    alone = _query_alone(line)
    if alone is not None:
        return [(alone, line.plain)]
    found: list[tuple[Span, str]] = []
    said, whole = "", line.plain
    for span in line.spans:
        told = span.code and (
            inline_command(span.text, seen) or (own_command(span.text) and bool(_RUN.search(said[-30:])))
        )
        if told and not _FORBIDDEN.search(said[-60:]):
            found.append((span, whole))
        said = (said + span.text)[-80:]
    return found


def _query_alone(line: Line) -> Span | None:
    """The query that a line consists of, perhaps behind a label; one that compares is an alert's condition."""
    code = line.codes[0]
    if len(line.codes) > 1 or not is_query(code.text) or _COMPARES.search(code.text):
        return None
    said = "".join(span.text for span in line.spans if not span.code).strip()
    return code if not said or (said.endswith((":", "：")) and len(said) < _LABEL) else None


def states_fact(item: Block) -> bool:
    """Whether a bullet only says something about the failure: "Severity: warning", "**Condition**: flour < 20 kg"."""
    if item.checked is not None or item.number is not None or item.rest:
        return False
    found = _FACT.match(item.text[:200])
    return found is not None and not instructs(found.group("said"))


def looks(text: str) -> bool:
    """Whether a sentence says to look, with its first word or, in some languages, its last ("Check the oven")."""
    return bool(_LOOKING.match(text) or _LOOKING_LAST.search(text[-_END:]))


def instructs(text: str) -> bool:
    """Whether a sentence begins with a verb of looking, changing or telling."""
    return looks(text) or bool(_CHANGING.match(text) or _TALKING.match(text))


def names_alert(section: Section) -> bool:
    """Whether a label only says in its line which alert it is about, or what fires it ("**Alert:** oven cold")."""
    return (
        section.label
        and section.meaning == "detection"
        and bool(_ALERT.match(fold(tidy(section.title))))
        and [block.kind for block in section.blocks] == ["paragraph"]
        and not section.children
        and not looks(section.text)
    )


def forbids(text: str) -> bool:
    """Whether a short sentence that introduces a list forbids what the list says ("Never delete:")."""
    return len(text) < _LABEL and text.endswith((":", "：")) and bool(_FORBIDDEN.search(text))


def stage_by_hand(title: str, fallback: StepStage) -> StepStage:
    """The stage of a sentence by its verb; ``fallback`` where that doesn't tell."""
    if _TALKING.match(title) or _TALKING_LAST.search(title[-_END:]):
        return "communication"
    return "diagnosis" if looks(title) else fallback


def stage_by_effect(command: str, title: str, language: str) -> StepStage:
    """Where a command belongs that no heading places: by what it seems to do, and by what its title says it does."""
    if language in QUERIES:
        return "diagnosis"
    if not seems_to_change(command):
        return "mitigation" if _CHANGING.match(title) and not only_looks(command) else "diagnosis"
    return "diagnosis" if _LOOKING.match(title) and not surely_changes(command) else "mitigation"
