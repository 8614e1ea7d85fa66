"""Runs a script that reads a hostile file in a process of its own with hard limits: a bomb bursts there.

The program calls `run`. Run as a script, `sandbox.py WRITTEN CPU SCRIPT ARGUMENTS…`, this file bounds its own
process and then becomes SCRIPT; neither imports anything of the program. Processor time, address space,
bytes written to a file, open files and child processes are bounded by the kernel, elapsed time by `run`.
No more than a few run at once for each worker, so that a rush of uploads cannot take all memory.
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
EXHAUSTED = (-signal.SIGXCPU, -signal.SIGKILL)


def run(
    script: Path,
    *arguments: object,
    written: int = 0,
    cpu: int = CPU_SECONDS,
    wait: float = WAIT_SECONDS,
) -> dict[str, Any]:
    """Return what `script` printed as JSON; {"why": …} when it ran into a limit or fell over.

    `written` is the most bytes it may write into a file, `cpu` its seconds of processor time. "busy" means that no turn came within `wait` seconds.
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
        return {"why": "too_much" if ended.returncode in EXHAUSTED else "broken"}
    except ValueError:
        return {"why": "broken"}
    return found


def limit(written: int, cpu: int) -> None:  # pragma: no cover - runs in a process of its own
    """Bound this process for the rest of its life."""
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
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
