"""Run a parser of untrusted files in a subprocess with CPU, memory and time limits.

The application calls `run`. Run as a script, `sandbox.py WRITTEN CPU SCRIPT ARGUMENTS…`, this file limits
its own process and then executes SCRIPT; neither imports modules of the application. The kernel limits CPU
time, address space, bytes written to a file, open files and child processes; `run` limits the elapsed time.
Each worker runs only a few subprocesses at once, so that many uploads cannot exhaust the memory.
"""

import json
import resource
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

SECONDS = 20
CPU_SECONDS = 10
MEMORY = 1024 * 1024 * 1024
OPEN_FILES = 64
AT_ONCE = 2
WAIT_SECONDS = 60
TURNS = threading.BoundedSemaphore(AT_ONCE)
NO_MEMORY = 75
"""Exit code of a script that ran out of memory."""
ENDINGS = {
    -signal.SIGXCPU: "too_much",
    -signal.SIGKILL: "too_much",
    NO_MEMORY: "memory",
    # how libraries in C end when they get no memory
    -signal.SIGABRT: "memory",
    -signal.SIGTRAP: "memory",
    -signal.SIGILL: "memory",
}
"""Reason code by the way a script ended; any other is a crash and means a broken file."""


def run(
    script: Path,
    *arguments: object,
    written: int = 0,
    cpu: int = CPU_SECONDS,
    wait: float = WAIT_SECONDS,
) -> dict[str, Any]:
    """Run `script` and return the JSON object it printed; {"why": …} when it hit a limit or crashed.

    `written` is the most bytes it may write into a file, `cpu` its limit of CPU seconds. The reason "busy"
    means that no slot became free within `wait` seconds.
    """
    if not TURNS.acquire(timeout=wait):
        return {"why": "busy"}
    try:
        command = [sys.executable, "-I", __file__, str(written), str(cpu), str(script)]
        return _run([*command, *map(str, arguments)])
    finally:
        TURNS.release()


def _run(command: list[str]) -> dict[str, Any]:
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True, env={})
        found: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"why": "too_much"}
    except subprocess.CalledProcessError as ended:
        return {"why": ENDINGS.get(ended.returncode, "broken")}
    except ValueError:
        return {"why": "broken"}
    return found


def limit(written: int, cpu: int) -> None:  # pragma: no cover - runs in a process of its own
    """Set the resource limits of this process permanently."""
    for kind, most in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    written, cpu, script, *rest = arguments
    limit(int(written), int(cpu))
    sys.argv = [script, *rest]
    try:
        runpy.run_path(script, run_name="__main__")
    except MemoryError:
        sys.exit(NO_MEMORY)


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
