"""`make check-office`: each problem with its line; where there is none, what the files say."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from aduan.procedure.office_file import OfficeFileError
from infra.office.files import OfficeFiles


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if the office can open, 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra.office", description="Check the files of an office.")
    parser.add_argument("folder", type=Path, help="with procedure.toml, calendar.toml and messages.toml")
    folder: Path = parser.parse_args(arguments).folder
    try:
        office = OfficeFiles.read(folder)
    except OfficeFileError as refused:
        print(refused, file=sys.stderr)
        return 1
    wrong = list(office.at_odds())
    for line in wrong or office.said(datetime.now(office.calendar.timezone).date()):
        print(line, file=sys.stderr if wrong else sys.stdout)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
