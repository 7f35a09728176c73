"""``tocsin.toml``: people, roles, channels, notifiers, signals, targets. Secrets stand there by reference only.

The story of a file: its text is parsed and its references are followed (`references`), it takes the shape that
`shapes` declares, each table becomes a value (`people`, `plugins`, `targets`, `approvals`), and what no single table
can tell is checked at the end (`checks`). Every fault is one sentence that names its place.
"""

from tocsin.settings.approvals import MOST_APPROVERS
from tocsin.settings.checks import ROLES, SHORTEST_TOKEN
from tocsin.settings.file import outline, read_settings
from tocsin.settings.model import Outline, Settings, Signal, Token, measures
from tocsin.settings.people import CONTACTS
from tocsin.settings.references import LARGEST_FILE
from tocsin.settings.spans import LONGEST_SPAN, SHORTEST_SPAN
from tocsin.settings.targets import Place, Placed, Takes
from tocsin.settings.telling import MOST_WAYS

__all__ = [
    "CONTACTS",
    "LARGEST_FILE",
    "LONGEST_SPAN",
    "MOST_APPROVERS",
    "MOST_WAYS",
    "ROLES",
    "SHORTEST_SPAN",
    "SHORTEST_TOKEN",
    "Outline",
    "Place",
    "Placed",
    "Settings",
    "Signal",
    "Takes",
    "Token",
    "measures",
    "outline",
    "read_settings",
]
