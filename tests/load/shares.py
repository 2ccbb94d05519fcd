"""How busy each program was that a measurement started: seconds of processor time, read off the system."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    for process, seconds in spent.items():
        if os.getpid() in (line := _line(process, parents)):
            by_program[_name(line)] += seconds
    return dict(by_program)


def _line(process: int, parents: Mapping[int, int]) -> list[int]:
    """The process, what started it, and so on."""
    line = [process]
    while parent := parents.get(line[-1], 0):
        line.append(parent)
    return line


def _name(line: Sequence[int]) -> str:
    """A worker does not say whose it is; what started it does."""
    ours = line[: line.index(os.getpid())]
    commands = [command for process in ours if (command := _command(process))]
    for command in commands:
        if "--target" in command:
            return command[command.index("--target") + 1]
        if any("firestore" in part for part in command):
            return "Firestore's emulator"
    return Path(commands[0][0]).name if commands else "citizens, staff, WhatsApp and Cloud Tasks"


def _command(process: int) -> list[str]:
    try:
        return (_PROCESSES / str(process) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []  # it has ended
