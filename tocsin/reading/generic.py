"""Titles that name no failure: what kind of text it is, a part of it, everyday work, or incidents in general."""

from __future__ import annotations

import re

from tocsin.reading.letters import fold
from tocsin.reading.vocabulary import bare_title, names_document, tells_failure, tidy

_INTRUSION = re.compile(
    r"security incidents?|sicherheitsvorfall|incidente de (?:seguridad|seguranca)|incident de securite"
)
# What a text about incidents in general is called.
_RESPONSE = re.compile(
    r"\b(?:incident|emergency) (?:response|management|handling)|response to incidents"
    r"|(?:respuesta|reaccion|gestion|manejo) (?:a|ante|de) (?:los )?incidentes|(?:resposta|gestao) (?:a|aos"
    r"|de) incidentes"
    r"|(?:reponse|gestion|reaction) (?:a|aux|des|d')\s?(?:l')?incidents?|(?:reaktion auf|umgang mit"
    r"|behandlung von) (?:vorfalle|storung)"
    r"|vorfallmanagement|реагировани\w+ на инцидент|обработк\w+ инцидент|(?:应急|事件|故障)(?:响应|处理)"
    r"|インシデント(?:対応|レスポンス)|障害対応"
    r"|(?:장애|사고|인시던트|침해) ?대응|(?:xử ly|ứng pho|phản ứng|ứng cứu|quản ly) (?:với )?(?:sự cố|incident)"
)
# Titles among scenarios that are about the collection.
_ABOUT = re.compile(
    r"(?:examples?|exemplos?|ejemplos?|exemples?|beispiele?|пример\w*|vi dụ|示例|例子|例|예시?)(?:$|[\s:：])"
    r"|(?:how to use|using (?:this|these|the)|about (?:this|these)|general (?:notes?|tips|guidelines|principles"
    r"|rules)"
    r"|(?:full|all|other|more|additional|detailed|related) (?:runbooks|playbooks|resources|scenarios|links)|notes?$"
    r"|legend$|understanding\b|(?:the )?problem(?: statement| description)?$|evidence$|findings?$"
    r"|index$|hinweise?$|remarques?$|notas?$|примечани[ея]|说明$|备注$|備考|注意事項$|참고 ?사항$)"
)
# Work that is no failure: what stands under it are tasks, though some begin with "check" or "restart".
_OPERATES = re.compile(
    r"(?:\w+ ){0,2}(?:maintenance|operations?|administration|endpoints?|commands|utilities|deployments?|setup"
    r"|installation"
    r"|configuration|releases?|testing|usage|workflows?|architecture|tasks?|wartung|betrieb|einrichtung|mantenimiento"
    r"|operaciones|manutencao|operacoes|maintenance|exploitation|обслуживание|эксплуатация|维护|运维操作|保守"
    r"|運用作業|유지보수|retraining|re-?trainings?|re-?entrainement|re-?entrenamiento|re-?treinamento|nachtraining"
    r"|переобучение|再学習|재학습|重新训练|mise a jour|mise en production|deploiement|despliegue|implantacao"
    r"|bereitstellung"
    r"|развертывание|部署|发布|デプロイ|リリース|배포)"
    r"(?: (?:procedures?|tasks?|guide|steps|workflow|process|commands))?$"
)
_PART_WORDS = re.compile(
    r"\b(?:detection|diagnos\w+|investigat\w+|mitigat\w+|resolution|recovery|rollback|rolling back|actions?"
    r"|analysis|triage"
    r"|assessment|root|causes?|initial|immediate|containment|verification|verify|checks?|fix(?:es|ing)?|solutions?"
    r"|quick)\b"
)
_GENERIC = re.compile(
    r"^(?:(?:the|our|your|general|standard|incident|incidents|emergency|response|respond|responder|operations?"
    r"|operational|operator"
    r"|ops|production|alert|alerts|alerting|on-?call|sre|devops|security|runbooks?|playbooks?|plan|guide"
    r"|guidelines?|handbook"
    r"|procedures?|process|manual|documentation|docs?|and|&|for|of|to|in|team|system|application|app|platform"
    r"|service"
    r"|monitoring|troubleshooting|management|handling|workflow|steps|quick|reference|overview|first|disaster"
    r"|recovery|critical"
    r"|major|high|priority|engineers?|checklist|p\d|sev-?\d|vorfall|vorfalle|notfall|handbuch|reponse|aux|respuesta"
    r"|resposta|a|gestion|gestao|manejo|traitement|procedures?|procedimi?entos?|procedimento|equipe|equipo|betrieb"
    r"|incidentes"
    r"|incidentes?|en|em|produccion|producao|produktion|продакшен\w*+|проде|в|生产(?:环境)?|线上|本番(?:環境)?|운영(?:환경)?"
    r"|de|des|manuel|plano|guia|инцидент\w*+|реагировани\w*+|на|[-–—|:/,.·•\d()（）]|障害|インシデント|対応"
    r"|手順書?|運用|ランブック|应急|故障|事件|响应|处理|预案|手册|运维|장애|대응|런북|가이드|매뉴얼|절차)\s*)+$"
)


def is_generic(title: str) -> bool:
    """Whether a title has only words for a kind of text or for its parts ("Production Alert Handbook")."""
    return bool(_GENERIC.match(fold(tidy(title))))


def is_general(title: str) -> bool:
    """Whether a document's title names no failure: it is about incidents of every kind."""
    if names_document(title) and _INTRUSION.fullmatch(fold(bare_title(title))):
        return False
    named = fold(tidy(title))
    if _RESPONSE.search(named):
        _, _, subject = named.replace("：", ":").replace("—", ":").replace("–", ":").partition(":")
        return not tells_failure(_RESPONSE.sub("", subject))
    return is_generic(title)


def names_response(title: str) -> bool:
    """Whether a title is about the response to incidents ("Incident Response")."""
    return bool(_RESPONSE.search(fold(tidy(title))))


def is_remark(title: str) -> bool:
    """Whether a title is about the text or its story, not about a failure ("How to use this", "The problem")."""
    return bool(_ABOUT.match(fold(tidy(title))))


def is_work(title: str) -> bool:
    """Whether a title names everyday work ("Maintenance Procedures")."""
    return bool(_OPERATES.match(fold(tidy(title))))


def is_specific(title: str) -> bool:
    """Whether a title has a word beside those of a kind of text; an intrusion has one, though it is no kind of text."""
    return not _GENERIC.match(fold(tidy(title)).replace("security incident", "breach"))


def has_object(title: str) -> bool:
    """Whether a title has a word besides those that only name a part ("Scaling the ovens", not "Recovery Steps")."""
    return not _GENERIC.match(_PART_WORDS.sub("", fold(tidy(title))) or "-")
