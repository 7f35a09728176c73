"""What a gap of a template stands for: a closed vocabulary, recognised from the words that documents use.

A gap is recognised by its own words where they say something ("total duration"); else by the label that it stands
behind ("Root cause: [brief explanation]"); else by what such a word usually means. What is in none of the lists is not
guessed at: it is asked for in the document's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tocsin.core.messages.gaps import Gap
from tocsin.ids import slug

Whose = Literal["incident", "either", "person"]
"""Who knows it: the incident alone, the incident unless a person says otherwise, or a person only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A field of the vocabulary. ``passing``: it says how things are now, so an old answer is worth a second look."""

    key: str
    whose: Whose
    words: str
    passing: bool = False


_STATES = r"investigat\w*|identified|monitoring|mitigat\w*|resolved|ongoing|en cours|resolu|resuelto|behoben"
_ALL = (
    Meaning(key="id", whose="incident", words=r"incident (?:id|no|nr|number|reference)|incident|id de incidente"
            r"|numero (?:de |d )?incident\w*|vorfallnummer|ticket(?: id| number)?|事件编号|inc \w+|case id"),
    Meaning(key="number", whose="incident", words=r"(?!)"),
    Meaning(key="title", whose="either", words=r"(?:incident )?title|incident (?:subject|name)"
            r"|brief (?:desc(?:ription)?|summary)|short (?:desc(?:ription)?|summary)|incident name|titel"
            r"|titre(?: de l incident)?|titulo|标题|one sentence of what s wrong|description"),
    Meaning(key="severity", whose="incident", words=r"(?:incident )?(?:severity|priority|sev)(?: level)?|sev x|p x"
            r"|severidad|schweregrad|gravite|gravidade|级别|严重程度"),
    Meaning(key="status", whose="incident", words=rf"(?:current |incident )?(?:status|state)|(?:{_STATES})"
            rf"(?: (?:still )?(?:{_STATES}))+|estado|statut"),
    Meaning(key="began", whose="incident", words=r"start(?:ed)?(?: (?:time|at|date))?|time (?:of )?(?:detection|start)"
            r"|detected(?: at)?|began|incident start|detection time|beginn|inicio|debut|开始时间"),
    Meaning(key="ended", whose="incident", words=r"end(?:ed)?(?: (?:time|at))?|resolved(?: at)?|time resolved"
            r"|restored(?: at)?|resolution time|incident end|ende|fin|结束时间"),
    Meaning(key="duration", whose="incident", words=r"(?:total |incident |outage )?(?:duration|downtime)|how long"
            r"|time since start|total time|elapsed(?: time)?|x minutes|x hours y minutes|xx (?:min\w*|hours?)|dauer"
            r"|duracion|duree|duracao|持续时间|start time to (?:end|resolution) time"),
    Meaning(key="date", whose="incident", words=r"(?:incident )?date(?: of incident)?|yyyy mm dd|datum|fecha|data"
            r"|日期"),
    Meaning(key="now", whose="incident", words=r"(?:current )?time(?:stamp)?|hh mm(?: utc)?|yyyy mm dd hh mm(?: utc)?"
            r"|uhrzeit|hora|heure|时间"),
    Meaning(key="leader", whose="either", words=r"(?:incident )?(?:commander|lead(?:er)?|manager)|ic|led by|owner"
            r"|author|written by|responder"),
    Meaning(key="alert", whose="incident", words=r"alert ?name|alert"),
    Meaning(key="service", whose="either", words=r"(?:affected |service |services )?(?:service|system|component)s?"
            r"(?: name)?|application|dienst|servicio|服务(?:名称)?"),
    Meaning(key="features", whose="person", words=r"(?:list |affected )?features?(?: list)?|functionality"
            r"|(?:which )?features? (?:affected|impacted)|funktion\w*|funcionalidad|fonctionnalite"),
    Meaning(key="symptom", whose="person", words=r"symptoms?|what (?:users|customers) (?:see|notice|experience)"
            r"|sintomas?|symptome?s?|症状"),
    Meaning(key="impact", whose="person", words=r"(?:user |customer )?impact|user facing (?:effect|impact)"
            r"|(?:description of )?(?:user|customer) impact|who is affected(?: and how)?|summary of user impact"
            r"|effect|auswirkung\w*|impacto|description de l impact|影响"),
    Meaning(key="users", whose="person", words=r"(?:estimated )?(?:number|percentage) of users(?: affected)?"
            r"|(?:affected|impacted) (?:users|customers)|(?:users|customers)(?: affected| impacted)?|estimated number"
            r"|xx+ users?|betroffene nutzer|usuarios afectados"),
    Meaning(key="root cause", whose="either", words=r"(?:root |underlying |specific |technical )*cause"
            r"|(?:description of the )?underlying cause|specific technical cause|ursache|causa(?: raiz)?|cause racine"
            r"|根本原因|原因"),
    Meaning(key="fix", whose="either", words=r"fix(?: applied)?|what (?:was done|fixed(?: it| the issue)?|changed)"
            r"|resolution(?: summary)?|solution|how (?:it|this) was (?:fixed|resolved)|behebung|solucion"
            r"|what we did to fix it|解决方案"),
    Meaning(key="done", whose="either", passing=True, words=r"what (?:we ve|we have|has been|was) done(?: so far)?"
            r"|actions? taken|steps taken|progress so far"),
    Meaning(key="known", whose="person", passing=True, words=r"what we know|what is known|facts only|known facts"),
    Meaning(key="found", whose="person", passing=True, words=r"what we (?:ve |have )?found|(?:brief )?(?:summary of )?"
            r"findings?|if identified"),
    Meaning(key="checking", whose="person", passing=True, words=r"what we re (?:checking|investigating)"
            r"|what we are (?:checking|investigating)|current (?:action|focus)|investigation action"
            r"|what (?:engineer|the team) is doing"),
    Meaning(key="next", whose="person", passing=True, words=r"(?:expected )?next (?:steps?|actions?)"
            r"|what (?:we re|we are|will be) (?:doing|done) next|what we ll do next|nachste schritte|proximos pasos"),
    Meaning(key="eta", whose="either", passing=True, words=r"eta|estimated (?:resolution|recovery|fix)(?: time)?"
            r"|expected (?:resolution|recovery)(?: time)?|time ?frame"
            r"|estimated time(?: to (?:fix|resolution|recovery))?"),
    Meaning(key="cadence", whose="either", words=r"update (?:interval|frequency|every)|updates every"),
    Meaning(key="next update", whose="incident", words=r"next update(?: (?:at|in|time))?|next communication"
            r"|prochaine mise a jour|nachstes update|proxima (?:actualizacion|atualizacao)|次回更新|下次更新"),
    Meaning(key="meeting", whose="either", words=r"post ?mortem(?: (?:scheduled|meeting|date))?|retrospective"
            r"|review meeting|postmortem scheduled(?: for)?"),
    Meaning(key="actions", whose="either", words=r"action items?|follow ?ups?(?: actions?)?|any follow ?up actions?"
            r"|list of actions?|massnahmen|acciones"),
    Meaning(key="prevention", whose="person", words=r"prevention(?: action)?|preventive (?:action|measure)s?"
            r"|what we re doing (?:so this doesn t happen again|to prevent recurrence)"),
)  # fmt: skip
MEANINGS: Mapping[str, Meaning] = {each.key: each for each in _ALL}
"""The whole vocabulary by its keys."""
_WORDS = tuple((each.key, re.compile(rf"(?:the |a |an |our )?(?:{each.words})")) for each in _ALL)
_VAGUE = re.compile(
    r"(?:brief |short |detailed |one |full )*(?:desc(?:ription)?|explanation|details?|text|summary|sentence|paragraph)"
    r"|(?:date|time)(?: time)?|timestamp|hh mm(?: ss)?(?: utc)?|yyyy mm dd(?: hh mm(?: utc)?)?|(?:estimated )?number"
    r"|number percentage|count|percentage|list(?: items?| features?)?|items?|names?|titles?|what|who|x+|x+ users?"
    r"|yes no|value|beschreibung|descripcion|description"
)
"""What a gap may say without saying anything: then the label tells what is meant."""
_NOT_OF_US = re.compile(r"phone|mail|contact|password|token|link|url|http")
_NUMBERED = re.compile(r"\b(?:inc|incident|issue-inc)[-_/ #]{1,2}$", re.IGNORECASE)
_NUMBER = re.compile(r"(?:incident )?(?:id|number|no|nr)|n{2,}|x{2,}|#")
_MEETING = re.compile(r"post ?mortem|retrospective|review")
_UPDATES = re.compile(r"\b(?:every|each|alle|cada|toutes les|a cada)\s*[\W_]*$", re.IGNORECASE)
_MINUTES = re.compile(r"^\W{0,3}(?:min|hours?\b|stunden|horas|heures)", re.IGNORECASE)


@lru_cache(maxsize=2048)
def meaning_of(gap: Gap) -> Meaning | None:
    """What belongs into a gap; None where the vocabulary does not say."""
    words, label = plain(gap.text), plain(gap.label)
    if gap.scale:
        return MEANINGS["severity"]
    if _UPDATES.search(gap.before) and _MINUTES.search(gap.after):
        return MEANINGS["cadence"]
    if is_number(gap.text, gap.before):
        return MEANINGS["number"]
    vague = bool(_VAGUE.fullmatch(words))
    timed = words in ("date time", "date", "time") or words.startswith("yyyy")
    if timed and _MEETING.search(label):
        return MEANINGS["meeting"]
    if _NOT_OF_US.search(words):
        return None
    if re.fullmatch(r"\d(?: \d)+|x", words) and re.search(r"(?:sev|p|s)\W?$", gap.before, re.IGNORECASE):
        return MEANINGS["severity"]
    own, behind = _named(words), _by_label(label, words)
    if own is not None and not vague:
        return behind if behind is not None and (own.key, behind.key) == ("eta", "next update") else own
    if not vague and behind is not None and (behind.whose == "incident" or behind.key == "title"):
        return None  # words of the document's own behind a label that only we could fill
    return behind or (None if label else own)


def is_number(gap: str, before: str) -> bool:
    """Whether an incident's number belongs into a gap: ``incident-[id]``, ``INC-<number>``."""
    return bool(_NUMBERED.search(before) and _NUMBER.fullmatch(plain(gap)))


def key_of(gap: Gap) -> str:
    """Under which name an answer to this gap is kept: the vocabulary's, else one made of the document's words."""
    meaning = meaning_of(gap)
    return meaning.key if meaning else own_key(gap)


def own_key(gap: Gap) -> str:
    """The name of a gap that only the document's own words name."""
    return f"own {slug(f'{gap.text} {asked(gap)}', 80)}"


def asked(gap: Gap) -> str:
    """The gap in the document's own words, with the label that it stands behind."""
    if gap.label:
        return f"{gap.label}: {gap.text}"
    before, after = re.split(r"[.!?] ", gap.before)[-1], re.split(r"[.!?](?: |$)", gap.after)[0]
    around = f"{before}{gap.text}{after}".strip(" *_-•>#")
    return around if len(around) <= 120 else gap.text


def plain(text: str) -> str:
    """Small letters without accents and marks, words divided by single spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", kept.replace("_", " ")))


def _by_label(label: str, words: str) -> Meaning | None:
    """What a vague gap, or one in words of its own, means behind a label."""
    found = _named(label)
    if found is None:
        return None
    if found.key == "id" and re.search(r"desc|summary|explanation|text|name|sentence|title", words):
        return MEANINGS["title"]
    a_moment = words in ("time", "timestamp", "date", "date time") or words.startswith(("hh", "yyyy"))
    if a_moment and found.key not in ("began", "ended", "next update", "meeting", "date", "now", "eta"):
        return None
    return found


def _named(words: str) -> Meaning | None:
    return next((MEANINGS[key] for key, pattern in _WORDS if words and pattern.fullmatch(words)), None)
