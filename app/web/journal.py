"""The program's log: JSON lines on stdout, one per request and one per act, without personal data."""

import json
import logging
import secrets
import sys
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import click
from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, UOWTransaction

from app.extensions import db

log = logging.getLogger("zhicheng")
PENDING = "journal_pending"
ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]
"""An exception as `sys.exc_info()` gives it."""


class JsonLines(logging.Formatter):
    """One JSON object per record; extra fields come in `record.fields`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "request_id": request_id(),
        }
        fields = getattr(record, "fields", None)
        line |= fields if fields is not None else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = self._stack_of(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)

    def _stack_of(self, exc_info: ExcInfo) -> list[str]:
        """Return the stack of a traceback without its message, which may contain personal data."""
        places = []
        trace = exc_info[2]
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return places


def init_app(app: Flask) -> None:
    """Send the log to stdout, or to stderr in a command-line command, whose stdout is its result."""
    if click.get_current_context(silent=True) is None:
        to_stdout()
    else:
        _replace_handler(logging.StreamHandler(sys.stderr))
        log.setLevel(logging.WARNING)
    app.before_request(_start)
    app.after_request(_finish)


def to_stdout() -> None:
    """Log to stdout from level INFO on; used by servers and the clock process."""
    _replace_handler(logging.StreamHandler(sys.stdout))
    log.setLevel(logging.INFO)


def _replace_handler(handler: logging.Handler) -> None:
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for old in list(root.handlers):
        if isinstance(old.formatter, JsonLines):
            root.removeHandler(old)
    root.addHandler(handler)


def request_id() -> str:
    """Return the id of the current request, "" outside of one."""
    if not has_request_context():
        return ""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def log_act(fields: dict[str, Any]) -> None:
    """Write one log line for one act; the fields hold ids and keys, never names."""
    log.info("act", extra={"fields": {"kind": "act", **fields}})


def _start() -> None:
    g.started = time.perf_counter()
    request_id()


def _finish(response: Response) -> Response:
    actor = g.get("actor")
    rule = request.url_rule
    fields = {
        "kind": "request",
        "method": request.method,
        "route": rule.rule if rule else None,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        "user_id": actor.user_id if actor else None,
        "role": actor.role if actor else None,
    }
    log.info("request", extra={"fields": fields})
    return response


def register_listeners() -> None:
    """Register the session listeners that log acts after their transaction is committed."""
    session = db.session.session_factory
    if not event.contains(session, "after_commit", _log_committed_acts):
        event.listen(session, "before_flush", _set_request_id)
        event.listen(session, "after_flush", _collect_acts)
        event.listen(session, "after_commit", _log_committed_acts)
        event.listen(session, "after_rollback", _drop_pending_acts)


def _set_request_id(session: Session, flush_context: UOWTransaction, instances: object) -> None:
    """Store the request id in new log rows, so that they can be found from the id on an error page."""
    from app.models.log import TransitionLog

    for row in session.new:
        if isinstance(row, TransitionLog):
            row.request_id = request_id()


def _collect_acts(session: Session, flush_context: UOWTransaction) -> None:
    from app.models.log import TransitionLog

    for row in session.new:
        if isinstance(row, TransitionLog):
            fields = {
                "subject": f"{row.subject_type}:{row.subject_id}",
                "event": row.event,
                "source": row.source,
                "target": row.target,
                "user_id": row.actor_id,
                "role": row.actor_role,
                "log_id": row.id,
            }
            session.info.setdefault(PENDING, []).append((row, fields))


def _log_committed_acts(session: Session) -> None:
    # a row whose savepoint was rolled back is no longer persistent
    for row, fields in session.info.pop(PENDING, []):
        if inspect(row).persistent:
            log_act(fields)


def _drop_pending_acts(session: Session) -> None:
    session.info.pop(PENDING, None)
