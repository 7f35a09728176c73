"""How the document is written: its encoding, its fences, whether it has scenarios, when it is to be read again."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from tocsin.core.runbook import CodeFence, Problem
from tocsin.lint.codes import problem
from tocsin.lint.subject import Check, Subject
from tocsin.reading.shellwords import SHELL, SQL

_SOME = 5
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>20\d\d)[-/.](?P<number>\d\d?)(?:[-/.](?P<day>\d\d?))?(?![\w-])",
        rf"\b(?P<day>\d\d?)(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>20\d\d)\b",
        rf"\b{_MONTH}\s+(?:(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+)?(?P<year>20\d\d)\b",
        r"\bq(?P<quarter>[1-4])\s+(?P<year>20\d\d)\b",
    )
)
_DAYS = {"day": 1, "week": 7, "two weeks": 14, "month": 31, "quarter": 92, "year": 366}


def double_encoded(subject: Subject) -> Iterator[Problem]:
    """Text that was encoded twice; one finding for the file, because one save mends it."""
    repairs = subject.book.repairs
    if repairs:
        lines = list(dict.fromkeys(repair.line for repair in repairs))
        shown = ", ".join(map(str, lines[:_SOME])) + (f" and {len(lines) - _SOME} more" if len(lines) > _SOME else "")
        first = repairs[0]
        yield problem(
            "double-encoded", lines[0],
            f"Line{'s' if len(lines) > 1 else ''} {shown}: text was encoded twice; “{first.before[:20]}” stands for "
            f"“{first.after[:20]}”, and is shown so.",
            "Put the mended characters into the file and save it as UTF-8.",
        )  # fmt: skip


def unread_fences(subject: Subject) -> Iterator[Problem]:
    """Lines of a fence that the reader could not sort; nothing is run from them and nothing is guessed."""
    for fence in subject.book.fences:
        for part in fence.parts:
            if part.role == "unknown":
                where = f"Line {part.line} is" if part.line == part.end_line else (
                    f"Lines {part.line}–{part.end_line} are"
                )  # fmt: skip
                yield problem(
                    "unread-fence", part.line,
                    f"{where} not plainly a command and not plainly anything else, so nothing is run from here.",
                    "Tag the fence with what it holds: ```bash, ```sql, ```text.",
                )  # fmt: skip


def comments_only(subject: Subject) -> Iterator[Problem]:
    """A fence of commands without a command."""
    for fence in subject.book.fences:
        if _only_comments(fence, subject):
            yield problem(
                "comments-only", fence.line, "This code fence holds only comments; they are read as steps by hand.",
                "Add the commands, or write the lines as a list.",
            )  # fmt: skip


def _only_comments(fence: CodeFence, subject: Subject) -> bool:
    """Whether a fence for commands has none; one that stands in an HTML comment was put aside on purpose."""
    lines = [subject.text(number).strip() for part in fence.parts for number in range(part.line, part.end_line + 1)]
    told = all(part.role == "comment" for part in fence.parts) and fence.language in SHELL | SQL
    return told and bool(lines) and all(line.startswith(("#", "--", "//", "/*", "*")) for line in lines if line)


def no_scenario(subject: Subject) -> Iterator[Problem]:
    """Nothing that an alert could select."""
    if not subject.book.scenarios:
        yield problem(
            "no-scenario", _first_line(subject),
            "No section of this runbook was recognised as a scenario, so no alert can select one.",
            "Give each kind of failure a heading of its own with Symptoms and Mitigation below it.",
        )  # fmt: skip


def _first_line(subject: Subject) -> int:
    """The line of the title, else the first with text."""
    titled = (number for number, line in enumerate(subject.lines[:200], 1) if re.match(r" {0,3}# \S", line))
    filled = (number for number, line in enumerate(subject.lines, 1) if line.strip())
    return next(titled, None) or next(filled, 1)


def review_overdue(subject: Subject) -> Iterator[Problem]:
    """The document's own promise to be read again, against today."""
    review, today = subject.book.review, subject.today
    if review is None or today is None:
        return
    due, why = last_day(review.next or ""), "it was to be reviewed"
    if due is None and review.last and review.every in _DAYS:
        last = last_day(review.last)
        due = last + timedelta(days=_DAYS[review.every]) if last else None
        why = f"it is to be reviewed every {review.every} and was last reviewed on {last}, so that was due"
    if due is not None and due < today:
        yield problem(
            "review-overdue", review.line,
            f"The runbook's review is overdue: {why} by {due}, {_days((today - due).days)} ago.",
            "Read it against the system as it is now, mend it, and write down the new dates.",
        )  # fmt: skip


def last_day(text: str) -> date | None:
    """The last day that a date as people write it can mean ("March 2031" → 31 March); None where it names none.

    A date in digits counts only with the year first: 03/04/2031 is March in one country and April in another.
    """
    for pattern in _DATES:
        found = pattern.search(text)
        if found is None:
            continue
        told = found.groupdict()
        year = int(told["year"])
        if told.get("quarter"):
            month = 3 * int(told["quarter"])
        else:
            month = int(told["number"]) if told.get("number") else _MONTHS[told["month"].lower()]
        try:
            day = int(told.get("day") or calendar.monthrange(year, month)[1])
            return date(year, month, day)
        except (ValueError, calendar.IllegalMonthError):
            return None
    return None


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


CHECKS: tuple[Check, ...] = (double_encoded, unread_fences, comments_only, no_scenario, review_overdue)
