"""Titles that say one thing over a command that does the other: "Check …" that deploys, "Add …" that only looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Phase, Problem, Procedure, Scenario, Step
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import brief, command_of, fence_at
from tocsin.lint.subject import Check, Subject

_LONGEST = 400  # of a title that is looked at
_LOOKS = re.compile(
    r"^(?:check|verify|view|show|list|inspect|see|monitor|review|examine|look|display|count|confirm"
    r"|comprobar|comprueba|verificar|verifica|verifique|revisar|revisa|mostrar|listar|inspeccionar|monitorear|consultar"
    r"|checar|conferir|visualizar|inspecionar|monitorar"
    r"|vérifier|vérifiez|voir|afficher|lister|inspecter|surveiller|contrôler|consulter"
    r"|prüfe|prüfen|überprüfe|überprüfen|zeige|ansehen|kontrolliere|проверить|проверка|посмотреть|просмотр|показать)\b"
    r"|^(?:查看|检查|确认|监控|列出|验证)|(?:を確認|の確認|をチェック|を表示|一覧)$|(?:확인|점검|조회|모니터링)$"
    r"|\b(?:prüfen|überprüfen|anzeigen|ansehen|kontrollieren)$",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"^(?:add|create|restart|reboot|kill|terminate|fix|drop|rotate|scale|stop|delete|remove|increase|decrease|reset"
    r"|flush|purge|enable|disable|redeploy|deploy|roll ?back|revert|revoke|block|unblock|promote|restore|cancel"
    r"|reiniciar|eliminar|crear|agregar|añadir|escalar|rotar|borrar|remover|criar|adicionar|aumentar"
    r"|redémarrer|supprimer|créer|ajouter|augmenter|перезапустить|удалить|создать|добавить)\b"
    r"|^(?:重启|删除|清理|回滚|扩容|创建|添加|修复)|(?:を再起動|を削除|を作成|を追加)$|(?:재시작|삭제|생성|추가)$"
    r"|\b(?:neu ?starten|löschen|anlegen|erstellen|erhöhen)$",
    re.IGNORECASE,
)
_NOT_A_DEED = re.compile(
    r"^[\w-]+ (?:status|state|logs?|history|list|checks?|info|metrics|events?|plans?|candidates?|commands?|options?)\b"
    r"|\b(?:via|dashboard|console|button|manually|ui|portal)\b|\?$",
    re.IGNORECASE,
)
_AND_THEN = re.compile(
    r"(?:\band\b|\bthen\b|\bor\b|[,;./&+]|→|->|\bby\b|\bif\b|\bund\b|\by\b|\be\b|\bet\b|並|并|또는)\s*(?:then\s+|and\s+)?"
    r"(?P<deed>[^\W\d_][\w-]*(?: back)?)",
    re.IGNORECASE,
)
_DEEDS = re.compile(
    r"^(?:re-?\w+|add|apply|back ?up|block|build|bump|cancel|change|clean|clear|close|copy|create|cut|delete|deploy"
    r"|disable|drain|drop|edit|enable|evict|export|extend|fix|flush|force|free|generate|grant|increase|install|kill|merge|migrat\w+"
    r"|modify|mov\w+|patch|promote|prune|pull|purge|push|roll|rotat\w+|run|sav\w+|scal\w+|send|set|start|stop|switch|sync"
    r"|take|terminat\w+|test|trigger\w*|truncate|unblock|updat\w+|upgrad\w+|warm|write|reiniciar|borrar|limpiar|corregir)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\bkubectl\s+(?:\S+\s+)*?(?:run|debug)\b|\bdocker\s+(?:\S+\s+)*?run\b|\bcurl\b(?!.*\b(?:DELETE|PUT|PATCH)\b)|\bwget\b"
    r"|\bgit\s+fetch\b|\bpg_restore\b(?=.*\s(?:-l|--list)\b)|\bnpx?\s+(?:ci|install)\b|\bmkdir\b|\bcd\b",
)
_FILE_ONLY = re.compile(r"`>+` writes|`(?:-o|-O|--output|-w|--output-document)` writes|writes what|`tee`")
_ACTING = re.compile(
    r"\b(?:pg_(?:terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|pg_switch_wal|pg_promote|pg_stat_(?:statements_)?reset"
    r"|setval|nextval|pg_advisory_(?:lock|unlock_all)|lo_unlink|dblink_exec)\s*\(",
    re.IGNORECASE,
)
_ANALYZE = re.compile(
    r"\bexplain\s*(?:\(\s*[^)]*\banalyze\b[^)]*\)|analyze\b)\s*(?P<rest><[^<>\n]+>|\[[^\[\]\n]+\]|\{[^{}\n]+\}|[\w(]+)",
    re.IGNORECASE,
)
_WHY = re.compile(r"^It changes something: (?P<what>.+?)\.?$", re.DOTALL)


def only_look(subject: Subject) -> Iterator[Problem]:
    """The title promises a look, the command changes something."""
    for step in _once(subject):
        title = _promise(step)
        if step.verdict != "change" or title is None or not _LOOKS.search(title) or _deed(title):
            continue
        told = _WHY.match(step.why)
        if _ASIDE.search(command_of(step)) or (told and _FILE_ONLY.search(told.group("what"))):
            continue
        does = told.group("what") if told else f"{brief(step.command or '')} changes something"
        yield problem(
            "misleading-title",
            step.line,
            f"“{title}” promises a look, but the command acts: {does}.",
            "Say in the title what it changes, or write the command that only looks.",
        )


def acting_queries(subject: Subject) -> Iterator[Problem]:
    """A SELECT that acts among the steps that look, and EXPLAIN ANALYZE of a statement that nobody knows yet."""
    for step in _once(subject):
        text, title = command_of(step), _promise(step) or ""
        acting = _ACTING.search(text)
        if acting and step.stage in ("diagnosis", "verification") and not _LOOKS.search(title) and not _told(title):
            yield problem(
                "misleading-title",
                step.line,
                f"This stands among the steps that look, but `{acting.group().rstrip('( ')}` is a query that acts.",
                "Move it under Mitigation, and say in its title what it does.",
            )
        analyzed = _ANALYZE.search(text)
        if analyzed and not re.match(r"(?:select|with|values)\b|\(", analyzed.group("rest"), re.IGNORECASE):
            yield problem(
                "misleading-title",
                step.line,
                f"`EXPLAIN ANALYZE` looks like a question, but it runs the statement: with {analyzed.group('rest')} "
                "an UPDATE or DELETE is carried out.",
                "Use `EXPLAIN` without ANALYZE, or put it between BEGIN and ROLLBACK.",
            )


def only_reads(subject: Subject) -> Iterator[Problem]:
    """The title promises a change, and every command under it only reads."""
    for part in subject.parts:
        for under in _titled(subject, part):
            first, title = under[0], _promise(under[0])
            if title is None or not _CHANGES.search(title) or _NOT_A_DEED.search(title):
                continue
            looks = any(_LOOKS.match(words.strip()) for words in re.split(r"[.,;]|\band\b|\bthen\b", title))
            if not looks and all(step.verdict == "read" and _serious(step) for step in under):
                yield problem(
                    "misleading-title",
                    first.line,
                    f"“{title}” promises a change, but {brief(first.command or '')} only reads.",
                    "Add the command that makes the change, or name the step by what it looks at.",
                )


def _titled(subject: Subject, part: Scenario | Phase | Procedure) -> list[list[Step]]:
    """The commands of fences by the title that stands over them; one without a title belongs to the one above it."""
    found: dict[str, list[Step]] = {}
    above: list[Step] | None = None
    for step in part.steps:
        fence = fence_at(subject, step.line)
        if fence is None and step.title not in found:
            above = None
            continue
        if step.runnable and _promise(step) is None:
            if above is not None and fence_at(subject, above[-1].line) == fence:
                above.append(step)
            continue
        above = found.setdefault(step.title, [])
        above.append(step)
    return list(found.values())


def _serious(step: Step) -> bool:
    return not re.match(r"(?:echo|cd|printf)\b", step.command or "")


def _once(subject: Subject) -> Iterator[Step]:
    seen: set[tuple[int, int, str]] = set()
    for step in subject.book.steps():
        key = (step.line, step.column, step.command or "")
        if step.runnable and key not in seen:
            seen.add(key)
            yield step


def _promise(step: Step) -> str | None:
    """The part of a title that says what its command does; None where the title is only the command itself."""
    title = step.title[:_LONGEST]
    if title.strip() == (step.command or "")[:_LONGEST].split("\n", 1)[0].strip():
        return None
    parts = re.split(r"[:：]\s+", title)
    told = [part for part in parts if _LOOKS.search(part) or _CHANGES.search(part)]
    return (told[-1] if told else parts[-1]).strip()


def _deed(title: str) -> bool:
    """Whether a title goes on to announce a deed: "Check and restart", "Review pods, delete the old ones"."""
    return any(_DEEDS.match(found.group("deed")) for found in _AND_THEN.finditer(title))


def _told(title: str) -> bool:
    return bool(
        re.search(
            r"\b(?:kill|terminat|cancel|reload|reset|promot|end|stop|release|unlock|switch)", title, re.IGNORECASE
        )
    )


CHECKS: tuple[Check, ...] = (only_look, acting_queries, only_reads)
