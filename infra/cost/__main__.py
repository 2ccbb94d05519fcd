"""`python -m infra.cost`: write `infra/cost.md`. `python -m infra.cost check`: is it what the data make?"""

import argparse
import sys
from collections.abc import Sequence

from infra.cost.data import read
from infra.cost.page import PAGE, markdown


def main(arguments: Sequence[str]) -> int:
    """1 where the page has drifted."""
    parser = argparse.ArgumentParser(prog="python -m infra.cost", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("write", "check"), default="write")
    chosen = parser.parse_args(arguments)
    page = markdown(read())
    if chosen.what == "write":
        PAGE.write_text(page, "utf-8")
        print(f"wrote {PAGE.name}")
        return 0
    if PAGE.read_text("utf-8") == page:
        return 0
    print(f"{PAGE.name} has drifted: make cost")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
