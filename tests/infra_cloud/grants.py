"""What Terraform grants, each rule spread out over what it is repeated for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.infra_cloud.hcl import Block, local, resources
from tests.infra_cloud.needs import KMS_SETTING, Grant

_TARGETS: Final = ("service_account_id", "secret_id", "crypto_key_id", "bucket", "repository", "cloud_run_service_name")
"""The attributes that name what a rule is on; a queue, or a service, is named by `name`."""

_REFERENCE: Final = re.compile(r"\$\{(?P<address>[a-z0-9_]+\.[a-z_]+)(?:\[(?P<key>[^\]]+)\])?\.(?:name|id|member)\}")


@dataclass(frozen=True)
class Each:
    """One turn of a `for_each`."""

    key: str = ""
    value: dict[str, str] = field(default_factory=dict)

    def says(self, expression: str) -> str:
        """An index, or a whole value, that may stand for this turn."""
        if expression == "each.key":
            return self.key
        name = expression.removeprefix("each.value.")
        return self.value[name] if name != expression else expression.strip('"')


def granted() -> list[Grant]:
    """Every right that is given to anybody."""
    rules = [(kind, block) for (kind, _), block in resources().items() if is_rule(kind)]
    assert rules
    return [_grant(kind, block, each) for kind, block in rules for each in turns(block.get("for_each"))]


def is_rule(kind: str) -> bool:
    """Whether a resource gives a right to somebody, or takes all others' away (a policy, a binding)."""
    return "_iam_" in kind and not kind.endswith(("_audit_config", "_custom_role"))


def turns(for_each: Any) -> Iterator[Each]:
    """What a `for_each` of these files goes through."""
    if for_each is None:
        yield Each()
        return
    if for_each == "${var.staff_members}":
        yield Each("var.staff_members")
    elif literal := re.fullmatch(r"\$\{toset\(\[(.*)\]\)\}", for_each) if " for " not in for_each else None:
        yield from (Each(part) for part in re.findall(r'"([^"]+)"', literal[1]))
    else:
        yield from _of_locals(for_each.removeprefix("${local.").removesuffix("}"))


def _of_locals(name: str) -> Iterator[Each]:
    functions = local("functions")
    secrets = local("secrets")
    if name in {"functions", "queues"}:
        yield from (Each(key) for key in local(name))
    elif name == "asks":
        for target, function in functions.items():
            yield from (Each(value={"target": target, "queue": queue}) for queue in function["asks"])
    elif name == "reads":
        for target, function in functions.items():
            yield from (Each(value={"target": target, "secret": s}) for s in function["settings"] if s in secrets)
    elif name == "unwraps":
        yield from (Each(target) for target, function in functions.items() if KMS_SETTING in function["settings"])
    else:
        raise LookupError(f"no turns are known for {name}")


def _grant(kind: str, block: Block, each: Each) -> Grant:
    on = next((block[name] for name in _TARGETS if name in block), block.get("name"))
    role = block["role"]
    return Grant(
        who=_who(block["member"], each),
        role=each.key if role == "${each.key}" else role,
        on="project" if kind == "google_project_iam_member" else _address(on, each),
    )


def _who(member: str, each: Each) -> str:
    if member == "${each.key}":
        return each.key
    return _address(member, each) if member.startswith("${") else member


def _address(text: Any, each: Each) -> str:
    match = _REFERENCE.fullmatch(text)
    assert match, f"not an address: {text}"
    return match["address"] + (f"[{each.says(match['key'])}]" if match["key"] else "")
