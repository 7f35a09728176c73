"""Gaps in the text: ``<pid>``, ``[Incident ID]``, ``{name}``, ``YOUR_DOMAIN``, ``YYYY-MM-DD``; and their types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tocsin.core.runbook import Place, Placeholder

_ANGLE = (
    r"<(?![a-z]+:|[!/=<-]|(?:br|script|details|summary|table|a|div|p|b|i|img|sub|sup|kbd|span|strong|em|pre|ul|ol|li"
    r"|td|tr|th"
    r"|tbody|thead|hr|h[1-6]|font|center|iframe|picture|svg|EOF)(?:>|\s[^<>]*=|\s*/))(?!(?<=\w<)[A-Z]>)"
    r"(?P<angle>[A-Za-z_À-ɏ\u0400-\u9fff가-힣](?:[^<>\n|;&$=]|(?<=\w) \| (?=\w)){0,110}?)>"
)
_SQUARE = r"(?<![\w\]\[!\\])(?<!\$\()(?<!\$)\[(?P<square>[^\[\]\n]{1,160})\](?!\(|\[|:[ \t]*(?:https?:|[./#<]))"
_AMOUNT = r"(?<=\$)\[(?P<amount>[A-Za-z][A-Za-z ]{1,40})\]"
_GLUED = r"(?<=[A-Za-z])\[(?P<glued>\d+[-/]\d+)\]"
_DOUBLE = r"\{\{\s*(?P<double>[A-Za-z_][\w .-]{0,60}?)\s*\}\}"
_BRACE = r"(?<![$%{\w=~\"'*])\{(?P<brace>[A-Za-z][\w .:/-]{0,60}?)\}(?!\})"
_YOURS = (
    r"(?<![\w$])(?:YOUR|MY|VOTRE|VOS|IHRE?|DEINE?|SEU|SUA|TU|TUS|TUO|TUA)_[A-Z0-9_]+\b"
    r"|(?<![\w$])(?:your|votre|deine?|seu|sua|tu)_[a-z0-9]+(?:_[a-z0-9]+)*\b"
    r"|(?<![\w$])(?:YOUR|VOTRE|IHR|DEIN|SEU|SUA|TU)(?:PASS(?:WORD|WORT)?|CONTRASEÑA|CONTRASENA|CLAVE|SENHA|CHAVE|TOKEN"
    r"|SECRET|USER(?:NAME)?|USUARIO|DOMAIN|DOMINIO|DOMAINE|API_?KEY|MOTDEPASSE|PROJE[CT]TO?|PROYECTO)\b"
)
_YOURS_SMALL = r"(?<![\w.-])(?:your|votre|vos|ihre?|deine?|seu|sua|tu)-[a-z0-9]{2,}(?:-[a-z0-9]+)*\b"
_LENTICULAR = (
    r"【(?P<lenticular>[^【】\n]{0,40}?(?:待|请|填|输入|录入|記入|入力|기입|입력|TBD|TODO|XX)[^【】\n]{0,40})】"
)
_CLOCK = r"HH:?MM(?::?SS)?Z?"
_MASKS = (
    rf"(?<![A-Za-z0-9])(?:(?:YYYY|AAAA|JJJJ)(?P<mark>[-/.])MM(?P=mark)(?:DD|JJ|TT)(?:[T_-]{_CLOCK})?"
    r"|(?:DD|JJ|TT|MM)(?P<sign>[-/.])(?:MM|DD)(?P=sign)(?:YYYY|AAAA|JJJJ)|YYYY年MM月DD日"
    r"|(?:YYYY|AAAA|JJJJ)MM(?:DD|JJ|TT)(?:[T_-]?HH[Mm]{2}(?:SS|ss)?Z?)?|HHMMSS|HH:MM(?::SS)?"
    r"|ДД\.ММ\.ГГГГ|ГГГГ-ММ-ДД|ЧЧ:ММ(?::СС)?)(?![^\W_])"
)
_ALL = re.compile(
    "|".join((_LENTICULAR, _ANGLE, _DOUBLE, _SQUARE, _AMOUNT, _GLUED, _BRACE, _YOURS, _YOURS_SMALL, _MASKS))
)
_MAYBE = re.compile(  # what every gap has: most lines have none of it
    r"[<\[{&【]|[A-Z]{2}[A-Z:_]|[ДЧ]{2}[.:]|(?:your|votre|vos|ihre?|deine?|seu|sua|tu)[_-]"
)
_TAG = re.compile(r"^[A-Z][A-Z0-9 /_-]*$")
_STATUS_WORDS = """
INVESTIGATING IDENTIFIED MONITORING RESOLVED UPDATE UPDATED ALERT INCIDENT HOTFIX CRITICAL WARNING WARN INFO
NOTICE ERROR FATAL DEBUG TRACE OUTAGE MAINTENANCE INTERNAL EXTERNAL URGENT DRAFT WIP TODO FIXME DONE OK PASS
PASSED FAIL FAILED SKIP NEW CLOSED OPEN LOW MEDIUM HIGH MAJOR MINOR POSTMORTEM DRILL TEST SECURITY RECOVERED
RECOVERY FIRING MITIGATED COMPLETED NOTE TIP IMPORTANT CAUTION ACTION REQUIRED IN PROGRESS ON HOLD RESUELTO
RESOLVIDO RÉSOLU BEHOBEN ERLEDIGT
"""
_STATUS = frozenset(_STATUS_WORDS.split())
_STATES = frozenset({"Investigating", "Identified", "Monitoring", "Resolved"})
_REMARK = re.compile(  # "[15 min]", "[staging only]": when and where, nothing to fill in
    r"^[T+~<≤]{0,2}\s?\d{1,4}(?:\s?[-–]\s?\d{1,4})?\s?(?:s|sec|min|mins|minutes?|h|hrs?|hours?|days?|分钟?|小时|分"
    r"|時間|분|시간)\+?$"
    r"|^[a-z][a-z -]{0,24} only$|^(?:optional|deprecated|recommended|opcional|optionnel|可选|任意|선택)$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^(?:[ x✓~-]|[\d.,\s-]+|\d+/\d+|[Ee]rrno \d+|[\w.-]*/[\w./-]*\.\w{2,4}|\d+\w{1,2}|\.\.\.|…|[\w.-]*\$.*|\^.*"
    r"|.*[\\+*^]|[a-zA-Z]-[a-zA-Z].*|:\w+:|@\w+|['\"].*|0|!.*|-?\d+:?-?\d*|\^?\d+|[yY]/[nN]|[{(\[].*|[\w-]+=.*"
    r"|\w+(?:\.\w+)+|[\w.]+(?:,[\w.]+)+|[a-z]+(?:, [a-z-]+){2,}|\w+(?:, [\w=-]+){3,40})$"
)
_SUBJECT = re.compile(
    r"\W*(?:subject|betreff|asunto|assunto|objet|oggetto|тема|主题|主旨|件名|제목)\W*$", re.IGNORECASE
)
_BULLETIN = re.compile(  # "Subject: [Bakery Security Notice] Please reset your password"
    r"\w (?:notice|alert|update|advisory|bulletin|notification|announcement|aviso|alerta|avis|alerte|hinweis|meldung"
    r"|уведомление)$",
    re.IGNORECASE,
)
_BOXES = re.compile(r"(?:[\s│┃|─━┌┐└┘├┤┬┴┼+<>v^↓→▼▶-]*\[[^\[\]\n]{1,60}\](?![(:])){1,12}[\s│┃|─━┌┐└┘├┤┬┴┼+<>v^↓→▼▶-]*")
_ARROWS = re.compile(r"\]\s*(?:[-─=]{0,9}>|→|⇒|➜|▶)\s*\[")
_BARE = re.compile(
    r"(?:(?<=[^\s#] )|(?<=\())(?<!set )(?<!env )(?<!export )(?<!unset )(?<!get )(?<!add )(?<!rm )(?<!put )(?<!grep )"
    r"(?<!printenv )(?<![\w$./<{\[=\"':%-])"
    r"(?P<bare>(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:NAME|ID|IP|HASH|TAG|POD|URL|HOST|PORT|USER|FILE|VERSION|NUMBER"
    r"|SHA|DATE)|PID|NAMESPACE|POD|SERVICE_NAME))(?![\w=(])"
    r"|(?<=://)(?P<host>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?=[:/\s\"']|$)"
    r"|(?<=[:/])(?P<part>ACCOUNT|REGION|CLUSTER|(?:[A-Z][A-Z0-9]*_)*[A-Z]+_(?:ID|NAME|TAG|SHA))(?=[:/\s\"']|$)"
)
_ASKED = re.compile(r"[?&][\w.-]{1,40}=(\{[A-Za-z][\w-]{0,40}\})")  # "/stops?boat={BOAT}"
_ELLIPSES = frozenset({"...", "…", " ... "})
_ASSIGNED = re.compile(r"\$\{?(\w+)|\b(\w+)=")
_KEYWORDS = frozenset({"CURRENT_DATE", "CURRENT_USER", "SESSION_USER", "LAST_INSERT_ID"})
_KINDS: tuple[tuple[str, str], ...] = (
    ("integer", (r"^(?:p(?:rocess[_ -]?)?id|pid|count|number|replicas?|revision|port|n|num(?:ber)? .*"
                r"|.*[_ -](?:count|number|replicas|port)|new-(?:min|max)|x|\d+-\d+)$")),
    ("url", r"url|endpoint|\blink\b|domain"),
    ("date", r"^(?:date|yyyy-mm-dd|yyyymmdd|.*[_ ]date|due date)$"),
    ("time", r"time|hh:mm|hhmmss|timestamp|^eta$|^detected"),
    ("duration", r"duration|how long|minutes|hours"),
    ("secret", r"key|token|secret|password|passwd|credential"),
    ("sql", r"query|sql|statement"),
    ("contact", r"contact|phone|email|e-mail|slack|pager"),
    ("name", r".[ _-]name$"),
    ("person", r"^(?:your |full )?name$|owner|author|engineer|^ic$|commander|lead\b|@"),
    ("choice", r"^[^/]{1,30}(?:/[^/]{1,30})+$"),
    ("path", r"path|file|dir(?:ectory)?\b"),
    ("id", r"\bid\b|[_-]id$|^id$|hash|tag|sha|commit|version|deployment"),
    ("name", (r"pod|service|namespace|function|node|host|instance|container|deployment|table|database|region"
             r"|app\b|project|org|repo")),
)  # fmt: skip
_TYPES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


def may_have_placeholders(text: str) -> bool:
    """Whether it is worth while to look for gaps: a quick test that most lines fail."""
    return _MAYBE.search(text) is not None


@lru_cache(maxsize=4096)
def find_placeholders(text: str, *, command: bool = False, comment: bool = False) -> tuple[str, ...]:
    """The distinct gaps of a text in order, as written; in a ``command`` bare capitals (``POD_NAME``) count too.

    ``comment``: the text is a comment among commands, in which capitals are mere names.
    """
    if not may_have_placeholders(text):
        return ()
    text = text.replace("&lt;", "<").replace("&gt;", ">") if "&lt;" in text else text
    found: list[str] = []
    for match in _ALL.finditer(text):
        whole, square = match.group(), match.group("square")
        if square in _ELLIPSES and not command and _alone(text, match):
            found.append(whole)  # a line to be written
            continue
        if square is not None and (_CODE.match(square) or _is_tag(text, match, square)):
            continue
        if command and square is not None and _in_code(text, match.start()):
            continue
        if (
            match.group("brace")
            and (command or re.search(r"[:=]", match.group("brace")))
            and not _standalone(text, match)
        ):
            continue
        if match.group("double") and text[match.start() - 1 : match.start()] == "$":
            continue  # a variable of a pipeline: ${{ secrets.KEY }}
        if command and "|" in (match.group("angle") or ""):
            continue
        found.append(whole)
    found += [name for name in _ASKED.findall(text) if name not in found] if "={" in text else []
    if command and not comment:
        bare = dict.fromkeys(
            match.group("bare") or match.group("host") or match.group("part") for match in _BARE.finditer(text)
        )
        assigned = {name for names in _ASSIGNED.findall(text) for name in names} if bare else set()
        found += [name for name in bare if name not in _KEYWORDS and name not in assigned]
    return tuple(dict.fromkeys(found))


def is_drawn(line: str, *, within: bool = False) -> bool:
    """Whether all that a line holds are the boxes of a drawing: ``[Weigh] --> [Bake]``; ``within`` one, a box alone."""
    return "]" in line and bool((within or _ARROWS.search(line)) and _BOXES.fullmatch(line))


def _alone(text: str, match: re.Match[str]) -> bool:
    """Whether a gap is all that its line holds."""
    before, after = text[: match.start()].rpartition("\n")[2], text[match.end() :].partition("\n")[0]
    return not before.strip(" \t>*-") and not after.strip()


def _is_tag(text: str, match: re.Match[str], square: str) -> bool:
    """Whether capitals in brackets are a tag (``[RESOLVED]``, ``[SEV2 UPDATE]``) and no gap (``[SERVICE]``)."""
    words = square.split()
    if _REMARK.search(square):
        return True
    if _BULLETIN.search(square) and _SUBJECT.match(text[: match.start()].rpartition("\n")[2]):
        return True
    if not _TAG.match(square):
        quoted = text[match.start() - 1 : match.start()] in ("'", '"', "`") and re.fullmatch(
            r"[a-z]+(?:[A-Z]\w*)+", square
        )
        return bool(quoted) or (square in _STATES and not text[: match.start()].rpartition("\n")[2].strip(" -*>#\"'`"))
    if all(word in _STATUS or re.fullmatch(r"(?:P|SEV-?|S)\d", word) for word in words) or re.fullmatch(
        r"[A-WZ]", square
    ):
        return True
    if re.search(r"\bX+\b|[_/]| ", square):
        return text[match.start() - 1 : match.start()] == "`" == text[match.end() : match.end() + 1]
    before = text[: match.start()].rpartition("\n")[2]
    following = text[match.end() : match.end() + 2]
    alone = not before.strip(" -*>#\"'`") and bool(re.match(r" [^\W\d_]", following))
    return alone and not re.match(r"(?:TIME|DATE|NAME|SERVICE|LINK|OWNER|TIMESTAMP)", square)


def _in_code(text: str, start: int) -> bool:
    """Whether a bracket belongs to code: an index, a jq path, a test, a glob, a PromQL range."""
    if re.match(r"\[[A-Z][A-Z0-9]*_[A-Z0-9_]+\]", text[start : start + 60]):
        return False  # "db.[PROJECT_REF].example"
    before = text[max(0, start - 40) : start].rstrip()
    empty = start > 0 and text[start - 1] in ".*?\"'" and text[start : start + 2] == "[]"
    return empty or text[start - 1 : start] == "." or before.endswith(("[", "if", "while", "then", "&&", "||"))


def _standalone(text: str, match: re.Match[str]) -> bool:
    inner, before = match.group("brace"), text[max(0, match.start() - 12) : match.start()]
    path_like = before.endswith(("/", "-", "_", " ")) and not re.search(r"\b(?:by|without)\s$", before)
    return bool(inner) and path_like and not re.search(r"[:=\"', ]", inner)


def kind_of(placeholder: str) -> str:
    """What a gap takes: one of the words in ``_KINDS`` (integer, url, date, secret, …), else "text"."""
    inner = re.sub(
        r"^(?:YOUR|MY|VOTRE|IHRE?|DEINE?|SEU|SUA|TU)[_-]", "", placeholder.strip("<>[]{} \t"), flags=re.IGNORECASE
    )
    words = re.sub(r"[_-]", " ", inner)
    return next((kind for kind, pattern in _TYPES if pattern.search(inner) or pattern.search(words)), "text")


def collect(places: Iterable[tuple[str, int]]) -> tuple[Placeholder, ...]:
    """Gaps with their lines → one entry for each, with its type and every place."""
    lines: dict[str, dict[int, None]] = {}
    for text, line in places:
        lines.setdefault(text, {})[line] = None
    return tuple(
        Placeholder(text=text, type=kind_of(text), places=tuple(Place(line=line) for line in sorted(found)))
        for text, found in lines.items()
    )
