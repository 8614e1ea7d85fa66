"""The web server: gunicorn starts and watches the workers, waitress reads and writes in each of them.

waitress takes in the whole of a request before a thread works on it, and sends the response when the thread is
done. So a client that is slow, silent or gone holds a connection, never a thread. This module joins the two and
adds limits of time, which waitress has only for connections on which nothing moves.
"""

import logging
import os
import resource
import time
from io import BytesIO
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

HEADER_BYTES = 32 * 1024
BODY_BYTES = 128 * 1024 * 1024
"""More than the application takes (`config.FRAMEWORK`), so that it can answer with its own page."""
HEADER_SECONDS = 20
BODY_SECONDS = 30
SLOWEST_BODY = 2_000
"""A body may take BODY_SECONDS and one second more for each SLOWEST_BODY bytes received."""
IDLE_SECONDS = 60
"""A connection on which nothing moves is closed after so long, between two requests as well."""
CONNECTIONS = 4_000
"""Of one worker. With more, the longest idle ones are closed first."""
LAST_SECONDS = 0.5
"""So long a worker that is told to end still accepts connections that were made before."""
MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes a file of its own in it
"""Where the workers show that they are alive; a disk may be slow."""
SPARE_FILES = 200
"""Open files that a worker needs besides its connections."""
POOL_BYTES = 1024 * 1024
"""What exceeds this of a request or a response waits in a temporary file."""
NO_ROOM = (
    "服务器的临时空间已满，本次未作任何改动。请返回上一页，稍后再提交。"
    " / The server has no room for this at present; nothing was changed. Go back and send it again later."
)
RESPONSE_BYTES = 1024 * 1024 * 1024
"""A thread waits for the client only if so much of its response is not sent yet."""


class NoRoom(Error):
    """Answer to a body that found no room in TMPDIR."""

    code = 503
    reason = "Service Unavailable"


class Nowhere(ReadOnlyFileBasedBuffer):
    """Takes the rest of a body that cannot be kept, so that its sender reads the answer."""

    def append(self, data: bytes) -> None:
        """Forget the bytes."""


class Channel(HTTPChannel):
    """One connection; knows since when its client has been sending a request."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.time()
        try:
            return bool(super().received(data))
        except OSError:
            if self.request is None or self.request.body_rcv is None:
                raise
            logging.getLogger("zhicheng").exception("no room for a request in TMPDIR")
            self.request.error = NoRoom(NO_ROOM)
            self.request.body_rcv.buf = Nowhere(BytesIO())
            return bool(super().received(data))

    def is_overdue(self, now: float) -> bool:
        """Return whether the client takes longer than it may; never while a thread works for it."""
        if self.requests:
            return False
        return now - self.last_activity > IDLE_SECONDS or (
            self.request is not None and now - self.began > self._allowance()
        )

    def _allowance(self) -> float:
        """Return how many seconds the request that is being received may take."""
        if not self.request.headers_finished:
            return HEADER_SECONDS
        return BODY_SECONDS + float(self.request.body_bytes_received) / SLOWEST_BODY


class Server(TcpWSGIServer):
    """A listening socket and its connections."""

    channel_class = Channel
    is_ending = False

    def readable(self) -> bool:
        """Return whether to accept connections: not while requests wait, as another worker may be free."""
        is_open = bool(super().readable())
        return is_open and (self.is_ending or not self.task_dispatcher.queue)

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress marks a connection and waits until it can be written to, which may be never."""

    def tidy(self, now: float) -> None:
        """Close the connections of clients that take too long, and the longest idle ones if there are too many."""
        channels = list(self.active_channels.values())
        idle = sorted((c for c in channels if not c.requests), key=lambda c: c.last_activity)
        surplus = max(0, len(channels) - self.adj.connection_limit * 9 // 10)
        for channel in {*idle[:surplus], *(c for c in idle if c.is_overdue(now))}:
            channel.handle_close()

    @property
    def is_working(self) -> bool:
        """Return whether a request is being worked on or a response being sent."""
        return any(c.requests or c.total_outbufs_len for c in self.active_channels.values())


class PatientWorker(Worker):
    """A worker of gunicorn that serves with waitress."""

    servers: tuple[Server, ...] = ()

    def run(self) -> None:
        """Serve until the worker is told to end or its parent is gone; then finish what was begun."""
        connections: dict[int, Any] = {}
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(self.cfg.threads)
        limits = _limits()
        self.servers = tuple(
            Server(
                self.wsgi,
                connections,
                True,
                listener.sock,
                dispatcher=threads,
                adj=limits,
                sockinfo=(listener.sock.family, listener.sock.type, 0, listener.getsockname()),
                bind_socket=False,
            )
            for listener in self.sockets
        )
        while self.alive and os.getppid() == self.ppid:
            self._turn(connections)
        self._finish(connections)
        threads.shutdown(timeout=1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End after SIGTERM, and wake up the loop for it."""
        self.alive = False
        for server in self.servers:
            server.pull_trigger()

    def _turn(self, connections: dict[int, Any], wait: float = 1) -> None:
        self.notify()
        wasyncore.poll2(wait, connections)
        for server in self.servers:
            server.tidy(time.time())

    def _finish(self, connections: dict[int, Any]) -> None:
        """Take in what was sent already, accept nothing more, and wait for the requests that are worked on.

        At most the graceful timeout.
        """
        begun = time.monotonic()
        for server in self.servers:
            server.is_ending = True
        while time.monotonic() < begun + LAST_SECONDS:
            self._turn(connections, wait=0.1)
        for server in self.servers:
            server.accepting = False
            server.del_channel(connections)
        deadline = begun + self.cfg.graceful_timeout
        while any(server.is_working for server in self.servers) and time.monotonic() < deadline:
            self._turn(connections, wait=0.1)


def settings(host: str, port: int, workers: int, threads: int, stop_seconds: int) -> dict[str, Any]:
    """Return the settings of gunicorn; `stop_seconds` is how long requests may take to end at a stop."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "worker_class": PatientWorker,
        "threads": threads,
        "timeout": 120,
        "graceful_timeout": stop_seconds,
        "loglevel": "warning",
        "control_socket_disable": True,
        "worker_tmp_dir": MEMORY if os.access(MEMORY, os.W_OK) else None,
    }


def _limits() -> Adjustments:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return Adjustments(
        sockets=[],
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=BODY_BYTES,
        inbuf_overflow=POOL_BYTES,
        outbuf_overflow=POOL_BYTES,
        outbuf_high_watermark=RESPONSE_BYTES,
        connection_limit=min(CONNECTIONS, max(100, hard - SPARE_FILES)),
        log_socket_errors=False,
        # which forwarded headers count is decided by PROXY_HOPS in the application
        clear_untrusted_proxy_headers=False,
        ident="",
    )
