"""The program as people start it, `run.py`, for tests that serve, stop and kill it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL
from typing import Any

import psutil

from config import ROOT
from tests.support import children

RUN = (sys.executable, "run.py")


def kept_variables() -> dict[str, str]:
    """Return the variables of this process that a started program needs, and none that would change it."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + children.PATIENCE
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def is_gone(processes: list[psutil.Process]) -> bool:
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes
    )


def words(process: psutil.Process) -> list[str]:
    """Return the command line; one that has just died has none."""
    with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
        return process.cmdline()
    return []


@dataclass(frozen=True)
class Answer:
    """What the program answered."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Served:
    """run.py with the given variables, started anew after each end; `close` ends it for good."""

    variables: dict[str, str]
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def port(self) -> int:
        return int(self.variables["PORT"])

    def start(self) -> None:
        """Start the program and wait until it answers."""
        self.process = subprocess.Popen(
            (*RUN, *self.arguments), cwd=ROOT, env=self.variables, stdout=DEVNULL
        )
        assert wait_until(self.is_healthy), "the program does not answer"

    def is_healthy(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/healthz", timeout=5).status == 200
        return False

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = children.PATIENCE,
    ) -> Answer:
        """Send one request on a connection of its own. Raises OSError, HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            cookies = response.headers.get_all("Set-Cookie", [])
            return Answer(response.status, told, response.read().decode(), cookies)
        finally:
            connection.close()

    def family(self) -> list[psutil.Process]:
        """Return the program and all it started."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        return []

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer requests: the children of the web server."""
        return [
            worker
            for server in self.family()
            if "--web" in words(server)
            for worker in server.children()
            if "--web" in words(worker)
        ]

    def kill(self, processes: list[psutil.Process]) -> None:
        """Kill processes without a chance to end in order."""
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill the program and everything it started."""
        everything = self.family()
        self.kill(everything)
        assert self.process is not None
        self.process.wait()
        assert wait_until(lambda: is_gone(everything))

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill_all()
