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
    r"|incident categories|playbooks|runbooks|issues|problems|alerts|alarms|failures|outages"
    r"|failure modes|error patterns?|alert runbooks?|alert (?:types|guides|descriptions)|(?:failure|incident"
    r"|disaster) cases"
    r"|(?:common|typical|frequent|known) (?:errors|faults|situations|emergencies|symptoms)"
    r"|(?:specific|alert|scenario|typical|(?:alert|scenario|incident|issue|failure)-specific|per-(?:alert|incident"
    r"|scenario)) (?:response|incident|recovery)? ?(?:procedures?|guidance|runbooks|playbooks|actions|responses)"
    r"|infrastructure troubleshooting"
    r"|(?:alert|scenario|incident|failure|runbook|playbook|error)s? (?:quick )?(?:reference|catalog(?:ue)?|library))"
    r"(?: ?(?:&|and) (?:solutions?|fixes|quick fixes|responses?|checks|resolutions?|runbooks?|playbooks?"
    r"|remedies|response procedures?|troubleshooting|mitigations?|actions|how to (?:fix|respond|solve)\b.{0,30}))?"
    r"(?: (?:troubleshooting|(?:quick )?reference|library|catalog(?:ue)?|collection|cookbook|by (?:service|component"
    r"|alert|symptom|type|system|severity|category|layer|area)))?$"
    r"|^(?:(?:response |recovery )?procedures?|runbooks?|playbooks?|responses?|actions?|guidance|troubleshooting"
    r"|what to do)"
    r" (?:by|per|for (?:each|every|specific|common|individual)) (?:alert|incident|scenario|failure|symptom|problem"
    r"|issue"
    r"|outage)s?(?: types?)?$"
    r"|问题$|故障$|(?:故障|事故|告警)?场景$|^(?:常见|典型)(?!原因)|故障(?:处理|预案|类型)$|(?:告警|故障|问题"
    r"|事件)(?:处理)?(?:手册|指南|速查|大全)$"
    r"|^(?:按|分)(?:告警|故障|场景|问题|类型)|^各(?:类|种|项)?(?:告警|故障|场景|问题)|cenarios?(?: \w+)*$"
    r"|escenarios?(?: \w+)*$"
    r"|szenarien$|^scenarios? (?:d'|d[eu]s? |courant|connu|frequent|typique|critique)|시나리오|장애 ?(?:유형|사례)"
    r"|유형별|자주 (?:발생|겪|나타)|(?:알림|경보|알람|장애|증상|상황|문제)별|(?:주요|알려진|일반적인|대표) (?:장애"
    r"|문제|이슈|오류|알림)$"
    r"|(?:incidentes|problemas|fallos|fallas|falhas|errores|erros|averias|alertas) (?:comunes|comuns|frecuentes"
    r"|frequentes"
    r"|tipicos|conocidos|conhecidos|habituales|especificos|tipicas|conhecidas|conocidas|recorrentes|recurrentes)"
    r"(?: (?:y|e) (?:soluc\w+|respuestas?|respostas?|acciones|acoes))?$|tipos de (?:incidente|alerta|fallo|falha"
    r"|problema)s?$"
    r"|^(?:problemas|errores|erros|fallos|falhas|incidentes|alertas) (?:y|e) (?:soluc\w+|respuestas?|respostas?"
    r"|acciones|acoes)$"
    r"|(?:procedimi?entos?|respuestas?|respostas?|acciones|acoes|guias?|runbooks?) por (?:tipo|alerta|incidente"
    r"|esc?enario"
    r"|cenario|problema|sintoma|falla|fallo|falha)s?\b|^catalogo de (?:alertas|incidentes|problemas|fallos|falhas)"
    r"|^alertas$|^incidentes$|^(?:fallos|fallas|problemas|errores|averias|falhas|erros|panes)$"
    r"|^(?:storungen|vorfalle|ausfalle|probleme|fehler|pannes|alertes|problemes|аварии|проблемы|неисправности|ошибки"
    r"|장애|문제|알림|이슈|障害|事象|トラブル|アラート)$"
    r"|^(?:haufige|typische|bekannte|konkrete|mogliche|gangige|einzelne) (?:probleme|storungen|fehler|vorfalle"
    r"|incidents|alarme"
    r"|ausfalle|storfalle)|^(?:probleme|fehler|storungen|alarme) und (?:losung|massnahm|abhilfe|behebung)"
    r"|(?:massnahmen|vorgehen|ablaufe|reaktion|anleitungen) (?:je|pro|nach) (?:alarm|vorfall|storung|szenario"
    r"|fehler|symptom)"
    r"|storungsbilder|fehlerbilder$|storfalle$|(?:vorfall|storungs|ausfall|alarm)(?:arten|typen|katalog)$|^alarme$"
    r"|(?:incidents|problemes|pannes|alertes|erreurs) (?:courant|frequent|connu"
    r"|typique"
    r"|type|recurrent)e?s?|types (?:d'incidents?|d'alertes?|de pannes?)|fiches reflexes?"
    r"|^(?:problemes|pannes|alertes|incidents|erreurs) et (?:solutions|reponses|actions|correct)"
    r"|(?:procedures?|actions|reponses?|conduite a tenir) (?:par|selon) (?:l[ae]s? |le )?(?:type|alerte|incident"
    r"|scenario|panne|symptome)"
    r"|よくある(?!原因)|シナリオ|(?:障害|事象|アラート|ケース"
    r"|症状|エラー|事例)(?:別|ごと|毎)|障害(?:パターン|ケース|種別)|(?:障害|アラート|トラブル)(?:一覧|事例"
    r"|カタログ)|個別(?:の)?(?:対応|対処|手順|アラート|障害)"
    r"|сценари|(?:частые|типовые|типичные|известные|распространенные|основные|возможные) (?:проблемы|инциденты"
    r"|ошибки|сбои"
    r"|случаи|неисправности|аварии|алерты)|типы (?:инцидентов|алертов|сбоев)|^проблемы и (?:решени|их)"
    r"|по (?:типам|видам) (?:инцидент|алерт|сбо|авари|проблем)|(?:действия|реагирование) (?:по|на) (?:алерт"
    r"|конкретн|сценари|тип)"
    r"|(?:sự cố|vấn đề|lỗi|cảnh bao) (?:thường gặp|phổ biến|điển hinh)|^(?:cac )?(?:kịch bản|tinh huống)(?: sự cố)?$"
    r"|(?:алерт\w*|инцидент\w*|сбо[йея]\w*)$"
)  # fmt: skip
# Collections of something else: what happened before, how alerts are set up, what is said or done around incidents.
_ELSEWHERE = re.compile(
    r"\b(?:during|after|before|past|previous|recent|historical|history|open|closed|resolved|related|prevent\w*"
    r"|report\w*"
    r"|track\w*|avoid\w*|learn\w*|declar\w*|clos(?:e|ing)|review\w*|communicat\w*|log(?:ging)?|record\w*"
    r"|configur\w*|creat\w*|(?:set|setting) up|setup|silenc\w*|mut(?:e|ing)|subscrib\w*|add(?:ing)?|send(?:ing)?"
    r"|receiv\w*|wahrend|nach dem|vergangene|fruhere|durante|despues|pasados|passados|anteriores|pendant|apres|passes"
    r"|precedents|во время|после|прошл\w*|недавн\w*)\b"
    r"|\b(?:respond\w*|react\w*|handl\w*|manag\w*|deal\w*) (?:to |with )?(?:an? |the |all )?(?:incidents?|alerts?"
    r"|outages?)$"
    r"|历史|以往|过去|期间|過去|履歴|事後|지난|과거|이력"
)
_SPECIFIC = re.compile(r"\b(?:specific|alert|scenario|typical) (?:response|incident|recovery) procedures?$")
# Headings whose children are scenarios where they name failures.
_MENDING = re.compile(
    r"^(?:(?:containment|response|mitigation|remediation|recovery|incident|emergency|triage|repair|restoration)"
    r" (?:playbooks?|runbooks?|guides?|cookbook|recipes)"
    r"|(?:specific|konkrete|einzelne|spezifische|gezielte) (?:procedures?|instructions|guidance|ablaufe|verfahren"
    r"|massnahmen"
    r"|anleitungen)|procedimi?entos? (?:especificos?|particulares?)|(?:acciones|acoes|guias|respuestas|respostas)"
    r" especific[ao]s|(?:procedures?|actions|consignes|fiches) (?:specifiques?|particulieres?)"
    r"|(?:конкретные|отдельные|специфические|специальные|частные) (?:процедуры|инструкции|действия|регламенты)"
    r"|(?:具体|专项|单项|特定)(?:处理|处置|应急)?(?:流程|步骤|方案|预案|措施)|(?:具体的な|特定の|事象ごとの)(?:手順|対応)"
    r"|(?:구체적인|특정|세부) ?(?:절차|조치|대응))$"
    r"|^(?:\w+ )?(?:troubleshooting|trouble ?shooting|quick fixes|common fixes|fixes|known errors"
    r"|(?:emergency|recovery|response|resolution|remediation|restoration|incident|troubleshooting|repair) procedures)"
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
    r"|^(?:flujo|fluxo|flux|ciclo|cycle) (?:general )?(?:de |d'|du |del |da |do )?(?:la )?(?:vida del incidente"
    r"|(?:respuesta|resposta|reponse|trabajo|trabalho|atencion|atendimento|gestion|gestao|incident\w*|traitement"
    r"|accion"
    r"|acao)\b)|(?:обработк\w|процесс|цикл|схема) (?:обработки |реагирования|инцидент)"
    r"|procedure de (?:reponse|gestion)"
    r"|^(?:procedure|demarche|processus|procedimi?ento|proceso|processo) (?:general|standard|estandar|padrao)"
    r"|^(?:general|standard) (?:\w+ )?(?:procedures?|process|workflow|approach)$"
    r"|^allgemeine[rs]? (?:ablauf|vorgehen|prozess)"
    r"|^(?:общий|стандартный) (?:порядок|процесс)"
    r"|^(?:通用|标准)(?:处理|响应|排查)?(?:流程|步骤)|^일반 ?(?:절차|대응)|^(?:一般|標準|共通)(?:的な)?(?:手順|対応"
    r"|フロー)"
    r"|^quy trinh (?:xử ly|ứng pho|phản ứng|chung|ứng cứu)|^quá trình"
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
# Words for a whole document that stand before what it is about.
_DOCUMENT_WORDS = (
    r"(?:notfall(?:plan|handbuch|karte|anleitung)|störungs(?:leitfaden|anleitung|karte)|handlungsanweisung|leitfaden"
    r"|ablaufplan|procédure(?: d['’]urgence| d['’]incident| de reprise)?|fiche(?: réflexe| incident)?|mode opératoire"
    r"|plan d['’]urgence|procedimi?ento(?: de (?:emergencia|emergência|incidente))?|(?:guía|guia|manual"
    r"|ficha)(?: de (?:incidente"
    r"|emergencia|emergência|respuesta|resposta))?|(?:plan|plano) de (?:contingencia|contingência|emergencia"
    r"|emergência)"
    r"|ранбук|плейбук|регламент|инструкция|план действий|сценар[иі]й (?:инцидента|аварии|інциденту)"
    r"|(?:应急)?预案|(?:应急|操作|处理|运维)手册|故障处理|ランブック|(?:障害)?(?:対応)?手順書?|対応手順|런북"
    r"|플레이북|(?:장애 ?)?대응 ?(?:절차서?"
    r"|매뉴얼|가이드))"
)
_DOCUMENT = re.compile(
    rf"^(?:(?:incident |alert |emergency )?(?:runbook|playbook)|{_DOCUMENT_WORDS})"
    r"\s*(?:[:—–|-]\s+|[:：]\s*)",
    re.IGNORECASE,
)
_DOCUMENT_BEHIND = re.compile(  # "Oven on fire runbook"; "Oven incidents runbook" is about many
    r"\w(?<!incidents)(?<!issues)(?<!problems)(?<!alerts)(?<!outages)(?<!failures)(?<!errors)\s+(?:runbook|playbook)$",
    re.IGNORECASE,
)
_ALERT_NAME = re.compile(
    r"[A-Z](?=[A-Za-z\d]{0,99}[a-z\d][A-Z]|[A-Z]{1,9}[a-z]{3})[A-Za-z\d]{3,99}"
    r"|[a-z][a-z\d]{0,30}(?:_[a-z\d]{1,30}){1,12}"
)
_PREFIX = re.compile(
    r"^(?:(?:incident |alert |emergency |incident response )?(?:decision tree|flow ?chart|árbol de decisión"
    r"|árvore de decisão|arbre de décision|entscheidungsbaum|дерево решений|scenario|runbook|playbook|incident"
    r"|issue|problem"
    r"|alert|case"
    r"|failure|pattern|category|situation|event|cenário|cenario|problème|panne|fallo|falha|avería|alerta|alarm|fall"
    r"|vorfall|störfall|fehler|caso|cas|проблема|инцидент|случай|алерт|"
    r"escenario|szenario|scénario|incidente|incident|problema|problem|störung|symptom|symptôme|síntoma|sintoma"
    r"|señal|anzeichen|симптом|kịch bản|tình huống|sự cố)\s*(?:#?\d+"
    r"|[A-Z])?(?:[.-]\d+)?\s*(?:[:—–·|-]\s+|：\s*)"
    r"|(?:시나리오|문제|장애|사례|유형|케이스)\s*(?:[A-Z]?\d*(?:[.-]\d+)?)\s*[:：.]\s*"
    r"|(?:决策树|判断树|判断フロー|判断ツリー|의사결정 ?트리"
    r"|问题|故障|场景|情况|案例|症状|现象|告警|事件|증상|シナリオ|ケース|パターン|事象"
    r"|сценарий)\s*(?:\d+(?:[.-]\d+)*|[A-Z]"
    r"|[一二三四五六七八九十]{1,3})?\s*[:：.、]\s*"
    r"|[A-Z]{2,8}(?:-[A-Z]{2,8})?-\d{1,4}\s*(?:[:—–-]\s*|：\s*|(?=【))|(?:RB|INC|PB|SCN|ALR|SOP"
    r"|IR)-?\d{1,4}\s+(?=\w)|(?:P[0-5]|SEV[- ]?\d)\s*[:：—–]\s*)",
    re.IGNORECASE,
)
_SYMPTOM = re.compile(
    r"(?:symptoms?|symptôme|síntoma|sintoma|señal|anzeichen|симптом|症状|现象|事象|증상)\b", re.IGNORECASE
)
_SUFFIX = re.compile(
    r"\s*[(\[（](?:SEV|P)[- ]?\d[^)\]）]*[)\]）]$|\s+[-–—|]\s*(?:SEV[- ]?|P)\d(?:\([^()]*\)|/?(?:SEV[- ]?|P)?\d)*$"
    r"|\s+Playbook$|\s+[-–—|]\s*(?:Runbook|Playbook)$",
    re.IGNORECASE,
)
_WINDOW = re.compile(r"\s*[(（\[][^)）\]]*(?:\d|ongoing|immediate)[^)）\]]*[)）\]]\s*$", re.IGNORECASE)
# All that may be a sign: no letter of the scripts that people write in, of ASCII only the caret and the backtick.
_MAYBE_SIGN = re.compile(
    r"[^\x00-\x5d_a-\x7f\u00c0-\u02af\u0400-\u0481\u048a-\u052f\u3041-\u309a\u309d-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[a-zA-Z\d])_(?=[a-zA-Z\d])")  # between the words of an alert's name
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
        shorter = _DOCUMENT.sub("", _PREFIX.sub("", text, count=1), count=1).strip()
        if shorter == text or not shorter:
            break
        text = shorter
    shorter = _SUFFIX.sub("", text).strip()
    return shorter or text


@lru_cache(maxsize=4096)
def states_symptom(label: str) -> bool:
    """Whether a title names a scenario by how it shows ("Symptom: no bread comes out")."""
    return bool(_SYMPTOM.match(tidy(label))) and prefixed(label)


@lru_cache(maxsize=4096)
def names_document(label: str) -> bool:
    """Whether a title says what kind of text it is and what about ("Runbook — Oven on fire", "Oven fire runbook")."""
    text = tidy(label)
    found = _DOCUMENT.match(text)
    return len(text) > found.end() if found else bool(_DOCUMENT_BEHIND.search(text))


@lru_cache(maxsize=4096)
def is_alert_name(title: str) -> bool:
    """Whether a title is the name of an alert: words run together ("OvenTooCold", "oven_too_cold")."""
    return bool(_ALERT_NAME.fullmatch(title.strip("`*")))


def prefixed(label: str) -> bool:
    """Whether "Issue:", "Scenario 2 —" … stands before the title."""
    text = tidy(label)
    return bool(_PREFIX.match(text)) and bare_title(label) != text


@lru_cache(maxsize=4096)
def holds_scenarios(label: str) -> bool:
    """Whether a heading announces a collection of scenarios ("Common Incidents")."""
    text = spoken(label)
    if _ELSEWHERE.search(text):
        return False
    return bool(_CONTAINER.search(text) or _CONTAINER.search(_REMARK.sub("", text)))


@lru_cache(maxsize=4096)
def holds_repairs(label: str) -> bool:
    """Whether a heading announces help for several failures ("Troubleshooting", "Quick fixes")."""
    return bool(_MENDING.search(spoken(label)))


@lru_cache(maxsize=4096)
def tells_failure(label: str) -> bool:
    """Whether a heading names something gone wrong, be it as the name of an alert ("OvenTemperatureLow")."""
    return names_failure(spoken(_JOINED.sub(" ", label[:_LONGEST])))


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
