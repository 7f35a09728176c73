"""``python -m bench [NAME]...``: one JSON line for each; exit 1 where a limit was not kept."""

from __future__ import annotations

import json
import sys

from bench import (
    clocks,
    flood,
    intake,
    latency,
    masking,
    pages,
    postmortem,
    reading,
    rest,
    running,
    signals,
    statuspage,
    storm,
    year,
)

BENCHES = {
    "reading": reading.run, "masking": masking.run, "rest": rest.run, "running": running.run, "latency": latency.run,
    "signals": signals.run, "intake": intake.run, "flood": flood.run, "storm": storm.run, "clocks": clocks.run,
    "statuspage": statuspage.run,
    "intake_postgres": intake.on_postgres, "year": year.run, "postmortem": postmortem.run, "pages": pages.run,
}  # fmt: skip


def main(names: list[str]) -> int:
    """Run the named measurements, or all."""
    kept = True
    for name in names or list(BENCHES):
        if name not in BENCHES:
            print(f"There is no bench {name!r}; there are: {', '.join(BENCHES)}.", file=sys.stderr)
            return 2
        print(f"{name} …", file=sys.stderr)
        found = BENCHES[name]()
        print(json.dumps({"bench": name, **found}), flush=True)
        kept = kept and found.get("kept", not found.get("faults"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
