"""What would be wrong is seen to be wrong: each kind of damage that a crash could do, done on purpose."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.crashes.acts import scenario_of
from tests.crashes.everything import SCENARIOS
from tests.crashes.outcome import Outcome, differences, outcome
from tests.crashes.runs import Enumeration, Point
from tests.crashes.scenes import step_3
from tests.crashes.stage import Stage

NO_COPIES: Counter[tuple[str, str]] = Counter()
BY_NAME = {str(scenario): scenario for scenario in SCENARIOS}
FIRST = Point(call=1, after=False)


def wrongs_of(stage: Stage, name: str, point: Point, *, recovers: bool) -> str:
    """What is found wrong after a crash, and a recovery or none."""
    runs = Enumeration.of(stage, BY_NAME[name])
    wanted = runs.whole()
    got, _ = runs.killed(point, recovers=recovers)
    return "\n".join(differences(got, wanted, NO_COPIES))


def test_a_crash_without_a_recovery_is_seen_and_the_same_with_one_is_not(stage: Stage) -> None:
    for name in (
        "webhook TEXT first",
        "act settle",
        "check rung 1 of step 2",
        "send an answer",
        "sweep a lost message",
    ):
        assert wrongs_of(stage, name, FIRST, recovers=False), name
        assert not wrongs_of(stage, name, FIRST, recovers=True), name


def test_an_answer_whose_task_is_dropped_and_that_no_sweep_finds_is_seen_as_lost(stage: Stage) -> None:
    runs = Enumeration.of(stage, BY_NAME["send an answer"])
    wanted = runs.whole()
    got, _ = runs.killed(FIRST, recovers=False)
    stage.world.tasks.drop_all()
    stage.world.advance(minutes=5)
    assert "never came to" in "\n".join(differences(outcome(stage), wanted, NO_COPIES))
    assert stage.world.sweep().status_code == 200
    assert "never came to" not in "\n".join(differences(outcome(stage), wanted, NO_COPIES))
    assert "never came to" in "\n".join(differences(got, wanted, NO_COPIES))


def whole(stage: Stage) -> Outcome:
    return Enumeration.of(stage, BY_NAME["send an answer"]).whole()


def test_a_message_that_came_once_more_is_seen_unless_its_outcome_was_unknown(stage: Stage) -> None:
    wanted = whole(stage)
    (told,) = wanted.told
    for copies in (1, 2):
        got = replace(wanted, told=(told,) * (1 + copies))
        assert len(differences(got, wanted, NO_COPIES)) == copies
        assert len(differences(got, wanted, Counter([told[1:]]))) == copies - 1


def test_a_message_that_never_came_is_seen(stage: Stage) -> None:
    wanted = whole(stage)
    assert differences(replace(wanted, told=()), wanted, NO_COPIES)


# Damage to the record itself


Damage = Callable[[dict[str, Any]], object]


def damaged(stage: Stage, damage: Damage) -> tuple[str, ...]:
    """What is found in a record that was sound, and then was changed behind the program's back."""
    stage.set_back(stage.scene(step_3))
    assert outcome(stage).faults == ()
    documents = dict(stage.project.read())
    damage(documents)
    stage.project.restore(documents)
    return outcome(stage).faults


def event(documents: dict[str, Any], seq: int) -> str:
    (path,) = [path for path in documents if path.endswith(f"/events/{seq:06}")]
    return path


def changed_event(documents: dict[str, Any]) -> None:
    documents[event(documents, 1)].fields["actor"].string_value = "somebody else"


def changed_head(documents: dict[str, Any]) -> None:
    (head,) = [path for path in documents if path.startswith("complaints/") and path.count("/") == 1]
    documents[head].fields["unread"].integer_value = 7


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda documents: documents.pop(event(documents, 1)), "the events are not"),
        (lambda documents: documents.pop(event(documents, 2)), "the events are not"),
        (changed_event, "the chain is broken at event 1"),
        (changed_head, "not the sum of its events"),
    ],
)
def test_a_record_that_is_not_whole_is_seen(stage: Stage, damage: Damage, found: str) -> None:
    assert found in "\n".join(damaged(stage, damage))


def test_a_step_for_which_nothing_rings_is_seen(stage: Stage) -> None:
    stage.set_back(stage.scene(step_3))
    stage.world.tasks.drop_all()
    assert "nothing rings for rung" in "\n".join(outcome(stage).faults)


# What is added later


def test_an_act_that_no_scene_offers_fails_by_its_name(stage: Stage) -> None:
    with pytest.raises(AssertionError, match="no scene offers the act 'bribe'"):
        Enumeration.of(stage, scenario_of("bribe"))
