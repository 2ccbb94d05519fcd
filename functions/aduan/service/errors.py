"""What a use case may answer besides the procedure's own refusals."""


class Unknown(LookupError):  # noqa: N818 - named as the reader of a 404 would say it
    """No such complaint, row or person."""


class RequestReused(Exception):  # noqa: N818
    """This request id was used before for something else."""


class NotYet(Exception):  # noqa: N818
    """Cannot be finished now; the caller should try again later, and nothing was lost."""


class Unproven(Exception):  # noqa: N818
    """No valid proof of who calls. Says why, for the log, and never what was sent."""
