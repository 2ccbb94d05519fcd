"""What the tests of this folder could and could not check, for the end of the run."""

from dataclasses import dataclass, field


@dataclass
class Notes:
    """Lines for the summary."""

    lines: list[str] = field(default_factory=list)

    def checked(self, what: str) -> None:
        """This was checked, whole."""
        self.lines.append(f"checked: {what}")

    def not_checked(self, what: str) -> None:
        """This could not be checked here."""
        self.lines.append(f"NOT CHECKED: {what}")
