"""The page: each promise, what tried it, what was lost or doubled, who notices its break; and the runs' figures."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.promises.guarded import second_part
from tests.promises.kept import KEPT
from tests.promises.words import NOUGHT, count

TOP: Final = Path(__file__).resolve().parents[2]
PAGE: Final = TOP / "tests" / "PROMISES.md"
FIGURES: Final = Path(__file__).with_name("figures.json")

Figures = Mapping[str, Any]
"""By run: `crashes`, `model`, `load`, `batch`, `mutation`, `breaks`, the second part's; `cases`: tests by promise."""


def counted() -> dict[str, int]:
    """How many tests try each promise, as pytest collects them."""
    files = sorted({file for promise in KEPT for file in promise.tests})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *files]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
    tests = [line for line in done.stdout.splitlines() if "::" in line]
    return {str(p.number): sum(test.startswith(p.tests) for test in tests) for p in KEPT}


def page(figures: Figures) -> str:
    """The whole of it, in Markdown."""
    return "\n".join(
        [
            "# Promises",
            "",
            "What the program never does, and how that is known. Made by `make promises` from the runs themselves: do",
            "not edit. `make test` counts the tests and the crash points again and compares.",
            "",
            f"On {figures['cores']} cores:",
            "",
            *_dates(figures["when"]),
            "",
            "## Nothing lost, nothing twice",
            "",
            *_promises(figures),
            "",
            "### Broken once, to see who notices",
            "",
            "Each line is an edit of the program, made in a copy; the tests that went red are its proof.",
            "",
            *_breaks(figures),
            "",
            "### The runs",
            "",
            *_crashes(figures["crashes"]),
            *_model(figures.get("model")),
            *_load(figures.get("load")),
            *_batch(figures.get("batch")),
            *_mutation(figures.get("mutation", {})),
            "## Nobody in who should not be, nothing told that should not be",
            "",
            "Against whom, and what remains: [`infra/threats.md`](../infra/threats.md).",
            "",
            *second_part(figures),
            "",
        ]
    )


def _dates(when: Mapping[str, str]) -> Iterator[str]:
    for day in dict.fromkeys(when.values()):
        runs = ", ".join(run.replace("_", " ") for run, of in when.items() if of == day)
        yield f"- measured on {day}: {runs}"


def _promises(figures: Figures) -> Iterator[str]:
    yield "| no | promise | tests | lost or doubled | shown by |"
    yield "|---|---|---|---|---|"
    lost = figures["crashes"]["lost"] + figures["crashes"]["doubled"]
    for promise in KEPT:
        shown = "<br>".join(f"`{file}`" for file in promise.tests)
        cases = figures["cases"][str(promise.number)]
        yield f"| {promise.number} | {promise.words} | {cases} | {count(lost)} | `make test`:<br>{shown} |"


def _breaks(figures: Figures) -> Iterator[str]:
    yield "| promise | the break | first red tests |"
    yield "|---|---|---|"
    for promise in KEPT:
        for how in promise.breaks:
            red = figures["breaks"][how.what]
            named = "<br>".join(f"`{test.partition('::')[2].replace('|', '/')}`" for test in red[:2])
            yield f"| {promise.number} | {how.what} | {named or '**nobody noticed**'} |"


def _crashes(crashes: Mapping[str, Any]) -> Iterator[str]:
    by = ", ".join(f"{kind} {row['points']} in {row['scenarios']}" for kind, row in crashes["by"].items())
    yield (
        f"**Crashes** (`pytest tests/crashes`): {crashes['crash_points']} points in {crashes['scenarios']} scenarios, "
        f"the process killed before and after each outgoing call, one a run ({by}). "
        f"Lost: {count(crashes['lost'])}; doubled: {count(crashes['doubled'])}. "
        f"Of {crashes['with_status']} points between WhatsApp's acceptance and our note, {crashes['second_copies']} "
        "led to the one more copy that is allowed, and none where a status came first."
    )
    yield ""


def _model(model: Mapping[str, Any] | None) -> Iterator[str]:
    if model is None:
        yield "**The model** (`make test-long`): not measured yet."
    else:
        yield (
            f"**The model** (`make test-long`): {model['steps']:,} steps in {model['examples']} lives of an office, "
            f"beside the real repository. Lost: {count(model['lost'])}; doubled: {count(model['doubled'])}."
        )
    yield ""


def _load(load: Mapping[str, Any] | None) -> Iterator[str]:
    if load is None:
        yield "**Load** (`make load`): not measured yet."
    else:
        late, webhooks = load["lateness_seconds"], load["webhook_seconds"]
        yield (
            f"**Load** (`make load`): {load['complaints']} complaints in {load['came_in_seconds']:.0f} s through all "
            f"steps, a minute of one second, every third step left to run over, on {load['cores']} cores with every "
            f"emulator on them. {load['closed']} closed, {load['unfinished']} unfinished after "
            f"{load['seconds_until_rest']:.0f} s; {load['breaches']} breaches, {load['breaches_planned']} of them "
            f"planned. A check fired late by p50 {late['p50']} s, p95 {late['p95']} s, at most {late['max']} s. "
            f"Webhooks answered in p50 {webhooks['p50']} s, p95 {webhooks['p95']} s. "
            f"Wrong: {'; '.join(load['wrong']) or NOUGHT}."
        )
    yield ""


def _batch(batch: Mapping[str, Any] | None) -> Iterator[str]:
    if batch is None:
        yield "**A batch** (`make load`): not measured yet."
    else:
        yield (
            f"**A batch of {batch['updates']:,} updates** (`make load`), beside the "
            f"{batch['seconds_that_meta_gives']:.0f} s that Meta gives, with Firestore:"
        )
        yield ""
        for each in batch["measured"]:
            kept = "everything kept, nothing twice" if each["whole"] else f"**not whole**: {each['kept']}"
            yield f"- {each['where']}: {each['first']:.1f} s, and {each['again']:.1f} s when it comes again; {kept}."
    yield ""


def _mutation(mutation: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterator[str]:
    """Both parts, each tried as a whole: what is inside of functions, and what is not."""
    for name, least in (("procedure", 95), ("service", 85)):
        if {"inside", "outside"} <= mutation.get(name, {}).keys():
            parts = mutation[name].values()
            mutants, killed, timeouts = (
                sum(part[what] for part in parts) for what in ("mutants", "killed", "timeouts")
            )
            told = f"{killed:,} of {mutants:,} killed: {100 * killed / mutants:.1f} % ({timeouts} ran out of time)"
        else:
            told = "not measured yet"
        yield f"**Mutation of `{name}/`** (`make mutation`), {least} % wanted: {told}."
        yield ""
