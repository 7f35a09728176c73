"""Whom a sentence draws in: after "escalate to", "page" …, before へ連絡, as its subject, or behind an arrow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tocsin.reading.letters import hint
from tocsin.reading.people import PERSON, names_people, only_channels, only_level, outsider
from tocsin.reading.vocabulary import tidy

_STOP = (
    r"(?:if|when|for|after|immediately|with|within|via|until|in|on(?![- ](?:duty|call|shift|watch)\b)|as|takes?|at"
    r"|while"
    r"|to|once"
    r"|regardless|directly|unless|without|ohne|sin|sem|sans|без"
    r"|(?:and|\+|&) (?:then|notify|page|call|inform|contact|alert|escalate|engage|involve|tell|update|post|open"
    r"|declare)"
    r"|(?:fired|fires|triggered|triggers|firing|received|detected|raised|acknowledged)"
    r"|using|by|from|before|because|since|who|that|is|are|has|have|through|about|right|now|asap|then|next(?= day)"
    r"|si|se|cuando|quando|tras|después|depois|após|por|para|en|em|vía|inmediatamente|imediatamente|de inmediato"
    r"|quand|après|pour|dans|par|lorsque|immédiatement|dès|wenn|falls|nach|über|per|bei|sofort|im|bevor|sobald"
    r"|se|quando|dopo|entro|subito|immediatamente|tramite|якщо|коли|після|негайно|одразу"
    r"|если|при|после|через|в|по|немедленно|сразу)\b(?!-)"
)
_ARTICLE = (
    r"(?:(?:the|an?|your|our|any|el|la|los|las|al|o|os|ao|aos|à|às|au|aux|le|les|un|une|der|die|das|den|dem"
    r"|einen?|zum"
    r"|zur|con|com|il|lo|gli|alla|allo|к|на|с|со|до|з|із)\s+|l['’])*"
)
_SAYS_ESCALATE = (
    r"escalat(?:e|es|ed|ing|ion)\s+(?:after|within|in|at)\s+\S*\d\S*(?:\s+\w+)?\s+to|escalat(?:e|es"
    r"|ed|ing|ion)(?:\s+(?!if\b|when\b|after\b)[\w-]+){0,4}?\s+to|escalat(?:e|es|ing)"
    r"|escal(?:ar|e|a|en|ad[oa]s?|amiento|onar|onad[oa])\s+(?:al?|aos?|à|para|con|com|hacia)"
    r"|escalad(?:er|ez|e|é)\s+(?:à|au|aux|vers|auprès d[eu])|eskal\w+\s+(?:an|zu)|[эе]скал\w+(?:\s+(?:на|к|до))?"
    r"|escalare\s+(?:al?|alla|allo)"
)
_SAYS_CALL = (
    r"(?<!status )(?<!home )(?:auto-)?pag(?:e|es|ed|ing)(?:\s+to)?|engag(?:e|es|ing)|involv(?:e|es"
    r"|ing)|loop(?:s|ing)? in"
    r"|(?:bring|pull|call)(?:s|ing)? in|(?<!-)call(?:s|ing)?|contact(?:s|ing)?|notif(?:y|ies|ying)"
    r"|alert|inform(?:s|ing)?"
    r"|invok(?:e|es|ing)|wak(?:e|es|ing)(?: up)?|reach(?:es|ing)? out to|hand(?:s|ing)?(?: \w+)? (?:over"
    r"|off) to|summon"
    r"|mobili[sz]e|(?:transfer|forward|refer|delegate|reassign) to|branch(?:es)?(?: out)? to|phone|ring|ping"
    r"|(?:avis|notific|notifiqu|contact|contat|llam|alert|inform|involucr|envolv|implic|acion|cham|lig|convoc"
    r"|convoqu)"
    r"(?:ar|er|e|en|a|am)(?:\s+(?:al?|aos?|à|con|com|para))?"
    r"|(?:préven|contact|appel|alert|notifi|inform|avert|sollicit|impliqu|mobilis|réveill|remont)(?:ir|er|ez|ée?)"
    r"(?:\s+(?:à|au|aux|vers))?|faire appel (?:à|au|aux)"
    r"|(?:informier|benachrichtig|kontaktier|alarmier|verständig)(?:en sie|e|t)|ruf(?:en sie|e|t)"
    r"|позвон\w+|звон\w+|уведом\w+|сообщ\w+|оповест\w+|вызов\w*|вызва\w+|привле\w+|связаться с|передать|разбуд\w+"
    r"|повідом\w+|подзвон\w+|зателефон\w+|виклик\w*|залуч\w+|сповіст\w+|зв['’ʼ]яза\w+ся з"
    r"|(?:avvis|contatt|chiam|allert|inform|notific)(?:are|ate)|coinvolgere|coinvolgete|réveill(?:er|ez)|despertar"
)
_AT_ONCE = (
    r"(?:\s+(?:immediately|directly|inmediatamente|imediatamente|immédiatement|sofort|umgehend|немедленно|сразу))?"
)
_TO = re.compile(
    rf"(?<![\w/@#-])(?:(?P<strong>{_SAYS_ESCALATE})|(?P<weak>{_SAYS_CALL})){_AT_ONCE}(?:\s+(?:to|para"
    rf"|al?|à|aux?))?\s+(?!{_STOP})(?P<article>{_ARTICLE})"
    rf"(?P<to>[\w@\[\"'`*][^\s.,;:(→<>—–]*(?:\s+(?!{_STOP})[^\s.,;:(→<>—–]+){{0,5}}(?:,\s+(?-i:[A-Z]"
    rf"[\w/-]*(?:\s[A-Z][\w/-]*){{0,2}})){{0,4}})",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b[Oo]pen(?:s|ing)?\s+(?:an?\s+)?(?:(?P<to>(?:[A-Z][\w-]*\s+){1,3}[Ss]upport)\s+(?:case|ticket|request)\b"
    r"|(?:support\s+)?(?:case|ticket|request)\s+with\s+(?P<with>[A-Z][\w-]*(?:\s+[A-Z][\w-]*){0,3}(?:\s+support)?))"
)
_FAR_EAST = re.compile(
    r"(?:升级(?:到|至|给|通知)|上报(?:给|至|到)?|(?:电话)?通知|致电|叫醒|拉上|联系|呼叫|汇报给"
    r"|报告给)\s*(?P<zh>[^、，。；,;（()\s→]{2,24})"
    r"|向\s*(?P<xiang>[^、，。；,;（()\s]{2,20}?)(?:升级|汇报|报告|上报)"
    r"|(?P<ja>[^、。，；,;（()\s→:：]{2,24}?)(?:へ|に|を)(?:即時|即座に?|至急|直ちに|すぐに?|電話で)*に?\s*"
    r"(?:連絡|エスカレ|報告|通知|共有|電話|招集|呼び出|呼ぶ|相談|引き継)"
    r"|(?P<ko>[^、。,;（()→:：]{2,24}?)\s*(?:에게|께|으로|로)\s*(?:즉시\s*|바로\s*|전화로?\s*)*"
    r"(?:에스컬|보고|연락|통보|호출|알림|알린|전화|공유|전파|이관)"
    r"|(?P<call>[^、。,;（()→:：\s]{2,16}?)(?:을|를)?\s*(?:호출|소집)"
)
_EASTERN = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_GERMAN = re.compile(
    r"(?:\b(?:an|den|die|das|dem|der)\s+)+(?P<article>[A-ZÄÖÜ][\w/-]+(?:\s+[A-ZÄÖÜ][\w/-]+){0,3})\s+"
    r"(?:\w+\s+){0,2}?(?:eskalier|informier|benachrichtig|anrufen|alarmier|kontaktier|hinzuzieh"
    r"|einbezieh|verständig|wecken)\w*"
    r"|(?P<bare>[A-ZÄÖÜ][\w/-]+(?:\s+[A-ZÄÖÜ][\w/-]+){0,3})\s+(?:sofort\s+|umgehend\s+|unverzüglich\s+"
    r"|telefonisch\s+)?"
    r"(?:informieren|benachrichtigen|anrufen|alarmieren|kontaktieren|hinzuziehen|einbeziehen|verständigen|wecken"
    r"|(?:dazu|hinzu|herbei)?rufen)\b"
)
_DONE_TO = (
    r"(?:paged|notified|called|informed|engaged|involved|alerted|contacted|escalated to|brought in|pulled in|woken)"
)
_PASSIVE = re.compile(
    rf"(?:^|[,;:]\s|\bthen\s)(?:the\s+|an?\s+)?(?P<to>(?:[\w/&-]+\s){{0,3}}?(?<![^\W_]){PERSON}[\w/&-]*"
    rf"(?:\s(?:and|or)\s[\w/& -]+?)?)\s+"
    r"(?:is|are|gets?|must be|should be|shall be|needs? to be|will be|has to be|to be"
    r"|automatically)\s+(?:automatically\s+|immediately\s+|also\s+)?"
    rf"(?:auto-)?{_DONE_TO}\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    rf"^(?:the\s+)?(?P<to>(?:[\w/&+.-]+\s+){{0,3}}?(?<![^\W_]){PERSON}[\w/&-]*"
    rf"(?:\s+(?:of|for|de|do|da|du|des|der|&|\+|and|y|et|und|и)\s+[\w/&-]+|\s+d['’][\w/&-]+"
    rf"|\s+[\w/&-]*(?<![^\W_]){PERSON}[\w/&-]*"
    r"|\s+(?![а-яіїє]*(?:[еи]т|[юя]т|[аияе]ть|[аи]л|ся|ти)\b)[а-яіїєґ]{3,20})*)"  # "начальник смены"
    r"\s*(?:[(（][^()（）]*[)）])?\s*\.?$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    rf"^(?:the\s+)?(?P<to>(?:[\w/&][\w/&-]*\s(?:[+&]\s)?){{0,3}}?[\w/&-]*(?<![^\W_]){PERSON}[/\w-]*"
    r"(?:\s+(?:engineer|lead|manager|team|commander|engineering|support))?)\s+"
    r"(?:(?:is|are|gets?|must be|should be|to be|will be|has to be)\s+)?"
    r"(?:investigat\w*|acks?|acknowledg\w*|starts?|begins?|pages?|triages?|takes?|joins?|handles?|owns|responds?"
    r"|leads?|works?|decides?|paged|notified"
    r"|called|informed|engaged|involved"
    r"|alerted|involvement|engagement|takeover|coordinates?|only\b|if|when|is\b|\(|$)",
    re.IGNORECASE,
)
_INSTRUCTS = re.compile(
    rf"^(?:immediate(?:ly)?\s+)?(?:{_SAYS_ESCALATE}|{_SAYS_CALL}|tell|update|post|create|check|review"
    rf"|assemble|open|join|start"
    r"|declare|consider|ensure|confirm|verify|document|schedule|monitor|get|ask|wait|assign|request"
    r"|use|see|send)\b(?!-)",
    re.IGNORECASE,
)
_ARROW = re.compile(r"\s*(?:→|⇒|➜|➔|=>|-{1,3}>)\s*")
_SHAFT = re.compile(r"\s*[-–—=]{1,3}\s*[(\[|]\s*([^()\[\]|<>]{1,60}?)\s*[)\]|]\s*[-–—=]{1,3}>\s*")
_TAIL = re.compile(
    rf"\s+(?:{_STOP}|only\b|whenever\b)(?!\s*$).*$|\s+(?:only|immediately|directly|sofort|imediatamente"
    rf"|inmediatamente"
    r"|immédiatement|na hora|de imediato|de inmediato|tout de suite)\s*$",
    re.IGNORECASE,
)
_THINGS = re.compile(
    r"\b(?:api|endpoint|function|script|service|servers?|hosts?|url|hook|number|phone|bridge|meeting"
    r"|channel|room|runbook"
    r"|command|method|alert|page|incident|issue|problem|bug|cache|load|data\w*|logs?|files?|process\w*|tool|system)$",
    re.IGNORECASE,
)
_ACTS_BEHIND = re.compile(r"(?<=[\u3400-\u9fff]{2})(?:负责)?(?:处理|响应|跟进|介入|到场)$")  # "值班员处理"
_ADVERB_BEHIND = re.compile(
    r"\s+(?:automatically|manually|promptly|quickly|personally|again|too|also|instead|automatisch|autom[aá]ticamente"
    r"|automatiquement|автоматически)$",
    re.IGNORECASE,
)
_FORBIDS = re.compile(  # "never page the owner", "before escalating to the vendor"
    r"(?:\b(?:do not|don['’]t|never|must not|should not|shouldn['’]t|no need to|avoid|without|rather than|instead of"
    r"|before|not"
    r"|nicht|niemals|não|nunca|ne|никогда не|не)\s+|(?:不要|不得|无需|请勿|勿))(?:immediately\s+|directly\s+)?$",
    re.IGNORECASE,
)
_HOW_FAST = re.compile(r"^(?:直ちに|すぐに|即時に?|至急|速やかに|立即|马上|즉시|바로)\s*")
_ADVERB = re.compile(  # "escalate early": how, not to whom
    r"(?:early|late|often|upstream|upwards?|further|up|higher|quickly|promptly|accordingly|externally|internally"
    r"|along"
    r"|together|cedo|temprano|früh(?:zeitig)?|tôt|plus haut|рано|вовремя)\b",
    re.IGNORECASE,
)
_RANK = re.compile(r"^\W*(?:level|tier|stage|L)\s?\d\s*[-–—:：]\s*(?=\w{2})", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<=\w)\s*[:：,–—-]\s+(?:https?://|www\.|\+?\(?\d|[\w.+-]{1,40}@|#[\w-]).*$")
_CLAUSE_BEGINS = re.compile(r"(?:^|[:：;.,→>])\W*$|\b(?:then|and|immediately|please)\s$", re.IGNORECASE)
_MAY_CALL, _MAY_BE_CALLED = hint(_TO), hint(_PASSIVE)
_LONGEST = 600  # an instruction is a sentence


@dataclass(frozen=True, slots=True)
class Target:
    """Who is drawn in, and where in the text the verb begins. ``escalate``: the text uses that very word."""

    name: str
    start: int
    escalate: bool = False


@lru_cache(maxsize=4096)
def targets(text: str) -> tuple[Target, ...]:
    """Everybody whom the verbs of a text draw in, in order; a severity ("escalate to P2") is one of them."""
    text = text[:_LONGEST]
    found = [
        Target(name, match.start(), bool(match.group("strong")))
        for match in (_TO.finditer(text) if _MAY_CALL(text) else ())
        if (name := _only_people(_clean(match.group("to"))))
        and _plausible(
            name,
            strong=bool(match.group("strong")),
            article=bool(match.group("article")) or _begins(text, match.start(), match.group()),
        )
    ]
    far_east = (_FAR_EAST,) if _EASTERN.search(text) else ()
    passive = (_PASSIVE,) if _MAY_BE_CALLED(text) else ()
    for pattern in (_CASE, *far_east, _GERMAN, *passive):
        for match in pattern.finditer(text):
            name = _clean(next(group for group in match.groups() if group))
            strong = bool(re.search(r"升级|エスカレ|에스컬|eskal", match.group(), re.IGNORECASE))
            if _plausible(name, strong=strong) and not any(name in one.name for one in found):
                found.append(Target(name, match.start(), strong))
    wanted = (one for one in found if not _FORBIDS.search(text[max(0, one.start - 40) : one.start]))
    return tuple(sorted(wanted, key=lambda one: one.start))


def _only_people(name: str) -> str:
    """A name without what else is done: "the vendor + roll back" → the vendor."""
    parts = re.split(
        r"\s+[+&]\s+|\s+and\s+(?=(?:start|restart|roll|open|join|run|stop|fail|switch|begin|freeze)\b)", name
    )
    kept = [part for part in parts[1:] if " " not in part or names_people(part) or not part[:1].islower()]
    return name if len(kept) == len(parts) - 1 or not names_people(parts[0]) else " + ".join((parts[0], *kept))


def _begins(text: str, start: int, words: str) -> bool:
    """Whether "page …" or "wake …" begins a clause, so that somebody must follow."""
    return bool(re.match(r"(?:page|wake)\b", words, re.IGNORECASE)) and bool(_CLAUSE_BEGINS.search(text[:start]))


def subject(text: str) -> str | None:
    """A text that is only a name, or begins with who acts: "Incident commander takes over"."""
    if _INSTRUCTS.match(text):
        return None
    found = _NAME.match(text[:_LONGEST]) or _SUBJECT.match(text[:_LONGEST])
    return _clean(found.group("to")) if found else None


def is_name(text: str) -> bool:
    """Whether a text is only the name of a person, role, team or vendor, perhaps with a remark in parentheses."""
    plain = _RANK.sub("", re.sub(r"\s*[(（][^()（）]*[)）]", "", text[:_LONGEST])).strip(" .*`")
    if _INSTRUCTS.match(plain):
        return False
    return bool(_NAME.match(plain)) or bool(re.fullmatch(r"@[\w.-]+", plain))


def hops(text: str) -> list[str]:
    """The parts of a chain ``"Lead → CTO → CEO"``; one part where the text is no chain.

    What an arrow says in its shaft (``"--(15 min)-->"``) is a part of its own.
    """
    text = _SHAFT.sub(r" → (\1) → ", text[:_LONGEST])
    return [hop for hop in (part.strip(" |*`\"'") for part in _ARROW.split(text[:_LONGEST])) if hop]


def bare_name(text: str) -> str:
    """A name without its remarks: ``"Team lead via Slack (if needed)"`` → Team lead."""
    plain = _RANK.sub("", _ADDRESS.sub("", re.sub(r"\s*[(（][^()（）]*[)）]", "", text)))
    return _ACTS_BEHIND.sub("", _TAIL.sub("", tidy(plain))).strip(" .*`\"',;:–—-")


def _clean(name: str) -> str:
    name = re.sub(
        r"^.*(?:に応じて|場合(?:は|に)?|なら|ときは|时|경우|[しいえけげせてねべめれっん]て(?=[^\s]{2})|[가-힣]면\s+)",
        "",
        name,
    )
    return _ADVERB_BEHIND.sub("", _HOW_FAST.sub("", name)).strip(" *`\"'").rstrip(".")


def _plausible(name: str, *, strong: bool, article: bool = False) -> bool:
    """Whether what follows a verb can be called: after "escalate to" nearly all, else a role or somebody's name."""
    if not re.search(r"\w{2,}", name) or ((_ADVERB.match(name) or outsider(name)) and not only_level(name)):
        return False
    if strong:
        return True
    if only_channels(name):
        return False
    return (
        names_people(name)
        or (article and not _THINGS.search(name))
        or bool(
            re.match(
                r"@"
                r"|[^\W\d_a-zà-öø-ÿа-я]",
                name,
            )
        )
    )
