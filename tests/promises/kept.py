"""The promises: the seven of the procedure's 'What is never allowed', what tries each, and how each could be broken.

A break is one small edit of the program. It is made in a copy of the tree, and the tests of its promise must go red: a
promise whose break nobody notices is held by nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ADUAN: Final = "functions/aduan"


@dataclass(frozen=True)
class Break:
    """`old` stands exactly once in `file`, and `new` in its place breaks the promise; `tests` must notice."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """`tests` are the files whose tests try it."""

    number: int
    words: str
    tests: tuple[str, ...]
    breaks: tuple[Break, ...]


KEPT: Final[Sequence[Promise]] = (
    Promise(
        1,
        "No complaint, message or note is lost before its term, whatever crashes, repeats or arrives out of order.",
        (
            "tests/crashes",
            "tests/model",
            "tests/end_to_end/test_messages_in.py",
            "tests/end_to_end/test_webhook_door.py",
            "tests/end_to_end/test_at_once.py",
            "tests/end_to_end/test_outages.py",
            "tests/end_to_end/test_channel_health.py",
            "tests/end_to_end/test_pictures_over_http.py",
            "tests/adapters/test_store_on_firestore.py",
        ),
        (
            Break(
                "Drop the precondition: whoever writes last wins.",
                f"{ADUAN}/adapters/firestore_commit.py",
                "return Replace(ref, document, mark) if isinstance(mark, datetime) else Create(ref, document)",
                "return Put(ref, document) if isinstance(mark, datetime) else Create(ref, document)",
                ("tests/adapters/test_store_on_firestore.py", "tests/end_to_end/test_at_once.py"),
            ),
            Break(
                "Answer 200 on a failed write.",
                f"{ADUAN}/handlers.py",
                'return _text("", 200 if _take(house, raw) else 500)',
                '_take(house, raw)\n    return _text("", 200)',
                ("tests/end_to_end/test_outages.py", "tests/end_to_end/test_webhook_door.py"),
            ),
            Break(
                "Keep no claim of a message: a repeat is news.",
                f"{ADUAN}/adapters/firestore_commit.py",
                "yield Create(Ref(MESSAGES, commit.message.id), sealed(commit.message, key, office_key))",
                "yield Put(Ref(MESSAGES, secrets.token_hex(8)), sealed(commit.message, key, office_key))",
                ("tests/end_to_end/test_messages_in.py",),
            ),
            Break(
                "Send before saving: hand a row over before it is marked.",
                f"{ADUAN}/service/sending.py",
                "accepted = self._hand_over(self._claim(job, now), address, now)",
                "self._send(row, address)\n        accepted = self._hand_over(self._claim(job, now), address, now)",
                ("tests/service/test_sending.py", "tests/end_to_end/test_failing_sends_over_http.py"),
            ),
            Break(
                "Forget the rows of the outbox that lost their task.",
                f"{ADUAN}/service/sweeping.py",
                "self.tasks.send([row.ref for row in due], not_before=now)",
                "pass",
                ("tests/end_to_end/test_sweep_over_http.py",),
            ),
        ),
    ),
    Promise(
        2,
        "No step stands past its deadline, and no wait past its limit, unnoticed for longer than the sweep's period.",
        (
            "tests/crashes",
            "tests/model",
            "tests/end_to_end/test_clocks_over_http.py",
            "tests/end_to_end/test_sweep_over_http.py",
            "tests/end_to_end/test_waits_and_vacancies_over_http.py",
            "tests/procedure/test_alarms.py",
            "tests/procedure/test_waiting.py",
        ),
        (
            Break(
                "Forget the alarm.",
                f"{ADUAN}/service/settling.py",
                "            self.tasks.set_alarm(complaint_id, alarm)\n",
                "            pass\n",
                ("tests/end_to_end/test_clocks_over_http.py",),
            ),
            Break(
                "Let the sweep ring nothing.",
                f"{ADUAN}/service/sweeping.py",
                "mended += self.checking.check(complaint.id, None)",
                "mended += False",
                ("tests/end_to_end/test_sweep_over_http.py",),
            ),
        ),
    ),
    Promise(
        3,
        "A breach is recorded, and its alert sent, once for one rung of one step.",
        (
            "tests/crashes",
            "tests/model",
            "tests/end_to_end/test_clocks_over_http.py",
            "tests/end_to_end/test_service_hours_over_http.py",
            "tests/procedure/test_alarms.py",
            "tests/procedure/test_alarms_in_office_hours.py",
            "tests/procedure/test_decide_properties.py",
        ),
        (
            Break(
                "Tell each rung twice.",
                f"{ADUAN}/procedure/alarms.py",
                "    course.tell(told, AlertReason.STEP_LATE)\n",
                "    course.tell(told, AlertReason.STEP_LATE)\n    course.tell(told, AlertReason.STEP_LATE)\n",
                ("tests/procedure/test_alarms.py", "tests/end_to_end/test_clocks_over_http.py"),
            ),
            Break(
                "Record a breach again at each rung.",
                f"{ADUAN}/procedure/course.py",
                "if any(breach.entry == entry for breach in self.complaint.breaches):",
                "if False:",
                ("tests/procedure/test_alarms.py",),
            ),
            Break(
                "Record no breach of a late act that comes before its check.",
                f"{ADUAN}/procedure/course.py",
                "if self.complaint.step is None or due is None or at <= due:",
                "if True:",
                ("tests/procedure/test_alarms.py", "tests/procedure/test_the_three_ways.py"),
            ),
        ),
    ),
    Promise(
        4,
        "A check for a step that has moved on changes nothing.",
        ("tests/crashes", "tests/model", "tests/procedure/test_alarms.py", "tests/end_to_end/test_clocks_over_http.py"),
        (
            Break(
                "Believe every alarm.",
                f"{ADUAN}/procedure/alarms.py",
                "    return complaint.step is None or alarm.entry != complaint.entry",
                "    return False",
                ("tests/procedure/test_alarms.py", "tests/end_to_end/test_clocks_over_http.py"),
            ),
        ),
    ),
    Promise(
        5,
        "Nobody acts whose role may not; nothing is closed without its approval.",
        (
            "tests/model",
            "tests/procedure/test_permissions.py",
            "tests/end_to_end/test_refusals.py",
            "tests/portal/test_refusals.py",
            "tests/portal/test_nobody_comes_in_unproven.py",
        ),
        (
            Break(
                "Ask nobody's role.",
                f"{ADUAN}/procedure/permission.py",
                "    if not _ever(procedure, act.name, rule, actor):",
                "    if False and not _ever(procedure, act.name, rule, actor):",
                ("tests/procedure/test_permissions.py",),
            ),
            Break(
                "Close what was delivered, approved or not.",
                f"{ADUAN}/procedure/complainant_acts.py",
                "    if course.complaint.approved is not None:\n",
                "    if True:\n",
                ("tests/procedure/test_the_three_ways.py",),
            ),
            Break(
                "Let people approve their own drafts.",
                f"{ADUAN}/procedure/permission.py",
                "return act.name is ActName.APPROVE and own_draft",
                "return False and own_draft",
                ("tests/procedure/test_permissions.py",),
            ),
        ),
    ),
    Promise(
        6,
        "No event is changed or removed after it was written.",
        (
            "tests/infra_record",
            "tests/crashes",
            "tests/model",
            "tests/adapters/test_store_on_firestore.py",
            "tests/end_to_end/test_what_is_stored.py",
        ),
        (
            Break(
                "Leave the notes out of the hash.",
                f"{ADUAN}/adapters/firestore_record.py",
                'if name != "hash"}',
                'if name not in ("hash", "note")}',
                ("tests/infra_record", "tests/adapters/test_store_on_firestore.py"),
            ),
            Break(
                "Chain no event to the one before it.",
                f"{ADUAN}/adapters/firestore_record.py",
                'chained_here = document.get("seq") == seq and document.get("previous") == previous',
                'chained_here = document.get("seq") == seq',
                ("tests/infra_record", "tests/adapters/test_store_on_firestore.py"),
            ),
        ),
    ),
    Promise(
        7,
        "No NIK, KK number or phone number stands in full in a log, an alert, a list or a URL.",
        (
            "tests/end_to_end/test_what_is_stored.py",
            "tests/service/test_masking.py",
            "tests/portal/test_lists.py",
            "tests/portal/test_pages.py",
            "tests/adapters/test_whatsapp_failures.py",
        ),
        (
            Break(
                "Mask nothing.",
                f"{ADUAN}/service/masking.py",
                "return _replaced(text, lambda _, digits: _hidden(digits))",
                "return text",
                ("tests/service/test_masking.py", "tests/portal/test_lists.py"),
            ),
            Break(
                "Store what a citizen wrote as it is.",
                f"{ADUAN}/adapters/sealing.py",
                "return _TEXT + _encrypted(self._cipher, plain.encode(), _TEXT)",
                "return plain",
                ("tests/end_to_end/test_what_is_stored.py", "tests/adapters/test_sealing.py"),
            ),
        ),
    ),
)
