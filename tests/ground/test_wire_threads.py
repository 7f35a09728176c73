"""Typed JSON in many threads at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys, threading
from dataclasses import field, make_dataclass
from tocsin import wire
sys.setswitchinterval(1e-6)

WAYS = (lambda kind: wire.decode(kind, "{}"), lambda kind: wire.convert(kind, {}),
        lambda kind: wire.convert_words(kind, {}))

def decode(number, kind, gate):
    gate.wait()
    WAYS[number % 3](kind)

for number in range(60):
    parts = [
        make_dataclass(f"Part{part}", [(f"name{place}", "int | None", field(default=None)) for place in range(12)])
        for part in range(8)
    ]
    fields = [(f"part{place}", part | None, field(default=None)) for place, part in enumerate(parts)]
    kind = make_dataclass("Whole", fields)
    gate = threading.Barrier(6)
    threads = [threading.Thread(target=decode, args=(number, kind, gate)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
"""


def test_nobody_hands_a_type_to_msgspec_past_that_guard() -> None:
    """Every conversion to a type goes through `tocsin.wire`, or prepares the type there first."""
    past = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "tocsin").rglob("*.py"))
        if path.name != "wire.py"
        for line in path.read_text("utf-8").splitlines()
        if any(word in line for word in ("msgspec.convert(", "msgspec.json.decode(", "msgspec.json.Decoder("))
    ]
    assert past == ["tocsin/web/posted.py: _spelled = msgspec.json.Decoder(list[_Spelled])"]


def test_threads_that_meet_a_type_together_do_not_end_the_process() -> None:
    """As at every start: the loops of the engine all read their first incident within the same moment."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
