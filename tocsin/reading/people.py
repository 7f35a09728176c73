"""Words for those who can be drawn into an incident, and for those who are only told about it, in nine languages."""

from __future__ import annotations

import re

_LATIN = (
    # English
    r"engineer|engineering|lead|leader|leadership|manager|management|team|squad|cto|ceo|coo|cio|ciso|cso|cfo|[se]vp"
    r"|vp(?!s)"
    r"|director|head|president|commander|on-?call|sre|dba|admin|administrator|owner|support|help ?desk|vendor"
    r"|supplier"
    r"|security|legal|counsel|lawyer|attorney|dpo|privacy|compliance|executive"
    r"|exec|officer|founder|(?<!\bon )board|devops"
    r"|ops|operations?|infra\w*"
    r"|registrar|sme|teammates?|colleague|captain|responder|architect|specialist|expert|analyst|operator|stakeholder"
    r"|response|hands|available|primary|secondary"
    r"|backup|backend|frontend|dev|developer|maintainer|communications|hr|staff|coordinator|supervisor|chief|provider"
    r"|fire (?:brigade|department|service)|firefighter|ambulance|police|law enforcement|emergency services?"
    # Spanish and Portuguese
    r"|equipo|equipe|gerente|gerencia|gerência|responsable|responsável|encargad[oa]|jef[ea]|l[íi]der|direcci[óo]n"
    r"|direç[ãa]o|diretor\w*|directora|guardia|plant[ãa]o|soporte|suporte|desarrollador\w*|desenvolvedor\w*"
    r"|ingenier[oa]s?|engenheir\w*|proveedor|fornecedor|don[oa]|propietari[oa]|proprietári[oa]|chefe|coordena\w*"
    r"|abogad[oa]|advogad[oa]|avocate?|anwalt|anwältin|юрист\w*"
    r"|bomberos|bombeiros|polic[íi]a"
    # French
    r"|équipe|direction|chef|dirigeant|ingénieur|astreinte|garde|fournisseur|développeu\w*|prestataire|directeur"
    r"|directrice|responsables?|gestionnaire"
    r"|pompiers|gendarmerie|samu"
    # German
    r"|chefin|geschäftsführ\w*|vorstand|ingenieur\w*|lieferant\w*"
    r"|feuerwehr|polizei|rettungsdienst"
    # Russian
    r"|дежурн\w*|руковод\w*|менеджер\w*|команд\w*|инженер\w*|разработчик\w*|директор\w*|администратор\w*|тимлид\w*"
    r"|техлид\w*|лид(?:ер)?\w{0,2}|поддержк\w*|начальник\w*|владел\w*|ответственн\w*"
    # Ukrainian and Italian
    r"|чергов\w*|керівник\w*|розробник\w*|адміністратор\w*|підтримк\w*|власник\w*|відповідальн\w*|інженер\w*"
    r"|responsabile|reperibil\w*|squadra|fornitore|direttor[ei]|dirigente|sviluppator\w*|referente|capo(?:turno)?"
    r"|безопасник\w*|пожарн\w*|пожежник\w*|полици\w*|поліці\w*|vigili del fuoco"
)
_COMPOUND = (  # ends of German words
    r"leiter|leitung|vorgesetzt|bereitschaft|dienstleister|entwickl|abteilung|verantwortlich|teams?\b"
)
_HAN = (
    r"负责人|经理|团队|主管|总监|工程师|值班|领导|组长|班长|店长|站长|所长|主任|老板|运维|供应商|管理层|责任人|消防|法务|律师|弁護士|法務|변호사|법무"
    r"|警察|公安|保安"
    r"|責任者|対応者|担当|管理者|マネージャ|リーダ|チーム|上長|上司|部長|課長|係長|店長|所長|社長|主任|経営|当番"
    r"|エンジニア|窓口|ベンダ"
    r"|팀장|담당|책임자|관리자|매니저|리더|엔지니어|당직|파트장|본부장|점장|실장|과장|부장|사장|온콜|임원|대표|부서"
    r"|소방|경찰|팀(?![가-힣])"
)
PERSON = (
    rf"(?:(?:L[1-4]|N[1-4]|(?:tier|level|line|nivel|nível|niveau|stufe)[ -]?\d|(?:1st|2nd|3rd|first|second"
    rf"|third)[ -](?:line|level|tier))(?![^\W_])|(?:on-?call|senior|junior|principal|chief"
    rf"|duty)\s+(?!(?:ack|respon[ds]|handl|tak|start|begin|investig|work|check|tri[ae]|fix|get|is\b|are\b|and\b"
    rf"|or\b))"
    rf"[^\W\d_]+(?![^\W_])|(?:{_LATIN})s?(?![^\W_])|[^\W\d_]*(?:{_COMPOUND})\w*"
    rf"|[^\s、。:：()（）]{{0,12}}(?:{_HAN})[^\s、。:：→()（）]{{0,12}})"
)
_PEOPLE = re.compile(rf"(?<![^\W_]){PERSON}|@\w", re.IGNORECASE)
_OUTSIDERS = re.compile(
    r"^(?:(?:all|any|affected|impacted|internal|external|key|relevant|business|the|our)\s+)*"
    r"(?:stakeholders?|users?|customers?|clients?|everyone|public|subscribers?|(?:issues?|incidents?"
    r"|problems?|alerts?)$|further"
    r"|status|regulators?|it|this|them|us|per|priority|severity|utilisateurs?|usuarios?|usuários?"
    r"|clientes?|kunden|nutzer"
    r"|benutzer|пользовател\w*|клиент\w*)\b"
    r"|^(?:所有|相关)?(?:用户|客户|业务方|相关方|干系人|利益相关|関係者|利用者|ユーザ|顧客|고객|사용자)"
    r"|^(?:status ?page|#|http)|\b(?:channels?|канал\w*)$",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:tickets?|ticketing|backlog|queue|log only|none|no one|nobody|n/?a|not (?:required|needed|applicable)"
    r"|not a page|(?:no|not|never|don['’]t) page|no escalation|business (?:day|hours)|best effort|slack channel"
    r"|standup|status (?:update|page)"
    r"|cadence|nenhuma?|nenhum|ningun[oa]s?|aucune?|keine?"
    r"|нет|не требуется)\b|^[-–—]*$|^(?:[\w.&-]+\s){0,3}(?:consoles?|portals?|dashboards?|web ?sites?|wikis?|forums?"
    r"|knowledge base)$"
    r"|^(?:see|refer to|as (?:above|below|listed)|siehe|voir|ver|véase|vide|см\.?"
    r"|参照|参见|참조)\b|^(?:无需?|不需要|なし|不要|없음|불필요)",
    re.IGNORECASE,
)
_CHANNELS = re.compile(
    r"(?:\W|\b(?:slack|e-?mail|mail|phone|sms|call|conference|video|page|teams|pagerduty|opsgenie|channel|chat"
    r"|dashboard|yes|no"
    r"|auto\w*|manual|and|or|only|via|alert|notification|required|optional|as|if|needed|war|room|bridge|zoom|telegram"
    r"|discord|status|post|update|standard|normal|correo|courriel|telefon|teléfono)s?\b)*",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"(?:P[0-5]|SEV(?:erity)?[- ]?\d|S[0-5]|priority \d|(?:a )?(?:higher|next) (?:severity|priority))\W*",
    re.IGNORECASE,
)


def names_people(text: str) -> bool:
    """Whether a text names a person, role, team or vendor by a word that is known, or by an @handle."""
    return bool(_PEOPLE.search(text))


def names_nobody(text: str) -> bool:
    """Whether a text says that nobody is drawn in: "Create ticket", "N/A", "none", an empty cell."""
    return bool(_NOBODY.search(text.strip()))


def only_channels(text: str) -> bool:
    """Whether a text consists of ways to reach somebody, without saying whom."""
    return bool(_CHANNELS.fullmatch(text))


def outsider(name: str) -> bool:
    """Whether a name means those who are told (users, customers, a channel), not one who is drawn in."""
    return bool(_OUTSIDERS.search(name.strip()))


def only_level(name: str) -> bool:
    """Whether a name is a severity and no person: "escalate to P2"."""
    return bool(_LEVEL.fullmatch(name.strip()))
