"""The demo, put together: what is told, in which order, and how it ends."""

from __future__ import annotations

import contextlib
import sys
import threading
from contextlib import ExitStack

from tocsin.demo import interrupts, repository
from tocsin.demo.client import Client
from tocsin.demo.conductor import Conductor, Crew
from tocsin.demo.consent import AtTheTerminal, Consent, OnThePage, Unattended
from tocsin.demo.detection import Detection
from tocsin.demo.scene import Options, Scene, raise_curtain
from tocsin.demo.stage import JsonLines, Stage, Terminal, say_since
from tocsin.errors import Unavailable
from tocsin.times import SystemClock

WARM_UP = 40
WARM_UP_SECONDS = 20.0


def play(options: Options) -> int:
    """Run the demo: 0 when the incident was resolved, 1 otherwise. Nothing is left running, however it ends.

    Raises `Invalid`, `Refused` or `Unavailable` with a sentence where it can't begin or go on.
    """
    stage: Stage = JsonLines() if options.as_json else Terminal()
    resolved = False
    with interrupts.as_exceptions(), ExitStack() as stack:
        try:
            scene = raise_curtain(options, stage, stack)
            resolved = _perform(options, scene)
            if options.keep or not options.unattended:
                stage.say("The shop and the page go on; Ctrl-C ends everything.", "ask", event="serving")
                threading.Event().wait()
        except interrupts.Ended:
            stage.say("Ending: everything that was started is ended.", "dim", event="ending")
        finally:
            interrupts.ignore()
    if not resolved:
        stage.say("The demo ended before the incident was resolved.", "bad", event="ended", resolved=False)
    return 0 if resolved else 1


def _perform(options: Options, scene: Scene) -> bool:
    """The acts, from the deployment to the post-mortem; whether the incident was resolved."""
    stage, clock = scene.stage, SystemClock()
    _warm_up(scene)
    stage.act("A bad deployment")
    commit = scene.repository.commit(repository.BAD, clock.now())
    scene.supervisor.restart("shop")
    begun = clock.now()
    stage.say(f"{commit} “{repository.BAD.says}” is live: for new customers it divides by zero", "bad")
    with (
        contextlib.closing(Client(scene.serving.address, scene.tokens.ana)) as ana,
        contextlib.closing(Client(scene.serving.address, scene.tokens.ben)) as ben,
    ):
        stage.act("Detection: Tocsin reads the shop's own numbers against the runbook's threshold")
        detection = Detection(stage, ana, ben, scene.book)
        ref = detection.wait()
        stage.say(f"Watch it: {scene.serving.address}/incidents/{ref}", "ask", event="incident", incident=ref)
        crew = Crew(ana, ben, _consent(options), scene.heal, lambda: scene.traffic.failed)
        conductor = Conductor(stage, crew, detection, unattended=options.unattended)
        resolved = conductor.lead(ref)
        scene.traffic.calm()
        stage.act("Learning")
        path = scene.folder.root / f"{ref}-postmortem.md"
        path.write_text(conductor.review(ref), "utf-8")
    stage.say(f"The post-mortem: {path}", "good", event="postmortem", path=str(path))
    stage.say(f"The page: {scene.serving.address}/incidents/{ref}", "good")
    stage.say(f"From the deployment to the resolution: {say_since(begun)}", "good", event="resolved", incident=ref)
    return resolved


def _warm_up(scene: Scene) -> None:
    """Let customers come until there is something to compare with."""
    clock, pause = SystemClock(), threading.Event()
    begun = clock.now()
    while scene.traffic.answered < WARM_UP:
        if (clock.now() - begun).total_seconds() > WARM_UP_SECONDS:
            raise Unavailable("The shop does not serve its customers.", f"See {scene.supervisor.log_of('shop')}.")
        pause.wait(0.1)
    scene.stage.say(f"{scene.traffic.answered} requests were answered, {scene.traffic.failed} failed", "good")


def _consent(options: Options) -> Consent:
    if options.unattended:
        return Unattended()
    return AtTheTerminal() if sys.stdin.isatty() and not options.as_json else OnThePage()
