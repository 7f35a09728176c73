"""What a comment of a fence says about the commands around it: a number, a result, an alternative, a condition."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^(?:(?:step|schritt|paso|passo|étape)\s*)?\d{1,2}\w?[.):]\s*", re.IGNORECASE)
_SAMPLE = r"(?:(?:example|sample|typical|beispiel|ejemplo|exemple|exemplo)(?: of)?\s+)?"
_RESULT = re.compile(
    r"^(?:(?:→|=>|->)\s*)?(?:"
    rf"{_SAMPLE}(?:expect(?:ed|ing)?(?: (?:output|result|response|outcome|value)s?)?"
    r"|erwartet(?:e \w+)?|esperado|se espera|resultado esperado|sa[ií]da esperada|attendu|résultat attendu"
    r"|预期(?:输出|结果)?|예상|期待(?:値|結果)|ожида\w+)\b"
    r"|(?:it |this |they |all |both |each |output |count |status )?should "
    r"(?:return|show|see|output|be|print|say|drop|list)\b|you should (?:see|get)\b"
    r"|(?:deve|debe|devrait|sollte) (?:retornar|devolver|mostrar|ser|estar|être|afficher|sein)\b"
    r")\s*[:：]?\s*",
    re.IGNORECASE,
)  # fmt: skip
_OUTPUT = re.compile(
    rf"^(?:→\s*|=>\s*)?(?:{_SAMPLE}(?:outputs?|results?|responses?|returns|prints|shows)|salida|saída|sortie|ausgabe"
    r"|resultado|résultat|ergebnis|输出|结果|출력|結果|вывод)\b[^.:：]{0,30}[:：]\s*",
    re.IGNORECASE,
)
_OR = re.compile(
    r"^(?:or\b|alternative(?:ly)?\b|(?:option|opción|opção|variante|möglichkeit) [b-z2-9]\b|oder\b|ou\b|o bien\b"
    r"|或|또는|または|или\b)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^(?:[=(]\s*)?(?:was|were|from|default(?:s| is)?|previously|instead of|up from|down from|originally|vorher"
    r"|statt|war|standard"
    r"|antes|era|por defecto|padrão|avant|était|par défaut|au lieu de|было|вместо|по умолчанию|原来|默认|原为|元は"
    r"|デフォルト|기본값|이전|takes|may take|can take|needs?|requires|optional|slow|careful|caution|dangerous"
    r"|beware|note|nb"
    r"|dauert|braucht|vorsicht|tarda|demora|puede tardar|pode demorar|cuidado|prend|peut prendre|attention|занимает"
    r"|осторожно"
    r"|耗时|注意|小心|時間がかかる|주의)"
    r"\b.{0,40}$|^\d[\w.%]*(?:\s*\([^()]*\))?$|^\d+\s?%?\s\w+(?: \w+)?$",
    re.IGNORECASE,
)
_IF = re.compile(r"^(?:if|when|in case|si|se|caso|wenn|falls|как только|если|如果|若|만약|もし)(?!\w)", re.IGNORECASE)
_CJK_IF = re.compile(r"^(?:如果|若|만약|もし)")
_LONG = 300
_RULE = re.compile(r"[\W_]*")
_FRAMED = re.compile(r"^[=\-#*~_─━]{2,}\s*|\s*[=\-#*~_─━]{2,}$")


def without_number(text: str) -> str:
    """A comment without the number of its step: ``"3) Close the valve"``."""
    return _NUMBER.sub("", text)


def numbered(text: str) -> bool:
    """Whether a comment begins a step of its own."""
    return bool(_NUMBER.match(text))


def words(text: str) -> str:
    """A comment without the ruler around it; empty for a mere ruler."""
    return "" if _RULE.fullmatch(text) else (_FRAMED.sub("", text) if len(text) < _LONG else text).strip()


def result(text: str) -> str | None:
    """What the command above must print, where a comment says so; empty where that stands on the next lines."""
    found = _RESULT.match(text)
    return text[found.end() :].strip() if found else None


def output(text: str) -> str | None:
    """What the command above printed once, where a comment shows it; empty where that stands on the next lines."""
    found = _OUTPUT.match(text)
    return text[found.end() :].strip() if found else None


def aside(text: str) -> bool:
    """Whether a comment behind a command only explains a value ("was 20"), so that it names no step."""
    return bool(_ASIDE.match(text))


def alternative(text: str) -> bool:
    """Whether a comment sets its command against the one before it."""
    return bool(_OR.match(without_number(text)))


def condition(text: str) -> str | None:
    """The condition over the command below; null for any other sentence and for a question."""
    plain = without_number(text)
    if not (_IF.match(plain) or _CJK_IF.match(plain)) or plain.endswith(("?", "？")):
        return None
    return plain.rstrip(":：").strip()
