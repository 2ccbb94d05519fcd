"""The WhatsApp templates of `infra/whatsapp/templates.toml`, as the simulated WhatsApp takes them."""

from dataclasses import dataclass

from infra.whatsapp.templates_file import read_templates


@dataclass(frozen=True)
class Templates:
    """By name: how many parameters and buttons, the body with its placeholders, the buttons' titles."""

    counts: dict[str, tuple[int, int]]
    bodies: dict[str, str]
    buttons: dict[str, list[str]]

    @classmethod
    def read(cls) -> "Templates":
        data = read_templates()
        counts = {name: (template.parameters, len(template.buttons)) for name, template in data.items()}
        bodies = {name: template.body for name, template in data.items()}
        return cls(counts, bodies, {name: template.buttons for name, template in data.items()})
