"""Who may approve, as far as it is known: the people of the directory who have a token of that role."""

from __future__ import annotations

from tocsin.app import App
from tocsin.ids import slug
from tocsin.settings.approvals import APPROVING_ROLES
from tocsin.store import people
from tocsin.store.db import Tx


def approvers(app: App, tx: Tx) -> tuple[str, ...]:
    """Ids of the people whose token, of the configuration or made by `tocsin token add`, may approve now."""
    now, there = app.clock.now(), app.settings.directory.people
    known = [(token.name, token.role) for token in app.settings.tokens]
    known += [
        (token.name, token.role) for token in people.tokens(tx)
        if token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
    ]  # fmt: skip
    return tuple(sorted({slug(name) for name, role in known if role in APPROVING_ROLES and slug(name) in there}))
