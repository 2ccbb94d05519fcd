"""`make run`: the whole office on this machine, until Ctrl-C."""

import os
import signal
import sys
import threading
from pathlib import Path

from infra.local.functions import FunctionFailure
from infra.local.prerequisites import MissingPrerequisite
from infra.local.stack import Stack, running

PASSED_ON = ("SECONDS_PER_MINUTE", "CALENDAR_FILE", "OFFICE_DIR")


def main() -> int:
    """Start, say where everything is, wait, and end it all."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    settings = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    try:
        with running(Path(os.environ.get("ADUAN_RUN_DIR", ".run")), settings) as stack:
            _announce(stack)
            ended.wait()
            print("\nMenyimpan data dan menutup semuanya …", flush=True)
    except (MissingPrerequisite, FunctionFailure) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _announce(stack: Stack) -> None:
    print(
        f"""
Aduan berjalan di komputer ini.

  Ponsel warga dan petugas   {stack.phone_url}
  Portal petugas             {stack.portal_url}
  Webhook WhatsApp           {stack.function_urls["whatsapp_webhook"]}
  Catatan program            {os.environ.get("ADUAN_RUN_DIR", ".run")}/logs

Ctrl-C menutup semuanya; data tersimpan. `make reset` mengosongkannya.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
