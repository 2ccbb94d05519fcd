"""`python3 -m infra.release deploy|smoke|move`, with what it needs in the environment (cloudbuild.yaml)."""

import os
import sys
from collections.abc import Mapping

from infra.release.gcloud import Gcloud, GcloudFailed
from infra.release.services import NoCandidate
from infra.release.steps import Knowledge, deploy, move, smoke

WELL, WRONG, MISUSED = 0, 1, 2


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Do one step; 1 if something is wrong, 2 if it could not be understood."""
    try:
        return _step(arguments, environment)
    except KeyError as missing:
        print(f"{missing.args[0]} is missing in the environment", file=sys.stderr)
        return MISUSED
    except (GcloudFailed, NoCandidate) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return WRONG


def _step(arguments: list[str], environment: Mapping[str, str]) -> int:
    gcloud = Gcloud(environment["REGION"])
    step = arguments[0] if len(arguments) == 1 else ""
    if step == "deploy":
        deploy(gcloud, environment["BUILD_ACCOUNT"])
        return WELL
    tries = {"smoke": smoke, "move": move}
    if step not in tries:
        print(__doc__, file=sys.stderr)
        return MISUSED
    wrong = tries[step](gcloud, _knowledge(environment), lambda line: print(line, flush=True))
    return WRONG if wrong else WELL


def _knowledge(environment: Mapping[str, str]) -> Knowledge:
    return Knowledge(
        app_secret=environment["WHATSAPP_APP_SECRET"],
        verify_token=environment["WHATSAPP_VERIFY_TOKEN"].strip(),  # as the function reads it
        phone_number_id=environment["WHATSAPP_PHONE_NUMBER_ID"],
        test_number=environment["TEST_NUMBER"],
        name=environment["BUILD_ID"],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
