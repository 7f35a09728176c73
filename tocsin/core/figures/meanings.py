"""What each figure means: the sentences that the page, the terminal, the report and the documentation show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Measure = Literal["detect", "acknowledge", "mitigate", "resolve"]
MEASURES: tuple[Measure, ...] = ("detect", "acknowledge", "mitigate", "resolve")
NIGHT_BEGINS, NIGHT_ENDS = 22, 7
"""Hours on a person's own clock between which a page counts as one at night."""
FEWEST = 5
"""From so many values on a median and a p90 are told; of fewer the values themselves are."""

NAMES: Mapping[Measure, str] = {
    "detect": "Time to detect", "acknowledge": "Time to acknowledge", "mitigate": "Time to mitigate",
    "resolve": "Time to resolve",
}  # fmt: skip
SHORT: Mapping[Measure, str] = {"detect": "TTD", "acknowledge": "TTA", "mitigate": "TTM", "resolve": "TTR"}
MEANINGS: Mapping[str, str] = {
    "detect": "Elsewhere MTTD. From the beginning (when a person said that it began, else when the first "
    "alert says so) to the declaration. Incidents of which nothing says when they began are left out.",
    "acknowledge": "Elsewhere MTTA. From the declaration to the first person who took it. Incidents that nobody took "
    "are left out.",
    "mitigate": "From the beginning, or the declaration where none is known, to the end of the impact: when "
    "somebody said that it is mitigated, else its end. After a reopening the last time counts.",
    "resolve": "Elsewhere MTTR. From the beginning, or the declaration where none is known, to the end. Of a "
    "reopened incident the last end counts, and open ones are left out.",
    "counted": "An incident counts in the period in which it was declared. Drills, and incidents that were merged "
    "into another one, are left out of times, promises and steps. Private incidents count only for those who may see "
    "them. Severity is the last one that was said; an incident with several values of a label counts under each.",
    "spread": f"Median and p90 are told from {FEWEST} values on; of fewer the values themselves stand here. The p90 "
    "is a value that was measured: nine of ten are not longer. There is no mean, because one long night moves it.",
    "pages": f"Every page that reached a person, once however many ways it took, in drills too, in the period in "
    f"which it arrived. At night: from {NIGHT_BEGINS}:00 to {NIGHT_ENDS:02}:00 on the person's own clock ([people] "
    "zone, else the calendar's).",
    "promises": "Response: somebody took it by the time that the runbook gives its severity. Update: posted, "
    "published or sent as a message by the time at which it was due. Phase: reached within its window. Deadline: done "
    "in time. Each is kept or missed once for each time that it was due.",
    "alerts": "Fired: how often it is on the timelines, repetitions that came after an end too, alerts of merged "
    "incidents too, drills not. Acted on: a person or a program of theirs did more in that incident than take and "
    "close it: a step, an approval, a value, a branch, an update, a mitigation, a cause. Silenced alerts are in no "
    "incident and not counted.",
    "steps": "Runs that ended with another exit code than 0, too late, or could not start; in doubt: nobody knew "
    "whether it happened.",
}  # fmt: skip
"""Figure → what it means."""
PROMISES: Mapping[str, str] = {
    "response": "Responses", "update": "Updates", "phase": "Phases", "deadline": "Deadlines",
}  # fmt: skip
