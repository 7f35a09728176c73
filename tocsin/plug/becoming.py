"""Commands as another user of this machine: setpriv(1) becomes that user and drops every right on the way.

Only root can become somebody else without being asked for anything, so a Tocsin that runs as an ordinary user refuses;
a target of kind ``ssh`` to this machine does it then.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Mapping

from tocsin.errors import Invalid, Unrunnable

_FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin"


def check(user: str) -> None:
    """Raises `Invalid` where nobody here is called ``user``, or where Tocsin can't become that user."""
    if not user or user == present():
        return
    if _entry(user) is None:
        raise Invalid(f"There is no user {user!r} on this machine.", "Name one that `getent passwd` lists.")
    if os.geteuid() != 0:
        hint = f"Run Tocsin as root or as {user}, or reach this machine by a target of kind ssh."
        raise Invalid(f"Tocsin runs as {present()} and can't start commands as {user}.", hint)


def words(user: str) -> list[str]:
    """What stands in front of a program that is to run as ``user``; nothing where that is who we are.

    Raises `Unrunnable` where it can't be done.
    """
    if not user or user == present():
        return []
    found, setpriv = _entry(user), shutil.which("setpriv", path=_FOLDERS)
    if found is None or os.geteuid() != 0:
        raise Unrunnable(f"Commands of this target run as {user}, and Tocsin can't become that user.")
    if setpriv is None:
        raise Unrunnable(f"setpriv is not installed, so nothing can be run as {user}.", "Install util-linux.")
    return [
        setpriv, f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}", "--init-groups", "--inh-caps=-all",
        "--bounding-set=-all", "--no-new-privs", "--",
    ]  # fmt: skip


def at_home(user: str, env: Mapping[str, str]) -> dict[str, str]:
    """The environment with that user's name and home in the place of ours; what the target hands on stays."""
    found = _entry(user) if user else None
    if found is None:
        return dict(env)
    ours = pwd.getpwuid(os.getuid()).pw_dir
    home = found.pw_dir if env.get("HOME", ours) == ours else env["HOME"]
    return {"USER": found.pw_name, "LOGNAME": found.pw_name, **env, "HOME": home}


def present() -> str:
    """Who Tocsin runs as."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _entry(user: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(user)
    except (KeyError, ValueError):
        return None
