"""Why an act was refused. Each changes nothing, and says which step and act it was about."""


class ProcedureError(Exception):
    """Something the procedure does not allow. `detail` is for the person who tried, in Indonesian.

    `act` and `step` are what it was about; `decide` names them.
    """

    act: str | None = None
    step: int | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class WrongField(ProcedureError):
    """A field is missing or wrong. `fields` maps its name to what is wrong and what to do."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("Ada isian yang perlu diperbaiki.")
        self.fields = fields


class NeverAllowed(ProcedureError):
    """This role may never do this act, or this person may not (their own draft)."""


class NotNow(ProcedureError):
    """The act is not possible here and now: another step, status, holder or unit."""


class OutOfDate(NotNow):
    """The complaint moved on since the form was made."""
