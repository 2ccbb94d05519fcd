"""`infra/observing.md` shows lines as the code writes them, and explains each word that it names."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from werkzeug.datastructures import Headers

from aduan import logs
from tests.architecture.tree import TOP
from tests.infra_cloud.test_the_watch import logged

PAGE = (TOP / "infra" / "observing.md").read_text("utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
THERE = {
    "GOOGLE_CLOUD_PROJECT": "disdukcapil-contoh",
    "K_SERVICE": "whatsapp-webhook",
    "K_REVISION": "whatsapp-webhook-00042-abc",
}
WRITTEN = "Siti 3402014107900001"
TRACEPARENT = "00-4bf94bf94bf94bf94bf94bf94bf94bf9-00f000f000f000f0-01"


def written(function: str, level: str, message: str, error: Exception | None = None, **about: Any) -> dict[str, Any]:
    """A line, as a function in the cloud writes it."""
    out = io.StringIO()
    log = structlog.wrap_logger(structlog.PrintLogger(out), processors=logs.processors(THERE))
    logs.of_request(function, Headers({"traceparent": TRACEPARENT}))
    getattr(log, level)(message, **about, **({"exc_info": error} if error else {}))
    structlog.contextvars.clear_contextvars()
    line: dict[str, Any] = json.loads(out.getvalue())
    return line


def raised(call: Callable[[], object]) -> Exception:
    """The error of a call, as it was caught."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the call raises
        call()
    return caught.value


def lost() -> None:
    raise ConnectionError(WRITTEN)  # a stack shows this line, and not what the name stands for


def lost_while_looking() -> None:
    try:
        int(WRITTEN)
    except ValueError as first:
        raise RuntimeError(WRITTEN) from first


def as_written(example: dict[str, Any], *places: str) -> dict[str, Any]:
    return {name: value for name, value in example.items() if name not in places}


def test_the_line_is_one_that_the_code_writes_field_by_field() -> None:
    (line, _) = EXAMPLES
    about = {name: line[name] for name in ("type", "seq", "step", "role")}
    code = written("staff_portal", "info", "recorded", complaint="261124-7K3QX", **about)
    assert as_written(code, "time") == as_written(line, "time")


def test_the_error_is_one_that_the_code_writes_field_by_field() -> None:
    (_, error) = EXAMPLES
    about = {"complaint": "261124-7K3QX", "at": error["at"]}
    code = written("whatsapp_webhook", "error", "alarm_left_to_the_sweep", raised(lost), **about)
    assert as_written(code, "time", "stack_trace") == as_written(error, "time", "stack_trace")
    first, *_, last = code["stack_trace"].splitlines()
    shown = error["stack_trace"].splitlines()
    assert (first, last) == (shown[0], shown[-1])
    assert "Siti" not in str(code)


def test_each_field_of_every_line_is_explained() -> None:
    explained = set(re.findall(r"^\| `([\w./@]+)` \|", PAGE, re.MULTILINE))
    about = {"type", "seq", "step", "role"}
    assert EXAMPLES[0].keys() - about == explained & EXAMPLES[0].keys()


def test_each_word_that_the_page_explains_is_written_by_the_code() -> None:
    table = PAGE[PAGE.index("| `message` | one line") : PAGE.index("The record is the truth")]
    words = set(re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines()[2:] if row)))
    extra = {"library_said"}  # by another name than `log`
    assert len(words) > 10
    assert words - extra <= logged()


def test_the_decision_that_the_page_names_is_there() -> None:
    assert all((TOP / "infra" / path).is_file() for path in re.findall(r"\((decisions/[^)]+)\)", PAGE))


# The stack


def test_a_stack_is_told_as_python_tells_it_so_that_error_reporting_reads_it() -> None:
    lines = written("sweep", "error", "failed", raised(lost_while_looking))["stack_trace"].splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "Traceback (most recent call last):",
        "ValueError",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        "RuntimeError",
    ]


def test_an_id_of_digits_alone_is_hidden_nowhere() -> None:
    digits = "12345678901234567890123456789012"
    logs.of_request("sweep", Headers({"traceparent": f"00-{digits}-1234567890123456-01"}))
    out = io.StringIO()
    structlog.wrap_logger(structlog.PrintLogger(out), processors=logs.processors(THERE)).info("swept", said=digits[:16])
    structlog.contextvars.clear_contextvars()
    line = json.loads(out.getvalue())
    assert line["logging.googleapis.com/trace"].endswith(digits)
    assert line["logging.googleapis.com/spanId"] == "1234567890123456"
    assert line["said"] != digits[:16]


def test_what_is_no_complaints_number_is_not_written_as_one() -> None:
    for given, shown in (("261124-7K3QX", True), ("D-261124-7K3QX", True), ("adu-261124-7k3qx", True), ("Siti", False)):
        line = written("staff_portal", "info", "recorded", complaint=given)
        assert line.get("complaint") == ("ADU-261124-7K3QX" if shown else None)
