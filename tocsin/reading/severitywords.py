"""The words of a scale of severities: what names a level, what says how fast people respond. Data and its look-up."""

from __future__ import annotations

import re

from tocsin.reading.letters import compiled, unaccented
from tocsin.reading.vocabulary import tidy

CODE = compiled(
    r"^\W*(?P<name>P[0-5](?:/[0-5])?|SEV[ -]?\d(?:/\d)?|S[0-5](?:/[0-5])?"
    r"|(?:Severity|Priority|Prioridad|Prioridade|Priorität|Priorité|Severidad"
    r"|Severidade|Sévérité|Gravité|Schweregrad|Приоритет) ?\d)(?!\w|[.,]\d)"
)
TIME_FIRST = compiled(
    r"^\W*(?P<time>(?:within |under |innerhalb |dentro de |sous )?[<≤]?\s*\d[^:;.]{0,40}?|immediate\w*|at once"
    r"|sofort)\W+"
    r"(?:for|für|bei|on|in case of|para|pour|en|em|для|при)\s+(?:an? |all |any |alle |todos os |les? )?(?P<level>.*)$"
)
INSIDE = re.compile(r"[(（]\s*(?P<name>P[0-5]|SEV[ -]?\d)\s*[)）]")
# Levels that have only a number; elsewhere they may be the rungs of an escalation.
NUMBERED = compiled(
    r"^\W*(?P<name>(?:level|lvl|tier|class|stufe|klasse|nivel|nível|niveau|classe|clase|уровень|класс|レベル|레벨"
    r"|mức) ?[0-5IV]{1,3}"
    r"|[0-5一二三四五ⅠⅡⅢⅣⅤIV]{1,3} ?[级級급類类])(?!\w)"
)
WORD = compiled(
    r"^\W*(?P<name>Critical|Blocker|Severe|Major|High|Medium|Moderate|Normal|Minor|Low|Warning|Trivial"
    r"|Info(?:rmational)?|Emergency"
    r"|Kritisch|Schwerwiegend|Hoch|Mittel|Niedrig|Gering|Crítico|Crítica|Alto|Alta|Médio|Média|Medio|Media|Baixo"
    r"|Baixa|Bajo|Baja|Grave|Leve|Critique|Majeure?|Mineure?|Élevée?|Moyenne?|Faible|Haute?|Basse?"
    r"|Критическ\w+|Критичн\w+|Высок\w+|Средн\w+|Низк\w+|Срочн\w+)(?!\w)"
    r"|^\W*(?P<han>特别重大|重大|紧急|严重|较大|一般|轻微|高|中|低|緊急|軽微|긴급|치명적|심각|높음|중간|보통|낮음"
    r"|경미)(?!\w)"
)
LEVEL_COLUMN = compiled(
    r"^(?:incident |alert |severity |priority )?(?:severity|severities|sev|levels?|tiers?|priority|p-level"
    r"|class(?:ification)?"
    r"|criticality|rank|urgency|mức độ|ưu tiên|gravità|priorità|livello|ernst|prioriteit|рівень|schweregrad|stufe"
    r"|priorität|severidad"
    r"|nivel|prioridad|prioridade|gravedad|gravidade|severidade|nível|gravité|sévérité|niveau|priorité|criticité"
    r"|级别|等级"
    r"|严重(?:程度|级别|性)|优先级|事件级别|심각도|등급|우선순위|중요도|레벨|重大度|深刻度|重要度|優先度|緊急度"
    r"|レベル|уровень|критичность|приоритет)"
)
RESPONSE_COLUMN = compiled(
    r"respon[sd]|acknowledg|\back\b|antwort|reaktion|respuesta|resposta|réponse|réaction|prise en charge|atención"
    r"|响应|응답|대응"
    r"|対応|応答|初動|^tempo|^time$|^zeit$|^tiempo|^délai|^plazo|^prazo|реакц|реагир|отклик|ответ|^время|^sla$"
)
NOT_RESPONSE = compiled(
    r"resol(?:ution|ve|uci|uç)|update|escalat|notify|\bfix|mttr|solution|team|owner|who|lösung|behebung|résolution"
    r"|解决|恢复|복구|해결|復旧|解決|решен|восстан|устран|responsib|responsable|who responds"
)
RESPONSE = compiled(
    r"(?:respon(?:se|d)\b(?:\s+(?:time|within|sla|target))?|acknowledg\w*(?:\s+within)?|tempo de resposta|resposta"
    r"|tiempo de respuesta|respuesta|temps de réponse|réponse|prise en charge|reaktionszeit|antwortzeit|reaktion"
    r"|响应时间?|응답 ?시간|대응 ?시간|応答時間|対応時間|初動|время (?:реакции|реагирования|ответа|отклика)|реакция)"
    r"\s*[:：=]?(?!\s*>)\s*(?P<time>[^;|)）]*)"
)
FIELD = compiled(
    r"^(?:(?:initial |first |target )?respon(?:se|d) (?:time|within|sla|target)|time to respon(?:d|se)"
    r"|tempo de resposta|tiempo de respuesta|(?:temps|délai) de (?:réponse|réaction)|reaktionszeit|antwortzeit"
    r"|响应时间|응답 ?시간|대응 ?시간|応答時間|対応時間|初動時間|время (?:реакции|реагирования|ответа|отклика))"
    r"(?: \([^()]{1,30}\))?\s*[:：=]\s*(?P<time>.*)$"
)
ABOUT = compiled(
    r"severit|priorit|urgen|schwere|dringlich|severidad|gravedad|prioridad|gravidade|gravité|sévérité|критичн"
    r"|приоритет|серьезн|级别|严重|优先|심각도|우선순위|등급|重大度|優先度|緊急度"
)
TIMED = compiled(
    r"respon|reakti|antwort|respuesta|resposta|réponse|réaction|响应|응답|対応|応答|реагир|реакц"
    r"|отклик"
)
SUBJECT = compiled(
    r"^(?:alerts?|alert name|scenarios?|incidents?|services?|issues?|errors?|metrics?|symptoms?|rules?|components?"
    r"|events?|systems?"
    r"|alarm|dienst|störung|alerta|servicio|serviço|incidente|alerte|告警|服务|故障|알림|서비스|アラート|サービス"
    r"|障害|алерт|сервис)(?: \w+)?$"
)
SHARED = re.compile(
    r"(?P<before>[^,;/()（）]{2,30})[(（]\s*(?P<name>P[0-5]|SEV[ -]?\d)\s*[)）]"
    r"|\b(?P<first>P[0-5]|SEV[ -]?\d)\s*[:：=]\s*(?P<after>[^,;/()（）]{2,30})",
    re.IGNORECASE,
)
META = compiled(r"severity|priority")
SIGN = re.compile(r"[:：]|\s[–—-]\s")
LEAD = re.compile(r"^([^:：–—-]{1,40}(?:-\d)?[^:：–—-]{0,20})\s*(?:[:：]|\s[–—-]\s)\s*(.*)$")


def level_of(text: str, *, words: bool = True, numbered: bool = False) -> tuple[str, str] | None:
    """The level's name and the words beside it: ``"P0 (Critical)"`` → P0, Critical; ``numbered``: "Level 1" too."""
    plain = tidy(text) or text.strip()
    bare = unaccented(plain)
    found = CODE.match(bare) or INSIDE.search(bare) or (WORD.match(bare) if words else None)
    found = found or (NUMBERED.match(bare) if numbered else None)
    if found is None:
        return None
    group = next(name for name, text in found.groupdict().items() if text)
    name = plain[found.start(group) : found.end(group)]
    rest = plain[: found.start()] + plain[found.end() :]
    rest = re.sub(r"\([^)]*\d+\s*\w+[^)]*\)", "", rest).strip(" :-–—*/,")
    whole = re.fullmatch(r"[(（]([^()（）]*)[)）]", rest)
    return name.strip(), whole.group(1).strip() if whole else rest


def time_column(head: list[str]) -> int | None:
    """The index of the column that says how fast people respond."""
    return next(
        (
            index
            for index, cell in enumerate(head)
            if RESPONSE_COLUMN.search(unaccented(cell)) and not NOT_RESPONSE.search(unaccented(cell))
        ),
        None,
    )


def is_code(text: str) -> bool:
    """Whether a cell begins with the code of a level ("P1 — all ovens cold")."""
    return bool(CODE.match(unaccented(tidy(text))))


def tags_something(text: str) -> bool:
    """Whether a title has a level only as a tag at its end ("Oven cold (P1)"), not as the level's own code."""
    bare = unaccented(tidy(text))
    tag = None if CODE.match(bare) else INSIDE.search(bare)
    before = bare[: tag.start()].strip() if tag else ""
    return bool(before) and not (WORD.match(before) or ABOUT.search(before))


def plain_lead(text: str) -> tuple[str, str]:
    found = LEAD.match(text) if SIGN.search(text) else None
    return (found.group(1), found.group(2)) if found else ("", text)
