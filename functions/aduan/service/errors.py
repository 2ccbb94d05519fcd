"""What a use case may answer besides the procedure's own refusals."""


class Unknown(LookupError):
    """No such complaint, row or person."""


class RequestReused(Exception):
    """This request id was used before for something else."""


class NotYet(Exception):
    """Cannot be finished now; the caller should try again later, and nothing was lost."""


class Unproven(Exception):
    """No valid proof of who calls. Says why, for the log, and never what was sent."""
