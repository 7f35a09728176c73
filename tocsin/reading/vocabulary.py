"""What label words mean, in the languages that runbooks are written in. Data, and three functions that look it up."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Meaning = Literal[
    "symptoms", "detection", "causes", "diagnosis", "actions", "mitigation", "resolution", "verification", "prevention",
    "rollback", "impact", "escalation", "contacts", "communication", "template", "postmortem", "severity", "metrics",
    "thresholds", "rotation", "channels", "access", "review", "links", "commands", "checklist", "questions", "overview",
]  # fmt: skip

PARTS: frozenset[Meaning] = frozenset(
    {"symptoms", "detection", "causes", "diagnosis", "mitigation", "resolution", "actions"}
)

# The first row that matches wins, so the narrow meanings stand above the wide ones.
_ROWS: tuple[tuple[Meaning, str], ...] = (
    ("template", (r"\btemplates?\b|\bvorlagen?\b|plantillas?\b|\bmodèles?\b|\bmodelos?\b|模板|템플릿"
                 r"|テンプレート|шаблон")),
    ("questions", r"^(?:key )?questions?\b|^questions? to answer|^fragen\b|^preguntas\b"),
    ("escalation", r"escalat|escalad[ae]|escalonam|escalaci|eskalation|升级|에스컬|エスカレ|эскалац"),
    ("contacts", (r"\bcontacts?\b|\bcontact (?:information|list)|kontakte?\b|contactos?\b|contatos?\b|联系方式"
                 r"|联系人|연락처|連絡先|контакт")),
    ("symptoms", (r"^(?:typical |common |user |observed |key )*(?:symptoms?|signs?|indicators?)\b|^symptôme"
                 r"|^symptome|^s[ií]ntoma|^señal|^sinai"
                 r"|现象|症状|증상|симптом|^what (?:you(?:'ll| will)? see|it looks like)")),
    ("review", (r"^(?:document |runbook |doc )?review(?: (?:&|and) updates?| frequency| schedule| cycle)?$"
               r"|^(?:last|next) reviewed?|^revisi[óo]n")),
    ("postmortem", (r"post[- ]?(?:incident|mortem)|after[- ]?action|lessons learned|retrospective|\bpir\b"
                   r"|after[- ]incident"
                   r"|nachbereitung|复盘|事后|사후|ポストモーテム|振り返り|pós-incidente"
                   r"|posterior al incidente|\brca (?:template|document)")),
    ("severity", (r"severit|\bpriorit(?:y|ies) (?:levels?|matrix)|incident (?:classification|levels?|priorit)"
                 r"|schweregrad|gravit[ée]|severidad"
                 r"|gravidade|criticid|紧急程度|级别|严重|等级|심각도|重大度|серьезност|classifica")),
    ("thresholds", (r"alert(?:ing)? (?:thresholds?|rules?|inventory|conditions table)|^(?:critical |warning "
                   r"|p\d |sev\W?\d )?alerts$|^thresholds?\b"
                   r"|schwellenwert|umbral|阈值|임계")),
    ("metrics", (r"(?:key |important |critical )?metrics\b|^sl[oa]s?\b|service level|objectives?\b|^targets?\b"
                r"|kennzahlen|métricas|指标|지표")),
    ("rotation", r"on[- ]?call (?:rotation|schedule)|^rotation|^schedule$|bereitschaft|值班|당직|当番"),
    ("channels", (r"(?:communication|alert|notification)s? channels?|^channels?$|kanäle|canales|canais|canaux"
                 r"|通知渠道|沟通渠道")),
    ("prevention", (r"prevent|long[- ]term|follow[- ]?ups?\b|permanent fix|future improvements?|prävention"
                   r"|vorbeug|prevenci|prevenç|prévention"
                   r"|预防|예방|予防|再発防止|профилакт|hardening")),
    ("rollback", r"roll[- ]?back|\brevert\b|zurückrollen|回滚|롤백|ロールバック|откат"),
    ("verification", (r"^(?:monitor (?:&|and) verify|verif(?:y|ication of) (?:the )?(?:recovery|fix"
                     r"|improvement|resolution|mitigation|restoration|"
                     r"deployment|restore|rollback|outcome|success|all|data|system integrity|integrity|it works?)|"
                     r"(?:recovery |post-?\w+ |fix |final )?(?:verification|validation)\b|validat|verify$"
                     r"|success criteria|smoke tests?$|"
                     r"all[- ]clear|recovery criteria|service restoration)|^verifizier|^verificaci"
                     r"|^verificação|^vérification$|^验证|^검증|^検証|^проверка восст")),
    ("causes", (r"^(?:(?:common|possible|potential|likely|known|typical|probable|frequent"
               r"|most common) )*(?:root )?causes?(?: categor\w+)?$"
               r"|^(?:mögliche |häufige )?ursachen?$|^causas?(?: \w+)?$|^causes (?:possibles|probables"
               r"|fréquentes)$|^(?:可能|常见)?原因$|^원인|^(?:想定)?原因|^причин")),
    ("detection", (r"^(?:(?:manual|automated|automatic|trigger|initial) )?detection\b|^triggers?\b"
                  r"|^trigger(?:ed)? (?:when|by|condition)|^alert (?:condition|name|details|definition|rule"
                  r"|expression|query)"
                  r"|^alert$|^alerta$|^how to detect|^detecci[óo]n|^detecção|^détection|^erkennung|^auslöser"
                  r"|^检测|^触发|^감지|^検知|^обнаруж|^when this (?:fires|alert)")),
    ("impact", (r"^(?:business |user |slo |customer |service )?(?:impact|effects?|meaning)\b|^impacto"
               r"|^auswirkung|^影响|^영향|^影響|^blast radius|^влияние")),
    ("mitigation", (r"(?:causes?|issues?|problems?) (?:&|and) (?:solutions?|fix(?:es)?|remed\w+|mitigations?)"
                   r"|ursachen (?:&|und) lösung")),
    ("diagnosis", r"root cause (?:analysis|identif)|identify (?:the )?root cause|^(?:decision tree|decision point)$"),
    ("actions", (r"^(?:(?:immediate|quick|critical|initial|first|urgent|required|key|recommended"
                r"|containment and|response|emergency|do) )*"
                r"(?:actions?|steps|responses?|procedures?|playbook steps|step-by-step\b.*|to ?do"
                r"|what to do)(?: (?:steps?|actions?|procedures?))?$"
                r"|^immediate (?:actions?|response|steps)|^(?:initial|first) (?:response|actions?|steps)"
                r"|^response (?:steps|actions|procedures?)|^actions? (?:to take|required|items)$|^action$"
                r"|^sofortmaßnahmen|^maßnahmen|^ações|^acciones|^ação|^acción|^actions? imm|^즉시|^조치|^初動"
                r"|^対応|^처리|^действия|^немедленн|^处理步骤|^应急")),
    ("mitigation", (r"mitigat|contain|remediat|work[- ]?around|quick (?:fix|wins?|relief)|stabili[sz]|^restart"
                   r"|^scal(?:e|ing)\b|^failover|optimi[sz]ation|^reset\b|^clear\b|^increase\b"
                   r"|^enable\b|^disable\b|^temporary\b|^immediate (?:scaling|fix|relief|containment)"
                   r"|^cache warming|^degrad\w+ (?:mode|service)|^maintenance mode|^kill\b|^block\b"
                   r"|mitigaci|mitigaç|atténuation|contenci|contenç|confinement|eindämm|缓解|降级|완화|緩和"
                   r"|смягчен|暫定")),
    ("resolution", (r"^(?:\w+ )?resolutions?\b|^resolv|^(?:the )?fix(?:es|ing)?\b|^solutions?\b|^recover"
                   r"|recovery\b|^restor|eradicat|^repair|^apply (?:the )?fix|^deploy (?:the )?fix"
                   r"|解决|修复|恢复|^lösung|^behebung|^résolution|^correction|^resolução|^solução"
                   r"|^resolución|^soluci|^recuperaci|^recuperação|^해결|^복구|^復旧|^解決|^решен|^восстановл"
                   r"|^wiederherstell")),
    ("diagnosis", (r"^(?:initial |quick |rapid |deep |further |manual )*(?:diagnos|investigat|triage|assess"
                  r"|analy[sz]|debug|troubleshoot|inspect)|^(?:check|gather|collect|identify|examine|review"
                  r"|look|determine|measure|confirm|find|test|run manual|scope|evaluate|query|verify"
                  r"|monitor)\b"
                  r"|diagnos(?:is|tics?|tic steps|e)\b|investigation\b|\btriage\b|\bassessment\b|^(?:quick "
                  r"|health |status )checks?$"
                  r"|^排查|^诊断|^检查(?!清单)|^diagnóstico|^diagnostic|^verificar|^prüfe|^prüfung|^vérifier"
                  r"|^점검|^진단|^확인|^調査|^確認|^切り分け|^диагност|^проверить|^untersuch|^analyse"
                  r"|^análise|^investigaci|^comprobar")),
    ("communication", (r"communicat|status (?:page|update)|stakeholder|notif(?:y|ication)|announce"
                      r"|customer update|kommunikation|comunica|沟通|커뮤니|連絡|報告|оповещ")),
    ("links", (r"^(?:tools?|resources?|references?|related|useful links|links|dashboards?|documentation"
              r"|key urls?|important urls?|external links|see also|scripts?)\b|^referenzen|^参考|^参照")),
    ("access", r"access requirements?|prerequisites?|^required access|voraussetzung"),
    ("commands", (r"operating procedures?|\bautomation\b|\bscripts$|^appendi|^annex|^附录|^anhang"
                 r"|\bcommands?\b|cheat ?sheet|quick reference|befehle|comandos|commandes|命令|명령|コマンド")),
    ("checklist", r"checklist|checkliste|检查清单|체크리스트"),
    ("overview", (r"^overview|^purpose|^summary|^introduction|^scope$|^table of contents|^目录|^überblick"
                 r"|^概要|^описание")),
)  # fmt: skip
_TABLE = tuple((meaning, re.compile(pattern)) for meaning, pattern in _ROWS)

_CONTAINER = re.compile(
    r"^(?:[\w/-]+ )*"
    r"(?:scenarios?|incidents?|incident types?|incident categories|incident scenarios?|playbooks|runbooks"
    r"|issues|problems|alerts|failures|"
    r"failure modes|error patterns?|alert runbooks?|specific response procedures?|infrastructure troubleshooting)"
    r"(?: ?(?:&|and) (?:solutions?|fixes|quick fixes|responses?|checks|resolutions?|runbooks?|playbooks?))?$"
    r"|问题$|故障$|场景$|^(?:常见|典型).*|cenários?(?: \w+)*$|escenarios?(?: \w+)*$|szenarien$|^scénarios?"
    r"|^시나리오|장애 (?:시나리오|유형)"
    r"|incidentes (?:comunes|comuns|frecuentes|típicos)$|problemas (?:comunes|comuns)$|^häufige (?:probleme"
    r"|störungen)|よくある|シナリオ|сценари|(?:алерт\w*|инцидент\w*|сбо[йея]\w*)$"
)  # fmt: skip
_PROCESS = re.compile(
    r"(?:incident|emergency|general|standard|on[- ]?call)?\s*(?:incident )?(?:response|management"
    r"|handling)\s*(?:process|checklist|procedures?|flow|workflow|"
    r"steps|protocol|phases|lifecycle|playbook steps)$|^(?:the )?(?:general )?(?:process|workflow"
    r"|incident (?:process|lifecycle|flow|workflow))$"
    r"|排查步骤|处理流程|排查流程|応答プロセス|ablauf|vorgehen|^proceso|^processo de|procédure de réponse"
    r"|процедур\w* реагирования|procedimi?ento de resp|대응 절차|対応フロー"
)  # fmt: skip
_PHASE = re.compile(
    r"^(?:step|phase|stage|schritt|étape|fase|etapa|paso|passo|단계|этап|шаг)\s*\d+|^(?:preparation"
    r"|identification|detection (?:and|&) analysis|containment|eradication|recovery"
    r"|containment, eradication,? (?:and|&) recovery)$|^第[一二三四五六七八九\d]+(?:步|阶段)|^(?:步骤"
    r"|阶段)\s*\d|^\d+\s*단계",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:\(?\d{1,3}(?:\.\d{1,3})*[.)、:]?(?=\s|[^\x00-\x7f%xX×])\s*|[A-Z][.)]\s+|[IVX]{1,4}[.)]\s+|§\s*[\d.]+\s*)"
)
_PREFIX = re.compile(
    r"^(?:(?:incident |alert |emergency )?(?:scenario|runbook|playbook|incident|issue|problem|alert|case"
    r"|failure|pattern|category|cenário|cenario|"
    r"escenario|szenario|scénario|incidente|incident|problema|problem|störung)\s*(?:#?\d+"
    r"|[A-Z])?(?:[.-]\d+)?\s*[:：—–-]\s+"
    r"|시나리오\s*[A-Z\d]*\s*[:：.]\s*|(?:问题|故障|场景|シナリオ|сценарий)\s*[\dA-Z一二三四五六七八九十]*\s*[:：.]\s*"
    r"|[A-Z]{2,5}-\d{1,4}\s*[:：—–-]\s*|(?:P[0-5]|SEV[- ]?\d)\s*[:：—–]\s*)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\s*[(\[](?:SEV|P)[- ]?\d[^)\]]*[)\]]$|\s+(?:Playbook|Runbook)$", re.IGNORECASE)
_WINDOW = re.compile(r"\s*[(（][^)）]*(?:\d|ongoing|immediate)[^)）]*[)）]\s*$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def tidy(label: str) -> str:
    """A label without emoji, numbering and the colon at its end; the writing stays."""
    text = "".join(
        char for char in label if unicodedata.category(char) not in ("So", "Sk", "Cf", "Co") and char != "\ufe0f"
    )
    text = re.sub(r"\s+", " ", text).strip(" *_#\t")
    text = _NUMBERING.sub("", text, count=1) if not re.match(r"\d{3}\s+\S", text) else text
    return text.strip().rstrip(":：").strip()


@lru_cache(maxsize=4096)
def meaning(label: str) -> Meaning | None:
    """What the words of a heading or label mean; null where they say nothing that we know."""
    text = tidy(label).casefold()
    text = re.sub(r"^(?:step|phase|stage|schritt|étape|fase|etapa|paso|passo)\s*\d+\w?\s*[:：.)—–-]\s*", "", text)
    text = _WINDOW.sub("", text).strip()
    if not text or len(text) > 100:
        return None
    return next((word for word, pattern in _TABLE if pattern.search(text)), None)


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
def holds_scenarios(label: str) -> bool:
    """Whether a heading announces a collection of scenarios ("Common Incidents")."""
    text = _WINDOW.sub("", tidy(label)).casefold().strip()
    return bool(_CONTAINER.search(text))


@lru_cache(maxsize=4096)
def is_process(label: str) -> bool:
    """Whether a heading announces the general process of an incident."""
    return bool(_PROCESS.search(_WINDOW.sub("", tidy(label)).casefold().strip()))


@lru_cache(maxsize=4096)
def is_phase(label: str) -> bool:
    """Whether a heading is a numbered step or phase."""
    return bool(_PHASE.search(tidy(label)))
