"""What a heading says about itself: its bare title, and whether it is a collection, a process, a phase, a failure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tocsin.reading.failures import names_failure
from tocsin.reading.letters import fold

_LONGEST = 300  # no heading is longer
# Words that number the steps of a process.
_STEP = (
    r"(?:step|phase|stage|schritt|etape|fase|etapa|paso|passo|stufe|шаг|этап|фаза|步骤|阶段|ステップ|手順|フェーズ"
    r"|단계|스텝)"
)
_CONTAINER = re.compile(
    r"^(?!monitoring |metrics |dashboards? )(?:[\w/-]+[,:]? )*(?:scenarios?|incidents?|incident types?"
    r"|incident categories|playbooks|runbooks|issues|problems|alerts|failures|outages"
    r"|failure modes|error patterns?|alert runbooks?|(?:specific|alert|scenario|typical) (?:response|incident"
    r"|recovery) procedures?|infrastructure troubleshooting)"
    r"(?: ?(?:&|and) (?:solutions?|fixes|quick fixes|responses?|checks|resolutions?|runbooks?|playbooks?"
    r"|remedies))?$"
    r"|问题$|故障$|(?:故障|事故|告警)?场景$|^(?:常见|典型)(?!原因)|故障(?:处理|预案|类型)$|cenarios?(?: \w+)*$"
    r"|escenarios?(?: \w+)*$"
    r"|szenarien$|^scenarios? (?:d'|d[eu]s? |courant|connu|frequent|typique|critique)|시나리오|장애 ?(?:유형|사례)"
    r"|유형별|자주 발생하는|(?:알림|경보|알람)별"
    r"|(?:incidentes|problemas|fallos|falhas|errores|erros|averias|alertas) (?:comunes|comuns|frecuentes|frequentes"
    r"|tipicos|conocidos|conhecidos|habituales|especificos)$|tipos de incidentes?$|^alertas$|^incidentes$"
    r"|^(?:haufige|typische|bekannte|konkrete|mogliche) (?:probleme|storungen|fehler|vorfalle|incidents|alarme"
    r"|ausfalle)"
    r"|storungsbilder|storfalle$|^alarme$|(?:incidents|problemes|pannes|alertes|erreurs) (?:courant|frequent|connu"
    r"|typique"
    r"|type)e?s?|types d'incidents?$|fiches reflexes?|よくある(?!原因)|シナリオ|(?:障害|事象|アラート|ケース"
    r"|症状)別|障害(?:パターン|ケース|種別)"
    r"|сценари|(?:частые|типовые|типичные|известные|распространенные|основные) (?:проблемы|инциденты|ошибки|сбои"
    r"|случаи|неисправности)|типы инцидентов|(?:алерт\w*|инцидент\w*|сбо[йея]\w*)$"
)  # fmt: skip
_SPECIFIC = re.compile(r"\b(?:specific|alert|scenario|typical) (?:response|incident|recovery) procedures?$")
# Headings whose children are scenarios where they name failures.
_MENDING = re.compile(
    r"^(?:\w+ )?(?:troubleshooting|trouble ?shooting|quick fixes|common fixes|fixes|known errors"
    r"|emergency procedures)"
    r"(?: guide)?$|быстрые исправления|устранение неисправностей|fehlerbehebung|storungsbehebung|schnelle losungen"
    r"|depannage"
    r"|resolution (?:des|de) problemes?|solucion de problemas|resolucion de problemas|solucao de problemas"
    r"|resolucao de problemas|故障排(?:除|查|错)|问题排查|トラブルシュー|문제 ?해결|트러블슈팅|빠른 조치"
)
_PROCESS = re.compile(
    r"(?:incident|emergency|general|standard|on[- ]?call)?\s*(?:incident )?(?:response|management"
    r"|handling)\s*(?:process|checklist|procedures?|flow|workflow|"
    r"steps|protocol|phases|lifecycle|playbook steps)$|^(?:the )?(?:general )?(?:process|workflow"
    r"|incident (?:process|lifecycle|flow|workflow))$"
    r"|排查步骤|处理流程|排查流程|响应流程|应急流程|応答プロセス|ablauf|vorgehen|^proceso|^processo de"
    r"|procedure de (?:reponse|gestion)"
    r"|^(?:procedure|demarche|processus|procedimi?ento|proceso|processo) (?:general|standard|estandar|padrao)"
    r"|^(?:general|standard) (?:\w+ )?(?:procedures?|process|workflow|approach)$"
    r"|^allgemeine[rs]? (?:ablauf|vorgehen|prozess)"
    r"|^(?:общий|стандартный) (?:порядок|процесс)"
    r"|^(?:通用|标准)(?:处理|响应|排查)?(?:流程|步骤)|^일반 ?(?:절차|대응)|^(?:一般|標準|共通)(?:的な)?(?:手順|対応"
    r"|フロー)"
    r"|процедур\w* реагирования|порядок реагирования|procedimi?ento de (?:resp|gest)|대응 절차|対応フロー"
    r"|対応プロセス|対応の流れ"
)
_PHASE = re.compile(
    rf"^{_STEP}\s*\d+|^(?:preparation"
    r"|identification|detection (?:and|&) analysis|containment|eradication|recovery"
    r"|containment, eradication,? (?:and|&) recovery)$|^第[一二三四五六七八九\d]+(?:步|阶段|段階)|^\d+\s*단계"
)
_STEP_LEAD = re.compile(
    rf"^(?:{_STEP}\s*\d+\w?|\d+\s*단계|第[一二三四五六七八九\d]+(?:步|阶段|段階))\s*(?:[:：.)—–、-]\s*|\s(?=\S))"
)
_NUMBERING = re.compile(
    r"^(?:\(?\d{1,3}(?:[a-z](?=[.)]))?(?:\.\d{1,3})*[.)、:．]?(?=\s|[^\x00-\x7f%xX×])\s*|[A-Z][.)]\s+"
    r"|[IVX]{1,4}[.)]\s+|§\s*[\d.]+\s*"
    r"|[一二三四五六七八九十]{1,3}、\s*|[(（][一二三四五六七八九十\d]{1,3}[)）]\s*|[①-⑳]\s*)"
)
_PREFIX = re.compile(
    r"^(?:(?:incident |alert |emergency |incident response )?(?:scenario|runbook|playbook|incident|issue|problem"
    r"|alert|case"
    r"|failure|pattern|category|situation|event|cenário|cenario|problème|panne|fallo|falha|avería|alerta|alarm|fall"
    r"|vorfall|störfall|fehler|caso|cas|проблема|инцидент|случай|алерт|"
    r"escenario|szenario|scénario|incidente|incident|problema|problem|störung|symptom|symptôme|síntoma|sintoma|señal|anzeichen|симптом)\s*(?:#?\d+"
    r"|[A-Z])?(?:[.-]\d+)?\s*(?:[:—–·|-]\s+|：\s*)"
    r"|(?:시나리오|문제|장애|사례|유형|케이스)\s*(?:[A-Z]?\d*(?:[.-]\d+)?)\s*[:：.]\s*"
    r"|(?:问题|故障|场景|情况|案例|症状|现象|告警|事件|증상|シナリオ|ケース|パターン|事象|сценарий)\s*(?:\d+(?:[.-]\d+)*|[A-Z]"
    r"|[一二三四五六七八九十]{1,3})?\s*[:：.、]\s*"
    r"|[A-Z]{2,5}-\d{1,4}\s*(?:[:—–-]\s*|：\s*|(?=【))|(?:P[0-5]|SEV[- ]?\d)\s*[:：—–]\s*)",
    re.IGNORECASE,
)
_SYMPTOM = re.compile(
    r"(?:symptoms?|symptôme|síntoma|sintoma|señal|anzeichen|симптом|症状|现象|事象|증상)\b", re.IGNORECASE
)
_SUFFIX = re.compile(
    r"\s*[(\[（](?:SEV|P)[- ]?\d[^)\]）]*[)\]）]$|\s+[-–—|]\s*(?:SEV[- ]?|P)\d(?:\([^()]*\)|/?(?:SEV[- ]?|P)?\d)*$"
    r"|\s+(?:Playbook|Runbook)$",
    re.IGNORECASE,
)
_WINDOW = re.compile(r"\s*[(（\[][^)）\]]*(?:\d|ongoing|immediate)[^)）\]]*[)）\]]\s*$", re.IGNORECASE)
_MAYBE_SIGN = re.compile(r"[^\x00-\x5d_a-\x7f]")  # all but ASCII, and the caret and the backtick of ASCII
_CODE_NUMBER = re.compile(r"\d{3}\s+\S")  # "503 errors"
_REMARK = re.compile(r"(?<=\S)\s*[(（][^()（）]*[)）]$")
# Labels of facts ("Resolution Time", "Detection date"), which announce no part.
_FACT = re.compile(
    r"\b(?:times?|dates?|owners?|status|sla|targets?|objectives?|eta|rate|time to \w+|by)$|^(?:mean )?time to |zeit$"
    r"|^(?:tiempo|tempo|temps|duree|duracion|duracao|fecha|data|estado|prazo|plazo|delai)\b|时间$|時間$|시간$|^время"
)


def _without_sign(found: re.Match[str]) -> str:
    char = found.group()
    return "" if unicodedata.category(char) in ("So", "Sk", "Cf", "Co") or char == "\ufe0f" else char


@lru_cache(maxsize=4096)
def tidy(label: str) -> str:
    """A label without emoji, numbering and the colon at its end; the writing stays."""
    text = _MAYBE_SIGN.sub(_without_sign, label)
    text = " ".join(text.split()).strip(" *_#")
    text = _NUMBERING.sub("", text, count=1) if not _CODE_NUMBER.match(text) else text
    return text.strip().rstrip(":：").strip()


@lru_cache(maxsize=4096)
def spoken(label: str) -> str:
    """The words of a label that say what it is: lower case, without "Step 2 —" in front and a window behind."""
    return _WINDOW.sub("", _STEP_LEAD.sub("", fold(tidy(label)[:_LONGEST]), count=1)).strip()


def names_fact(spoken_label: str) -> bool:
    """Whether a label is the name of a fact ("Resolution Time")."""
    return bool(_FACT.search(spoken_label))


@lru_cache(maxsize=4096)
def bare_title(label: str) -> str:
    """A scenario's title without numbering, "Scenario 2:", "Runbook:", "P1:" and without "(SEV2)" at its end."""
    text = tidy(label)
    for _ in range(3):
        shorter = _PREFIX.sub("", text, count=1).strip()
        if shorter == text or not shorter:
            break
        text = shorter
    shorter = _SUFFIX.sub("", text).strip()
    return shorter or text


@lru_cache(maxsize=4096)
def states_symptom(label: str) -> bool:
    """Whether a title names a scenario by how it shows ("Symptom: no bread comes out")."""
    return bool(_SYMPTOM.match(tidy(label))) and prefixed(label)


def prefixed(label: str) -> bool:
    """Whether "Issue:", "Scenario 2 —" … stands before the title."""
    text = tidy(label)
    return bool(_PREFIX.match(text)) and bare_title(label) != text


@lru_cache(maxsize=4096)
def holds_scenarios(label: str) -> bool:
    """Whether a heading announces a collection of scenarios ("Common Incidents")."""
    text = spoken(label)
    return bool(_CONTAINER.search(text) or _CONTAINER.search(_REMARK.sub("", text)))


@lru_cache(maxsize=4096)
def holds_repairs(label: str) -> bool:
    """Whether a heading announces help for several failures ("Troubleshooting", "Quick fixes")."""
    return bool(_MENDING.search(spoken(label)))


@lru_cache(maxsize=4096)
def tells_failure(label: str) -> bool:
    """Whether a heading names something gone wrong."""
    return names_failure(spoken(label))


@lru_cache(maxsize=4096)
def is_process(label: str) -> bool:
    """Whether a heading announces the general process of an incident."""
    return not _SPECIFIC.search(spoken(label)) and bool(
        _PROCESS.search(_WINDOW.sub("", fold(tidy(label)[:_LONGEST])).strip())
    )


@lru_cache(maxsize=4096)
def is_fact(label: str) -> bool:
    """Whether a heading states a fact with its value ("SLA: 24 hours") instead of announcing a part."""
    name, colon, value = fold(tidy(label)).replace("：", ":").partition(":")
    return bool(
        colon and value.strip() and re.search(r"\d", value) and (names_fact(name) or name.strip() in ("sla", "slo"))
    )


@lru_cache(maxsize=4096)
def is_phase(label: str) -> bool:
    """Whether a heading is a numbered step or phase."""
    return bool(_PHASE.search(fold(tidy(label))))
