"""A new ``tocsin.toml`` as text: a part for each kind of need, what is known filled in, what is open as a comment."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tocsin.lint.needs import ChannelNeed, MetricNeed, Need, Needs, RoleNeed, Use
from tocsin.plug import registry
from tocsin.plug.kinds import Probe
from tocsin.service.binding import Proposal
from tocsin.service.guessing import Somebody, probe_for
from tocsin.service.tomltext import behind, key, listed, plain, quoted, value

_LONGEST_NOTE = 80
_MOST_USES = 4
_WIDEST_KEY = 44

_HEAD = """\
# What {names} can't say by itself. Every key is explained in docs/reference/configuration.md.
#
# Lines behind a "#" are guesses and gaps: write your answer and take the "#" away. When the runbook has changed, run
# `tocsin init` again: it adds what is new to each part and never touches a line that stands here.
# No secret stands here: "env:NAME" means the variable of that name, "file:PATH" what that file holds.
"""
_SOMEBODY = """\
# [people.ana]
# name = "Ana"
# email = "ana@example.org"
# notify = ["mail", "console"]
"""
_NOTIFIERS = """\
# [notifiers.mail]
# kind = "smtp"
# host = "mail.example.org"
# sender = "tocsin@example.org"
# user = "tocsin"
# password = "env:MAIL_PASSWORD"

# [notifiers.hook]
# kind = "webhook"
# url = "https://hooks.example.org/tocsin"
# secret = "env:HOOK_SECRET"
"""


def fresh(proposal: Proposal, wanted: Needs, sources: Sequence[str]) -> str:
    """A whole configuration for these runbooks. It is valid as it stands, and everything open is a comment in it."""
    draft = Draft(proposal=proposal, many=len(sources) > 1)
    contacts = draft.contacts()
    parts = (
        _HEAD.format(names=" and ".join(plain(name) for name in sources)),
        _part("People: who can be told", "A table for each; `notify` names notifiers, the preferred one first."),
        *(draft.people() or [_SOMEBODY]),
        _part("Notifiers: how they are told", "Without one, notices are only printed where the server runs."),
        _NOTIFIERS,
        _part("Roles: who fills those that the runbook names", "role = the name of a person's table", "roles"),
        draft.roles()
        + (f"# Contacts that no clock calls; who is bound can be called in by hand:\n{contacts}" if contacts else ""),
        *_oncall_part(draft, wanted),
        *_channels_part(draft),
        *_signals_part(draft),
        *_placeholders_part(draft),
        *_target_part(draft, wanted),
    )
    return "\n".join(part for part in parts if part)


def signal_table(metric: MetricNeed, note: str = "") -> str:
    """The table that would bind a metric; its probe is a guess. ``note`` stands behind its name."""
    rows = "".join(f"{name} = {value(guess)}\n" for name, guess in probe_for(metric).items())
    return f"[signals.{quoted(metric.name)}]{note}\n{rows}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The lines for what is proposed. With ``many`` runbooks, every place is told with its file."""

    proposal: Proposal
    many: bool = False

    def people(self) -> list[str]:
        """A table for each person whom the documents certainly mean."""
        return [self._person(somebody) for somebody in self.proposal.people]

    def roles(self) -> str:
        """The roles that are called: those that somebody certainly fills, then the open ones."""
        filled = [
            _Line(text=f"{quoted(role.name)} = {quoted(person)}", note=self._note(_calls_first(role)), live=True)
            for role, person in self.proposal.filled
        ]
        return _aligned([*filled, *(self._open(_calls_first(role)) for role in self.proposal.roles)])

    def contacts(self) -> str:
        """The roles that stand among the contacts and nowhere else."""
        return _aligned([self._open(role) for role in self.proposal.contacts])

    def channels(self) -> str:
        """The channels that a notifier could serve."""
        return _aligned(
            [
                _Line(text=f"{quoted(channel.name)} = {_example(channel)}", note=self._note(channel))
                for channel in self.proposal.channels
            ]
        )

    def signals(self) -> Iterator[str]:
        """A table for each metric, behind a "#"."""
        for metric in self.proposal.metrics:
            yield behind(signal_table(metric, f"  # {self._uses(metric)}"))

    def placeholders(self) -> str:
        """The gaps that are bound once, and in words those that are asked for."""
        lines = _aligned([self._open(gap, f", {gap.type}") for gap in self.proposal.placeholders])
        asked = [gap.name for gap in self.proposal.asked]
        return lines + (listed("Asked for in each incident", asked) if asked else "")

    def variables(self, *, first: bool) -> str:
        """The variables of the commands; those that come later are for an `env` that stands there."""
        found = self.proposal.variables
        width = max((len(each.name) for each in found), default=0)
        rows = "".join(f"#   {each.name.ljust(width)}  {self._note(each)}\n" for each in found)
        if not found or not first:
            return f"# For `env`, too:\n{rows}" if found else ""
        return f"# env = [{', '.join(quoted(each.name) for each in found)}]\n{rows}"

    def _person(self, somebody: Somebody) -> str:
        rows = "".join(f"{kind} = {quoted(text)}\n" for kind, text in somebody.contacts.items())
        head = f"[people.{key(somebody.id)}]  # {self._at(somebody.use)}\nname = {quoted(somebody.name)}\n"
        return f'{head}{rows}# notify = ["mail", "console"]\n'

    def _open(self, need: Need, more: str = "") -> _Line:
        return _Line(text=f'{quoted(need.name)} = ""', note=self._note(need, more))

    def place(self, use: Use) -> str:
        """Where a document says something."""
        return self._at(use)

    def _at(self, use: Use) -> str:
        return f"{plain(use.source)} line {use.line}" if self.many else f"line {use.line}"

    def _note(self, need: Need, more: str = "") -> str:
        """The first place in full, the others by their lines."""
        first, *others = need.uses
        lines = list(dict.fromkeys(self._at(use) for use in others if self._at(use) != self._at(first)))
        shown = [line.removeprefix("line ") for line in lines[: _MOST_USES - 1]]
        also = f" (also {', '.join(shown)}{', …' if len(lines) > len(shown) else ''})" if shown else ""
        return plain(f"{self._at(first)}{more}: {first.says}".removesuffix(": "), _LONGEST_NOTE) + also

    def _uses(self, need: Need) -> str:
        """Several places in full."""
        told = [plain(f"{self._at(use)}: {use.says}", 60) for use in need.uses[:_MOST_USES]]
        return "; ".join(told) + ("; …" if len(need.uses) > _MOST_USES else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """``key = value`` with a note behind it, as an answer or behind a "#"."""

    text: str
    note: str
    live: bool = False

    @property
    def start(self) -> str:
        return self.text if self.live else f"# {self.text}"


def _aligned(lines: Sequence[_Line]) -> str:
    width = max((len(line.start) for line in lines if len(line.start) <= _WIDEST_KEY), default=0)
    return "".join(f"{line.start.ljust(width)}  # {line.note}\n" for line in lines)


def _calls_first(role: RoleNeed) -> RoleNeed:
    """With the places that say when somebody is called before the one in the list of contacts."""
    return replace(role, uses=tuple(sorted(role.uses, key=lambda use: use.says.startswith("contact"))))


def _example(channel: ChannelNeed) -> str:
    if channel.kind != "email":
        return '"hook"'
    return '"mail"' if "@" in channel.name else '{notify = ["mail"], email = "team@example.org"}'


def _part(title: str, about: str, table: str = "") -> str:
    return f"\n# --- {title} ---\n# {about}\n" + (f"\n[{table}]" if table else "")


def _oncall_part(draft: Draft, wanted: Needs) -> Iterator[str]:
    """A guess at the schedule and the business hours that the documents speak of; all of it is a comment."""
    for need in wanted.rotations:
        turns = need.name or "week"
        handover = "Monday 09:00" if "week" in turns else "09:00"
        yield _part("On-call: who it is when", f"{draft.place(need.uses[0])} says how it changes hands.")
        when = f"every = {quoted(turns)}\nhandover = {quoted(handover)}\nstart = 2026-01-05\n"
        yield behind(f'[schedules.primary]\npeople = ["ana", "ben"]\n{when}zone = "Europe/Lisbon"\n')
        yield '# Then bind the role under [roles]: "on-call" = "schedule:primary"\n'
        if need.office:
            told = "; ".join(plain(f"{draft.place(use)}: {use.says}", _LONGEST_NOTE) for use in need.office)
            yield f"# Without these hours nothing waits for them ({told}):\n" + behind(
                '[calendar]\nzone = "Europe/Lisbon"\nhours = "09:00-17:00"\ndays = "Mon-Fri"\nholidays = []\n'
            )
        return


def _channels_part(draft: Draft) -> Iterator[str]:
    if lines := draft.channels():
        about = "its address as the runbook writes it = the name of a notifier"
        yield _part("Channels: where the runbook sends messages", about, "channels")
        yield lines


def _signals_part(draft: Draft) -> Iterator[str]:
    signals = list(draft.signals())
    if signals:
        about = ["A table for each metric; the queries are guesses by its words. `probe` is one of:"]
        for name, kind in sorted(registry.discover("tocsin.probes", Probe).items()):
            about += [f"#   {name:<11} {registry.describe(kind).summary}", *_example_of(name, kind)]
        yield _part("Signals: what measures the metrics of the runbook", "\n".join(about))
        yield from signals


def _example_of(name: str, kind: type) -> Iterator[str]:
    """The first example of a probe's own contract, as one line; a package of other people may have none."""
    for example in getattr(sys.modules[kind.__module__], "EXAMPLES", ())[:1]:
        settings = {key: _written(setting) for key, setting in example.settings.items()}
        told = {"probe": quoted(name), **{key: text for key, text in settings.items() if text}}
        yield f"#     {{{', '.join(f'{key} = {text}' for key, text in told.items())}}}"


def _written(setting: object) -> str:
    """A text, a number or a list of texts; nothing for what would take a table."""
    if isinstance(setting, str) or (isinstance(setting, int | float) and not isinstance(setting, bool)):
        return value(setting)
    if isinstance(setting, list) and all(isinstance(each, str) for each in setting):
        return f"[{', '.join(map(quoted, setting))}]"
    return ""


def _placeholders_part(draft: Draft) -> Iterator[str]:
    if lines := draft.placeholders():
        title = "Placeholders: gaps in the commands that are the same in every incident"
        yield _part(title, "the gap as the runbook writes it = its value", "placeholders")
        yield lines


def _target_part(draft: Draft, wanted: Needs) -> Iterator[str]:
    about = (
        "`workdir` counts from this file's folder; `env` are the variables of Tocsin's own environment that they get."
    )
    yield _part("Target: where the commands run, and with what", about, "target")
    named = (
        ("They start", wanted.programs), ("They ask the databases", wanted.targets.databases),
        ("They name the hosts", wanted.targets.hosts), ("They call", wanted.targets.compose),
        ("They go to", wanted.targets.folders),
    )  # fmt: skip
    told = [listed(words, [each.name for each in them]) for words, them in named if them]
    yield '# workdir = "."\n' + draft.variables(first=True) + "".join(told)
