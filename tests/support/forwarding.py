"""A socket in front of the tests' PostgreSQL server that can be cut, as if the server were gone."""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

NAME = ".s.PGSQL.5432"


class Forwarder:
    """Forwards connections made in the directory `place` to the server whose socket is in `server`."""

    def __init__(self, place: Path, server: str) -> None:
        self.path, self.server = place / NAME, f"{server}/{NAME}"
        self.held: list[socket.socket] = []
        self.listener: socket.socket | None = None

    def open(self) -> None:
        """Accept connections."""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        """End every connection and accept none."""
        assert self.listener is not None
        os.unlink(self.path)
        for each in (self.listener, *self.held):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.held.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _address = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.server)
                self.held += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
