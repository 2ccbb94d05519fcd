"""A scenario, run once whole, and then once for each point at which the process can be killed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from aduan.service.model import RowState
from infra.local.whatsapp_exchange import Sent
from tests.between import Call, Lose, Pass, Rule, Verdict, passing
from tests.crashes.outcome import Outcome, Record, differences, office_key, outcome
from tests.crashes.process import Process
from tests.crashes.scenario import Request, Scenario
from tests.crashes.stage import Scene, Stage

_WENT_WELL = (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)
"""A task that must come again answers 503: that too is a run to its end."""


@dataclass(frozen=True)
class Point:
    """Before or after one outgoing call, counted from 1."""

    call: int
    after: bool

    def killing(self, process: Process) -> Rule:
        """Kills it there. A process that is dead calls nobody, whatever its threads had begun."""
        dead = False

        def rule(call: Call) -> Verdict:
            nonlocal dead
            if dead:
                return Lose()
            if call.number < self.call:
                return Pass()
            dead = True
            return Lose(answered=self.after, meanwhile=process.kill)

        return rule

    def named(self, calls: tuple[Call, ...]) -> str:
        """As a person finds it again."""
        return f"{'after' if self.after else 'before'} {calls[self.call - 1]}"


@dataclass
class Findings:
    """What the runs of a scenario showed. `second_copies`: points after which a message went out once more, rightly."""

    calls: tuple[Call, ...] = ()
    points: int = 0
    with_status: int = 0
    second_copies: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Enumeration:
    """All runs of one scenario on one stage."""

    stage: Stage
    scenario: Scenario
    scene: Scene
    request: Request
    known: tuple[str, ...]
    """The faults of the scene itself: an alarm that was lost and is not due yet."""

    @classmethod
    def of(cls, stage: Stage, scenario: Scenario) -> "Enumeration":
        """With the scene built and the request made: they are the same in each run."""
        scene, request = scenario.begin(stage)
        stage.set_back(scene)
        return cls(stage, scenario, scene, request, outcome(stage).faults)

    def findings(self) -> Findings:
        """Every point, one a run."""
        wanted = [self.whole()]
        findings = Findings(calls=tuple(self.stage.between.calls))
        if self.scenario.trouble is not None:  # it was over when the process was killed, and does not come again
            wanted.append(self.whole(troubled=False))
        for point in self._points(len(findings.calls)):
            findings.points += 1
            self._judge(point, findings, wanted)
        return findings

    def whole(self, *, troubled: bool = True) -> Outcome:
        """Nobody is killed: what comes of it then is what must come of it always."""
        process = self._set(troubled=troubled)
        try:
            status = self.request.send(self.stage.world.http, process.url)
        finally:
            process.kill()
        assert status in _WENT_WELL, f"{self.scenario}: {status}"
        if self.request.task is not None and status == HTTPStatus.OK:
            self.stage.queues.done(self.request.task)
        self._come_to_rest()
        return self._outcome()

    def killed(self, point: Point, *, recovers: bool = True, told_first: bool = False) -> tuple[Outcome, list[Sent]]:
        """Killed at a point; then the world does what it does. `told_first`: WhatsApp's status comes before all else.

        What comes of it, and what WhatsApp had taken over without our knowing it.
        """
        process = self._set(troubled=True)
        with self.stage.between.ruled(point.killing(process)):
            status = self.request.send(self.stage.world.http, process.url)
        process.kill()
        assert status is None, f"{self.scenario}: the point was not reached, and the answer was {status}"
        unnoted = self._unnoted()
        if told_first:
            self._report(unnoted)
        answered = self._recover() if recovers else HTTPStatus.OK
        found = self._outcome()
        if answered != HTTPStatus.OK:
            found = replace(found, faults=(f"at the second time the answer was {answered}", *found.faults))
        return found, unnoted

    def _recover(self) -> HTTPStatus | None:
        """The same comes again, as the world does it: a task by its queue, all else from whoever had no answer."""
        answered = HTTPStatus.OK if self.request.task is not None else self._again()
        self._come_to_rest()
        return answered

    def _again(self) -> HTTPStatus | None:
        return self.request.send(self.stage.world.http, self.stage.world.urls[self.request.target])

    def _set(self, *, troubled: bool) -> Process:
        self.stage.set_back(self.scene)
        if troubled and self.scenario.trouble is not None:
            self.scenario.trouble(self.stage.world)
        self.stage.between.clear()
        self.stage.between.rule = passing
        return self.stage.zygote.spawn(self.request.target, self.scene.now)

    def _points(self, calls: int) -> Iterator[Point]:
        for call in range(1, calls + 1):
            for after in (False, True):
                yield Point(call, after)

    def _judge(self, point: Point, findings: Findings, wanted: list[Outcome]) -> None:
        got, unnoted = self.killed(point)
        self._note(point.named(findings.calls), got, unnoted, findings, wanted)
        if unnoted:
            findings.with_status += 1
            told_first, _ = self.killed(point, told_first=True)
            self._note(f"{point.named(findings.calls)}, status first", told_first, [], findings, wanted)

    def _note(self, where: str, got: Outcome, unnoted: list[Sent], findings: Findings, wanted: list[Outcome]) -> None:
        callbacks = {sent.callback for sent in unnoted}
        copies = Counter((to, text) for row, to, text in set(got.told) if row in callbacks)
        wrongs = [differences(got, one, copies) for one in wanted]
        findings.second_copies += any((got.inboxes - one.inboxes) == copies != Counter() for one in wanted[:1])
        if all(wrongs):
            first = min(wrongs, key=len)
            findings.lost += any("never came" in line for line in first)
            findings.doubled += any("once more" in line for line in first)
            findings.wrong.append(f"{self.scenario}, {where}:\n    " + "\n    ".join(first))

    def _outcome(self) -> Outcome:
        return outcome(self.stage, self.known)

    def _unnoted(self) -> list[Sent]:
        """What WhatsApp took over, and the record does not say so."""
        if not self.stage.sent:
            return []
        rows = Record(self.stage.project.read(), office_key(self.stage)).rows
        under_way = {row.id for row in rows if row.state is RowState.SENDING}
        return [sent for sent in self.stage.sent if sent.callback in under_way]

    def _come_to_rest(self) -> None:
        """Everything happens that was set to happen, the sweep comes by, and every message arrives."""
        world = self.stage.world
        world.settle()
        world.advance(minutes=2)  # longer than an unknown outcome is waited for
        assert world.sweep().status_code == HTTPStatus.OK
        if self.scenario.trouble is not None:
            world.advance(minutes=1)  # what is refused then waits once more
        self._report(self.stage.sent)
        world.settle()

    def _report(self, sent: Sequence[Sent]) -> None:
        """WhatsApp says that these were delivered, in one webhook."""
        whatsapp = self.stage.world.whatsapp
        told = [whatsapp.status(one.id, "delivered", deliver=False) for one in sent]
        if told:
            assert whatsapp.post(whatsapp.batch(told)) == [HTTPStatus.OK]
