"""The WhatsApp templates of `infra/whatsapp/templates.toml`, as the simulated WhatsApp takes them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent.parent / "whatsapp" / "templates.toml"


@dataclass(frozen=True)
class Templates:
    """By name: how many parameters and buttons, the body with its placeholders, the buttons' titles."""

    counts: dict[str, tuple[int, int]]
    bodies: dict[str, str]
    buttons: dict[str, list[str]]

    @classmethod
    def read(cls, file: Path = FILE) -> "Templates":
        data = tomllib.loads(file.read_text("utf-8"))
        bodies = {name: template["body"] for name, template in data.items()}
        buttons = {name: list(template["buttons"]) for name, template in data.items()}
        counts = {name: (len(set(re.findall(r"{{\d+}}", bodies[name]))), len(buttons[name])) for name in data}
        return cls(counts, bodies, buttons)
