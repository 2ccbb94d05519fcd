"""Each event of the record is one line of the log, and an act that was refused is none."""

from collections import Counter
from datetime import timedelta

from structlog.testing import capture_logs

from tests.end_to_end.scenes import ANSWER, NOTE, submitted
from tests.end_to_end.world import ADMIN, KASI, World


def test_a_whole_complaint_leaves_just_one_line_for_each_event_of_its_record(world: World) -> None:
    with capture_logs() as logs:
        number = submitted(world)
        world.did(number, "receive", ADMIN)
        world.advance(minutes=31)  # step 3 runs over, and escalates
        world.did(number, "take_over", KASI)
        world.did(number, "respond", KASI, note=NOTE, answer=ANSWER)
        assert world.act(number, "verify", KASI, note=NOTE).status_code == 409
        world.did(number, "answer", ADMIN, answer=ANSWER)
        world.advance(minutes=1)
    told = [(line["complaint"], line["seq"], line["type"]) for line in logs if line["event"] == "recorded"]
    record = world.complaint(number)["events"]
    mine = number.removeprefix("ADU-")
    assert sorted(told) == sorted((mine, event["seq"], event["type"]) for event in record)
    assert {"submitted", "received", "escalated", "responded", "answered", "delivered"} <= {kind for _, _, kind in told}


def test_each_message_each_alarm_and_each_sweep_leaves_a_line_of_its_own(world: World) -> None:
    with capture_logs() as logs:
        submitted(world)
        world.advance(minutes=11)
        world.clock.now += timedelta(minutes=1)
        world.sweep()
    said = Counter(line["event"] for line in logs)
    assert said["message_sent"] == len(world.whatsapp.sent)
    assert said["checked"] >= 1
    assert said["swept"] == 1


def test_what_nobody_foresaw_is_one_line_and_a_500_that_says_nothing(world: World) -> None:
    number = submitted(world)
    vars(world.house)["checking"] = None
    with capture_logs() as logs:
        token = world.identity.mint_oidc("tasks@office.test", world.urls["sla_check"])
        (alarm,) = world.tasks.pending("sla-checks")
        answer = world.call("sla_check", alarm.body, token)
    assert (answer.status_code, "Traceback" in answer.text, number in answer.text) == (500, False, False)
    assert [(line["event"], line["log_level"], bool(line["exc_info"])) for line in logs] == [("failed", "error", True)]
