"""Error pages: what happened, what to do and the request id to quote; they show no internals."""

import errno
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, abort, g, make_response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    StatementError,
)
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, Unauthorized

from app.extensions import db
from app.services.exports.paper_text import Undrawable
from app.web import encoding, json_bodies, kept_forms
from app.web.journal import request_id

log = logging.getLogger(__name__)

GIVEN_BACK = (400, 409, 429, 500, 503)
"""With these a form is given back: it may be sent again as it is, or what was typed copied from it."""
MAX_ROW_NUMBER = 2**31 - 1
RETRY_SECONDS = 5
BUSY_STATES = ("55P03", "57014", "40001", "40P01")
"""PostgreSQL: lock not available, cancelled by time limit, serialisation failure, deadlock."""
OUT_OF_ORDER_STATES = ("08", "25006", "53", "57P", "58")
"""PostgreSQL, by their first characters: connection lost, read-only, disk or memory full, shut down, I/O error."""
NO_STORAGE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""Errors of the operating system: disk or quota full, read-only, defective."""
FALLBACK = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>{status}</title>"
    "<h1>{status}</h1><p>{title}</p><p>{advice}</p><p>{request_id}</p></html>"
)

Texts = tuple[LazyString, LazyString | str]
"""Title and advice of an error page."""
WORDS: dict[int, Texts] = {
    400: (
        _("The request could not be understood"),
        _("Go back, check what was entered, and send it again. Nothing was changed."),
    ),
    401: (
        _("Please sign in"),
        _("The sign-in has ended. Sign in again; drafts that were saved are still there."),
    ),
    403: (
        _("Not allowed in this position"),
        _("Switch to the position this belongs to, or ask the administrator of your unit."),
    ),
    404: (
        _("Nothing found here"),
        _("The record does not exist or is not in your charge. Look for it in its list."),
    ),
    405: (
        _("This address cannot be used this way"),
        _("Go back to the page and use its buttons. Nothing was changed."),
    ),
    409: (
        _("The record has changed in the meantime"),
        _("Go back, load the page again and look at the present state. Nothing was changed."),
    ),
    413: (
        _("The upload is too large"),
        _("Go back and choose a smaller file. What was saved before is still there."),
    ),
    415: (
        _("This address takes no such content"),
        _(
            "Pages are sent as forms; programs send JSON to the interface under /api/ only. Nothing was changed."
        ),
    ),
    429: (
        _("Too many attempts"),
        _("Wait a few minutes and try again."),
    ),
    500: (
        _("Something went wrong on our side"),
        _("Nothing was changed. Try again; if it happens again, tell the support this number."),
    ),
    503: (
        _("The system is busy"),
        _("Nothing was changed. Wait a few seconds, go back and try again."),
    ),
}
SHARED = (
    _("The data contradicts what is already stored"),
    _("Something of the same number or name exists already. Go back, check it and change it."),
)
UNFIT = (
    _("A value does not fit its field"),
    _("A number is too large or a text too long. Go back and correct it. Nothing was changed."),
)
OTHER_ENCODING = (
    _("A file name or a text arrived in another encoding than UTF-8"),
    _(
        "Older programs send file names in GBK. Give the file a name of letters and digits, or send it with a "
        "present-day browser. Nothing was changed."
    ),
)
OUT_OF_ORDER = (
    _("The system cannot read or store anything just now"),
    _(
        "Nothing was changed. Wait a minute, then send it again or load the page again. If it stays so, tell the"
        " support this number."
    ),
)
UNPRINTED = _("The paper was not printed")
STALE_FORM = (
    _("The page has expired; what you typed is still here"),
    _(
        "You have signed in or out in this browser since the page was opened, so nothing was done. Everything"
        " typed is kept in this page: press “Send again”, and only then it is sent."
    ),
)
FOREIGN_FORM = (
    _("This page does not belong to your present sign-in"),
    _(
        "Nothing was done. The page was opened by another account, or is none of this system. Open it anew from"
        " the menu."
    ),
)


def init_app(app: Flask) -> None:
    encoding.init_app(app)
    app.before_request(refuse_malformed)
    app.before_request(json_bodies.refuse_unexpected)
    app.register_error_handler(HTTPException, _without_database(_http))
    app.register_error_handler(encoding.OtherEncoding, _other_encoding)
    app.register_error_handler(CSRFError, _without_database(_stale_form))
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(StaleDataError, _stale_record)
    app.register_error_handler(Undrawable, _unprinted)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(StatementError, _unstorable)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(exc.TimeoutError, _busy)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(Exception, _last_resort)


def _without_database(handler: Callable[[Any], Response]) -> Callable[[Any], Response]:
    """Return a handler that asks the database who is signed in, and answers as well when that fails."""

    def answer(error: Any) -> Response:
        try:
            return handler(error)
        except exc.TimeoutError as fault:
            return _busy(fault)
        except DBAPIError as fault:
            return _database(fault)

    return answer


def refuse_malformed() -> None:
    """Answer 400 or 404 to malformed input that no browser sends and that the database could not store."""
    path = request.environ.get("PATH_INFO", "").encode("latin-1")
    query = unquote_to_bytes(request.query_string)
    if "\0" in encoding.decoded(path) or "\0" in encoding.decoded(query):
        abort(400)
    for value in (request.view_args or {}).values():
        # check the length first: int() raises for thousands of digits
        if str(value).isdecimal() and (len(str(value)) > 12 or int(value) > MAX_ROW_NUMBER):
            abort(404)
    is_program = request.is_json or request.path.startswith(json_bodies.API)
    if not is_program and any(
        "\0" in text for pair in request.form.items(multi=True) for text in pair
    ):
        abort(400)


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    if error.code == 401 and not _wants_json() and (page := kept_forms.signed_out_page()):
        return make_response(page, 401)
    answer = _page(error.code or 500, _texts_for(error.code or 500))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            answer.headers[name] = value
    return answer


def _other_encoding(error: encoding.OtherEncoding) -> Response:
    return _page(400, OTHER_ENCODING)


def _stale_form(error: CSRFError) -> Response:
    form = kept_forms.kept_form()
    if form is not None and form.needs_sign_in:
        return _http(Unauthorized())
    return _page(400, FOREIGN_FORM if form is None else STALE_FORM)


def _integrity(error: IntegrityError) -> Response:
    _roll_back(error)
    return _page(409, SHARED)


def _stale_record(error: StaleDataError) -> Response:
    _roll_back(error)
    return _page(409, WORDS[409])


def _unprinted(error: Undrawable) -> Response:
    _roll_back(error)
    return _page(422, (UNPRINTED, error.sentence))


def _unstorable(error: Exception) -> Response:
    _roll_back(error)
    return _page(400, UNFIT)


def _busy(error: Exception) -> Response:
    return _try_later(error, WORDS[503])


def _try_later(error: Exception, words: Texts) -> Response:
    _roll_back(error)
    answer = _page(503, words, is_database_well=False)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _database(error: DBAPIError) -> Response:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in BUSY_STATES or "database is locked" in str(error.orig):
        return _busy(error)
    if state.startswith(OUT_OF_ORDER_STATES) or isinstance(error, OperationalError):
        name = state or getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
        log.error("the database is out of order: %s", name)
        return _try_later(error, OUT_OF_ORDER)
    return _last_resort(error)


def _disk(error: OSError) -> Response:
    if error.errno not in NO_STORAGE:
        return _last_resort(error)
    log.error("the disk takes nothing: %s", errno.errorcode[error.errno])
    return _try_later(error, OUT_OF_ORDER)


def _last_resort(error: Exception) -> Response:
    _roll_back(error)
    log.error("unexpected error", exc_info=error)
    return _page(500, WORDS[500])


def _roll_back(error: Exception) -> None:
    log.warning("refused: %s", type(error).__name__)
    db.session.rollback()


def _texts_for(status: int) -> Texts:
    return WORDS.get(status) or WORDS[500 if status >= 500 else 400]


def _page(status: int, words: Texts, *, is_database_well: bool = True) -> Response:
    title, advice = words
    facts = {"status": status, "request_id": request_id()}
    if _wants_json():
        message = gettext("%(title)s. %(advice)s", title=title, advice=advice)
        body = json.dumps({"message": message, **facts}, ensure_ascii=False)
        return Response(body, status, mimetype="application/json")
    try:
        kept = _kept_form(is_database_well) if status in GIVEN_BACK else None
        if not is_database_well:
            # the page must not ask who is signed in
            g.setdefault("signed_in", None)
        body = render_template("error.html", title=title, advice=advice, kept=kept, **facts)
    except Exception:
        # e.g. an untrusted Host header: no URL can be built, so no template can be rendered
        log.warning("the error page itself failed")
        body = FALLBACK.format(title=title, advice=advice, **facts)
    return Response(body, status, mimetype="text/html")


def _kept_form(is_database_well: bool) -> kept_forms.KeptForm | None:
    """Return the form to give back; a database that is away is not asked, as the answer may take long."""
    try:
        if is_database_well or "signed_in" in g:
            return kept_forms.kept_form()
    except exc.SQLAlchemyError:
        log.warning("whose form it is cannot be told")
    return kept_forms.form_without_database()


def _wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    accepted = request.accept_mimetypes
    return accepted.best == "application/json" or request.headers.get("X-Requested-With") == "fetch"
