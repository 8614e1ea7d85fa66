"""Start the program with `python run.py`: prepare the database, run the web server and the clock process."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import config

ROOT = Path(__file__).resolve().parent
DUE_SECONDS = 30
STOP_SECONDS = 25
PR_SET_PDEATHSIG = 1
FLASK = (sys.executable, "-m", "flask", "--app", "app")


def main() -> int:
    """Prepare, then serve until Ctrl-C or SIGTERM; return the exit status."""
    try:
        settings = config.read()
        _refuse_taken_port(settings)
    except config.SettingError as error:
        print(f"Error: {error.format_message()}", file=sys.stderr)
        return 2
    try:
        prepared = subprocess.run([*FLASK, "prepare"], cwd=ROOT, preexec_fn=_die_with_parent)
    except KeyboardInterrupt:
        return 130
    return prepared.returncode or Supervisor(settings).run()


class Supervisor:
    """Runs web server and clock process; restarts the clock, stops both on a signal or the server's end."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self.is_announced = False

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        web = _start(sys.executable, str(ROOT / "run.py"), "--web")
        clock = _start_clock()
        try:
            while not self.stopping.wait(0.2) and web.poll() is None:
                self._announce()
                if clock.poll() is not None:
                    self.stopping.wait(5)
                    clock = _start_clock()
        finally:
            _end(clock, web)
        return 0 if self.stopping.is_set() else 1

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _announce(self) -> None:
        """Print the address once, as soon as the server answers."""
        if not self.is_announced and _answers(self.settings):
            self.is_announced = True
            address = self.settings["PUBLIC_URL"]
            print(f"{self.settings['APP_NAME']} · ready: {address}/  (Ctrl-C: stop)", flush=True)


def serve() -> None:
    """Run gunicorn in this process; each worker creates its own application and connections."""
    from gunicorn.app.base import BaseApplication

    settings = config.read()

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in _gunicorn(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from app import create_app

            return create_app()

    Server().run()


def _gunicorn(settings: dict[str, Any]) -> dict[str, Any]:
    host = settings["HOST"]
    return {
        "bind": f"[{host}]:{settings['PORT']}" if ":" in host else f"{host}:{settings['PORT']}",
        "workers": settings["WORKERS"],
        "worker_class": "gthread",
        "threads": settings["THREADS"],
        "timeout": 120,
        "graceful_timeout": STOP_SECONDS - 5,
        "keepalive": 5,
        "loglevel": "warning",
        "control_socket_disable": True,
        # no header says where the program is mounted; PROXY_HOPS says how many proxies are trusted
        "forwarder_headers": "",
        "forwarded_allow_ips": "",
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108
    }


def _refuse_taken_port(settings: dict[str, Any]) -> None:
    host, port = settings["HOST"], settings["PORT"]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise config.SettingError(
                f"{host}:{port} cannot be used ({error.strerror}); choose another one with HOST and PORT."
            ) from error


def _start(*command: str) -> subprocess.Popen[bytes]:
    # in a new session, so that Ctrl-C reaches only this process, which then stops the children in order
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=_die_with_parent)


def _start_clock() -> subprocess.Popen[bytes]:
    return _start(*FLASK, "run-due", "--every", str(DUE_SECONDS))


def _die_with_parent() -> None:
    """Ask Linux to send SIGTERM to this process when its parent ends, even by SIGKILL."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(*children: subprocess.Popen[bytes]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _answers(settings: dict[str, Any]) -> bool:
    host = "127.0.0.1" if settings["HOST"] in config.ANY_ADDRESS else settings["HOST"]
    connection = http.client.HTTPConnection(host, settings["PORT"], timeout=5)
    try:
        connection.request(
            "GET", "/healthz", headers={"Host": (settings["TRUSTED_HOSTS"] or [host])[0]}
        )
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def __getattr__(name: str) -> Any:
    """Create `run:application` for other WSGI servers on first access."""
    if name != "application":
        raise AttributeError(name)
    from app import create_app

    return create_app()


if __name__ == "__main__":
    if sys.argv[1:] == ["--web"]:
        serve()
    else:
        sys.exit(main())
