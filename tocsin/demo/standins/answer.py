"""A stand-in: run as a script, by the launchers on the demo's private PATH, with the standard library alone.

``answer.py NAME ADDRESS ARGUMENT…`` does for the demo's processes what NAME would do, and says on stderr that it is
no more than that.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

LOGS_VALUED = ("--tail", "-n", "--since", "--until", "--index")
UP_VALUED = ("--scale", "-t", "--timeout", "--wait-timeout", "--pull")
COMPOSE_VALUED = ("-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory")


class Stop(Exception):
    """The stand-in ends here, with this to say."""


def main(name: str, address: str, words: list[str]) -> int:
    """Answer for ``name``; the exit code."""
    say(f"[stand-in for {name}: acting on the demo's processes]")
    try:
        match name:
            case "docker" if words[:1] == ["compose"]:
                return compose(address, words[1:])
            case "docker-compose":
                return compose(address, words)
            case "docker":
                return compose(address, words, plain=True)
            case "vercel":
                return vercel(address, words)
            case "psql":
                return psql(words)
            case "curl":
                return curl(words)
            case _:
                print_line("Open in a browser: " + " ".join(words))
                return 0
    except Stop as stop:
        say(str(stop))
        return 1


def compose(address: str, words: list[str], plain: bool = False) -> int:
    """``docker compose ps|logs|start|stop|down|restart|up``, and the same of ``docker`` itself."""
    _, verbs = split(words, COMPOSE_VALUED, only_first=True)
    if not verbs:
        raise Stop("Which command?")
    verb, rest = verbs[0], verbs[1:]
    options, names = split(rest, {"logs": LOGS_VALUED, "up": UP_VALUED}.get(verb, ("-t", "--timeout", "--format")))
    match verb:
        case "logs":
            return logs(address, names, options)
        case "ps":
            return show(ask(address, "ps", names))
        case "down" | "stop" | "kill" if not (plain and verb == "down"):
            return show(ask(address, "stop", names))
        case "start" | "restart":
            return show(ask(address, verb, names))
        case "up" if not plain:
            if "--scale" in options:
                say("The demo has one process of each service, and keeps to that.")
            fresh = "--build" in options or "--force-recreate" in options
            return show(ask(address, "restart" if fresh else "start", names))
        case _:
            raise Stop(f"This stand-in knows ps, logs, start, stop, restart, up and down; it did not do {verb!r}.")


def vercel(address: str, words: list[str]) -> int:
    """``vercel rollback|ls|logs``: releases are the commits of the shop's repository."""
    _, verbs = split(words, ("--token", "--scope", "--cwd"))
    match verbs[:1]:
        case ["rollback"]:
            return show(ask(address, "rollback", []))
        case ["ls"] | ["list"]:
            return show(ask(address, "releases", []))
        case ["logs"]:
            return logs(address, ["shop"], {"--tail": "100"})
        case _:
            raise Stop(f"This stand-in knows rollback, ls and logs; it did not do {' '.join(words)!r}.")


def logs(address: str, names: list[str], options: dict[str, str]) -> int:
    """The last lines of each service's log; with ``--follow`` also those to come, until somebody ends it."""
    tail = options.get("--tail") or options.get("-n") or "all"
    files = [line.split("\t", 1) for line in ask(address, "logs", names)]
    places: dict[str, int] = {}
    for name, path in files:
        content = Path(path).read_bytes()
        places[path] = content.rfind(b"\n") + 1
        lines = content[: places[path]].decode("utf-8", "replace").splitlines()
        for line in lines[-int(tail) :] if tail.isdigit() and tail != "0" else lines if tail == "all" else []:
            print_line(f"{name}-1  | {line}")
    while "--follow" in options or "-f" in options:
        time.sleep(0.2)
        for name, path in files:
            with Path(path).open("rb") as file:
                file.seek(places[path])
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            places[path] += len(whole)
            for line in whole.decode("utf-8", "replace").splitlines():
                print_line(f"{name}-1  | {line}")
    return 0


def psql(words: list[str]) -> int:
    """``psql ADDRESS -c STATEMENT…`` over the shop's SQLite file."""
    import sqlite3

    options, operands = split(words, ("-c", "--command", "-d", "--dbname", "-v", "--set", "-P", "-F", "-U", "-h", "-p"))
    url = (operands or [options.get("-d") or options.get("--dbname") or ""])[0]
    statement = options.get("-c") or options.get("--command")
    if not url.startswith("sqlite://") or not statement:
        raise Stop("This stand-in reads the shop's SQLite file: psql \"$DATABASE_URL\" -c 'SELECT …'.")
    say("[the shop's data is in SQLite here, so PostgreSQL's own tables are missing]")
    connection = sqlite3.connect(url.removeprefix("sqlite://"), timeout=5, isolation_level=None)
    try:
        cursor = connection.execute(statement)
        rows = cursor.fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise Stop(f"ERROR:  {error}") from None
    finally:
        connection.close()
    if cursor.description:
        print_line(" | ".join(column[0] for column in cursor.description))
        for row in rows:
            print_line(" | ".join("" if value is None else str(value) for value in row))
        print_line(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
    return 0


def curl(words: list[str]) -> int:
    """``curl [-s] [-f] [-i] URL``: a GET."""
    import urllib.error
    import urllib.request

    options, urls = split(words, ("-m", "--max-time", "-o", "--output", "-w", "--write-out", "-H", "--header"))
    if set(options) - {"-s", "-S", "-f", "-i", "-L", "-fsS", "-sS", "-sf", "-m", "--max-time", "--fail", "--silent"}:
        raise Stop("This stand-in knows a plain GET.")
    if len(urls) != 1:
        raise Stop("Which address?")
    url = urls[0] if "://" in urls[0] else "http://" + urls[0]
    if not url.startswith(("http://", "https://")):
        raise Stop("This stand-in knows http and https.")
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- the scheme was looked at
            body = answer.read()
    except urllib.error.HTTPError as error:
        if any("f" in option for option in options):
            raise Stop(f"curl: (22) The requested URL returned error: {error.code}") from None
        body = error.read()
    except OSError as error:
        raise Stop(f"curl: (7) {error}") from None
    sys.stdout.write(body.decode("utf-8", "replace"))
    return 0


def split(words: list[str], valued: tuple[str, ...], only_first: bool = False) -> tuple[dict[str, str], list[str]]:
    """Options and operands. ``only_first``: everything from the first operand on is operands."""
    options: dict[str, str] = {}
    operands: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--" or not word.startswith("-") or word == "-":
            operands += [] if word == "--" else [word]
            if only_first:
                return options, operands + words[at:]
            continue
        name, equals, value = word.partition("=")
        if not equals and name in valued and at < len(words):
            value = words[at]
            at += 1
        options[name] = value
    return options, operands


def ask(address: str, verb: str, names: list[str]) -> list[str]:
    """Have the demo do something; the lines it answers."""
    try:
        place: dict[str, Any] = json.loads(Path(address).read_text("utf-8"))
        with socket.create_connection(("127.0.0.1", place["port"]), timeout=60) as connection:
            request = {"secret": place["secret"], "verb": verb, "names": names}
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as file:
                answer = json.loads(file.readline())
    except (OSError, ValueError, KeyError):
        raise Stop("The demo does not run any more.") from None
    if not answer["ok"]:
        raise Stop("\n".join(answer["lines"]))
    return [str(line) for line in answer["lines"]]


def show(lines: list[str]) -> int:
    """Print lines as they are."""
    for line in lines:
        print_line(line)
    return 0


def print_line(line: str) -> None:
    """Print at once, so that a pipe sees it; end quietly when nobody reads."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError:
        os._exit(0)


def say(line: str) -> None:
    """Say something about the answer, beside it."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
