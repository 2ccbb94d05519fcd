"""What a technician is told to type is there: targets, folders, anchors, gcloud's own words, outputs, names of secrets.

The words of gcloud were held against the help of its release 528.0.0 by hand; the table below is what that allows.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aduan.adapters import firestore_queries as queries
from tests.architecture.tree import TOP

PAGES = tuple(TOP / "infra" / page for page in ("runbook.md", "README.md", "terraform/README.md", "record/README.md"))
RUNBOOK = PAGES[0].read_text("utf-8")
MAKEFILE = (TOP / "Makefile").read_text("utf-8")
TERRAFORM = "\n".join(file.read_text("utf-8") for file in sorted((TOP / "infra" / "terraform").glob("*.tf")))

GCLOUD = {
    "auth application-default login": "",
    "auth print-access-token": "",
    "builds submit": "--config --ignore-file --gcs-source-staging-dir --substitutions",
    "config set project": "",
    "firestore backups list": "--location",
    "firestore bulk-delete": "--collection-ids",
    "firestore databases restore": "--source-backup --destination-database",
    "firestore export": "--database",
    "firestore import": "",
    "kms encrypt": "--key --plaintext-file --ciphertext-file",
    "logging read": "--freshness --limit --format",
    "run revisions list": "--service --region --limit",
    "run services describe": "--region --format",
    "run services update": "--region --no-traffic --revision-suffix --ingress",
    "run services update-traffic": "--region --to-revisions",
    "scheduler jobs pause": "--location",
    "scheduler jobs resume": "--location",
    "scheduler jobs run": "--location",
    "secrets versions access": "--secret",
    "secrets versions add": "--data-file",
    "secrets versions disable": "--secret",
    "secrets versions list": "",
    "storage buckets create": "--location --uniform-bucket-level-access --public-access-prevention",
    "storage buckets update": "--versioning",
    "tasks queues describe": "--location",
    "tasks queues pause": "--location",
    "tasks queues resume": "--location",
}
"""Each command that a page may name, and the flags that it may be given."""

REGIONAL = ("run ", "tasks ", "scheduler ", "firestore backups")
"""What must be told where, by --region or --location."""


def typed(page: str) -> Iterator[str]:
    """What a page says is to be typed, line by line: its shell blocks, and what stands between backticks."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    for block in blocks:
        yield from re.sub(r"\\\n\s*", "", block).splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL))


def commands(line: str) -> list[str]:
    """The commands of gcloud in a line."""
    longest_first = sorted(GCLOUD, key=len, reverse=True)
    said = (words.replace(")", " ").strip() for words in re.findall(r"\bgcloud ((?:[a-z][a-z-]*[ )]?)+)", line))
    return [next((known for known in longest_first if f"{words} ".startswith(f"{known} ")), words) for words in said]


LINES = [(page.parent.name, line) for page in PAGES for line in typed(page.read_text("utf-8"))]
CLOUD = [line for _, line in LINES if commands(line)]


@pytest.mark.parametrize("line", CLOUD)
def test_what_gcloud_is_told_is_in_its_own_words(line: str) -> None:
    said = commands(line)
    assert [one for one in said if one not in GCLOUD] == []
    allowed = " ".join(GCLOUD[one] for one in said).split()
    assert [flag for flag in re.findall(r"(?<![\w-])--[a-z-]+", line) if flag not in allowed] == []
    if any(one.startswith(REGIONAL) for one in said):
        assert re.search(r"--(?:region|location) (?:\$R|asia)", line)


def test_a_word_that_gcloud_does_not_know_is_seen() -> None:
    assert commands("x=$(gcloud auth print-access-token) && gcloud queues resume messages") == [
        "auth print-access-token",
        "queues resume messages",
    ]
    assert len(CLOUD) > 30
    assert set(GCLOUD) == {one for line in CLOUD for one in commands(line)}


def test_what_make_is_told_is_a_target_with_a_variable_that_it_reads() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    told = [(one[0], one[1]) for _, line in LINES for one in re.findall(r"\bmake ([a-z-]+)((?: [A-Z]+=\S*)*)", line)]
    assert {target for target, _ in told} <= targets
    given = {name for _, settings in told for name in re.findall(r"([A-Z]+)=", settings)}
    assert given <= set(re.findall(r"\$\(([A-Z]+)\)", MAKEFILE))
    assert len(told) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text("utf-8"))
    for file, anchor in links:
        if file.startswith("http"):
            continue
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{file}#{anchor}"
    assert links


def anchors(page: str) -> set[str]:
    """The headings of a page, as they are linked to."""
    return {
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    }


def test_every_file_that_is_named_is_there() -> None:
    beside = (TOP, TOP / "infra", TOP / "tests" / "end_to_end")
    named = {line for line in re.findall(r"`([^`\s]+)`", RUNBOOK) if re.fullmatch(r"[\w./-]+(?:\.\w+|/)", line)}
    lost = {name for name in named if not any((folder / name).exists() for folder in beside)}
    of_an_office, made = {"procedure.toml", "calendar.toml", "messages.toml"}, {".terraform.lock.hcl"}
    assert lost == {*of_an_office, *made, "infra/terraform/terraform.tfvars", "jsonPayload.message"}
    assert len(named) > 10


def test_outputs_secrets_queues_services_and_variables_are_terraforms() -> None:
    block = {kind: set(re.findall(rf'^{kind} "(\w+)"', TERRAFORM, re.MULTILINE)) for kind in ("output", "variable")}
    assert set(re.findall(r"terraform output (?:-raw )?(\w+)", RUNBOOK)) <= block["output"]
    secrets = set(re.findall(r'^    [A-Z_]+ += "([a-z-]+)"$', TERRAFORM, re.MULTILINE))
    asked = r"(?:versions (?:add|list)|--secret|`secret) ([a-z][a-z-]+)"
    assert set(re.findall(asked, RUNBOOK)) - {"versions"} == secrets
    queues_there = set(re.findall(r'name += "([a-z-]+)"\n\s+per_second', TERRAFORM))
    told = set(re.findall(r"tasks queues \w+ ([a-z-]+)", RUNBOOK))
    (looped,) = set(re.findall(r"for queue in ([a-z -]+);", RUNBOOK))
    assert told | set(looped.split()) == queues_there
    targets = re.findall(r"^    (\w+) = \{\n\s+ingress", TERRAFORM, re.MULTILINE)
    services = {target.replace("_", "-") for target in targets}
    assert set(re.findall(r"services (?:update|describe|update-traffic) ([a-z-]+)", RUNBOOK)) <= services
    moved = re.search(r"of a new clone: (.+?); then", RUNBOOK, re.DOTALL)
    assert moved
    assert set(re.findall(r"`(\w+)[`\s]", moved[1])) <= block["variable"]


def test_before_a_record_is_brought_back_all_of_it_is_emptied() -> None:
    (named,) = re.findall(r"--collection-ids \\\s+([a-z_,]+)", RUNBOOK)
    collections = (getattr(queries, name) for name in vars(queries) if name.isupper() and not name.startswith("_"))
    known = {name for name in collections if isinstance(name, str) and name.isidentifier()}
    assert set(named.split(",")) == known | {"events"}
