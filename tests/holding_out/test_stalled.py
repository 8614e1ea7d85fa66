"""Clients that stall hold connections, never the server: silent ones, half-sent requests, answers nobody reads."""

import os
import socket

from tests.support.programs import Served
from tests.support.stalling import BODY, HEADERS, stalled, unread

PATIENCE = 30
"""Far more than an answer takes; a server whose threads are held gives none."""
TIMES = 1 if os.environ.get("LONG") else 8
"""So many times fewer connections than the server has to bear."""
BIG = unread("/static/fonts/DroidSansFallbackFull.ttf")
STALLS = {
    "silent": ((500, b""),),
    "half-sent headers": ((200, HEADERS),),
    "half-sent bodies": ((200, BODY),),
    "unread answers": ((100, BIG),),
    "all of them": ((500, b""), (200, HEADERS), (200, BODY), (100, BIG)),
}


def test_it_answers_whatever_others_leave_half_done(served: Served) -> None:
    served.start()

    for kind, groups in STALLS.items():
        with stalled(served.port, *((number // TIMES, sent) for number, sent in groups)):
            answers = [
                served.ask("GET", path, timeout=PATIENCE).status
                for path in ("/healthz", "/login/") * 3
            ]
        assert answers == [200] * 6, kind

    is_told = "Connection: close\r\nX-Filler: "
    for size, status in ((20_000, 200), (60_000, 431), (2_000_000, 431)):
        assert first_line(served, f"{is_told}{'x' * size}") == status, size
    too_much = "Content-Length: 200000000\r\nConnection: close"
    assert first_line(served, too_much, "POST") == 413


def first_line(served: Served, header: str, method: str = "GET") -> int:
    """Return the status of the answer to a request with this header."""
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as connection:
        request = f"{method} /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n"
        connection.sendall(request.encode())
        return int(connection.recv(100).split()[1])
