"""Clients that stall: connect and say nothing, send half a request, do not read what they asked for."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

HEADERS = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "
BODY = (
    b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=half"
)


def unread(path: str) -> bytes:
    """Return a request whose response the client does not read."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


@contextmanager
def stalled(port: int, *groups: tuple[int, bytes]) -> Iterator[list[socket.socket]]:
    """Hold so many connections open, each having sent the bytes of its group and nothing more."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(_connection(port, sent))
            for number, sent in groups
            for _each in range(number)
        ]


def _connection(port: int, sent: bytes) -> socket.socket:
    connection = socket.socket()
    # a small window, so that a response that is not read soon fills it
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    connection.sendall(sent)
    return connection
