"""How busy each program was that a measurement started: seconds of processor time, read off the system."""

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Fields of a process's `stat`, after its name."""


def processor_seconds() -> dict[str, float]:
    """By program, of this process and all that came of it; empty where the system does not tell."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for process in (int(entry.name) for entry in _PROCESSES.glob("[0-9]*")):
        try:
            fields = (_PROCESSES / str(process) / "stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        parents[process] = int(fields[_PARENT])
        spent[process] = (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")
    by_program: dict[str, float] = defaultdict(float)
    for process in parents:
        if _is_ours(process, parents):
            by_program[_name(process)] += spent[process]
    return dict(by_program)


def _is_ours(process: int, parents: dict[int, int]) -> bool:
    while process and process != os.getpid():
        process = parents.get(process, 0)
    return bool(process)


def _name(process: int) -> str:
    if process == os.getpid():
        return "citizens, staff, WhatsApp and Cloud Tasks"
    try:
        command = (_PROCESSES / str(process) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "ended"
    if "--target" in command:
        return command[command.index("--target") + 1]
    return "Firestore's emulator" if any("firestore" in part for part in command) else Path(command[0]).name
