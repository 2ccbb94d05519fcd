"""`make run`: the whole office on this machine, until Ctrl-C."""

import fcntl
import os
import signal
import sys
import threading
from pathlib import Path

from aduan.procedure.office_file import OfficeFileError
from infra.local.functions import FunctionFailure
from infra.local.prerequisites import MissingPrerequisite
from infra.local.stack import Stack, running

PASSED_ON = ("SECONDS_PER_MINUTE", "CALENDAR_FILE", "OFFICE_DIR")


def main() -> int:
    """Start, say where everything is, wait, and end it all."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    folder = Path(os.environ.get("ADUAN_RUN_DIR", ".run"))
    if not _alone(folder):
        print(f"Aduan sudah berjalan di komputer ini (data di {folder}).", file=sys.stderr)
        return 1
    settings = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    try:
        with running(folder, settings) as stack:
            _announce(stack)
            ended.wait()
            print("\nMenyimpan data dan menutup semuanya …", flush=True)
    except (MissingPrerequisite, FunctionFailure, OfficeFileError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _alone(folder: Path) -> bool:
    """Hold the folder for this process's life: two offices must not write into one."""
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)  # closed, and so released, by the process's end
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
