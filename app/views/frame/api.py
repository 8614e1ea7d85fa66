"""JSON API of the menus for programs: token sign-in, same permissions, scopes and rules as the pages."""

from collections.abc import Mapping
from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app.engine import Refused, RefusedRows
from app.enums import Role
from app.extensions import appbuilder, csrf, db
from app.ground import clock
from app.ground.actor import Actor
from app.models import User
from app.services.accounts import sign_in
from app.services.credentials import second_factors, sessions
from app.services.ground.audit import audit
from app.services.review import proposals
from app.views.base import acting
from app.views.base.aliases import Label
from app.views.base.base import GuideView, PageView
from app.views.base.declarations import Button
from app.views.base.listing import ListPage
from app.views.frame import openapi
from app.web import device_cookie, security
from app.web.json_bodies import sent_json
from app.web.security import current_actor


class Api(PageView):
    """Token sign-in and the guide's menus under /api/v1/. Cookies are ignored here, which rules out CSRF."""

    route_base = "/api/v1"
    guide = "api"
    label = "API"
    roles = tuple(role for role in Role if role.is_staff and not role.is_maintenance)

    @expose("/token", methods=["POST"])
    def token(self) -> ResponseReturnValue:
        """Exchange user name, password and position for a token that expires when idle, like any session.

        Where the position needs a second factor, `code` is a code of the device or a recovery code. With
        `remember` the answer sets the cookie of a known device, whose sign-ins no stranger's tries can lock.
        """
        body = _body()
        password = str(body.get("password", ""))
        outcome = security.check_password(str(body.get("username", "")), password)
        if outcome.refusal or outcome.user_id is None:
            sign_in.note_failure(outcome)
            db.session.commit()
            return _problem(outcome.refusal, 429 if outcome.is_locked else 401)
        is_proved = _shows_second_factor(outcome.user_id, body.get("code"))
        try:
            return self._open(outcome.user_id, password, body.get("position"), is_proved)
        except Refused as refusal:
            db.session.rollback()
            user = db.session.get_one(User, outcome.user_id)
            audit("sign_in", subject=user.username, ok=False)
            db.session.commit()
            return _problem(refusal.sentence, 401)

    def _open(
        self, user_id: int, password: str, position: Any, is_proved: bool
    ) -> ResponseReturnValue:
        at, address = clock.now(), request.remote_addr or ""
        user, secret = sign_in.complete_sign_in(
            user_id, password, at=at, address=address, agent="", kind="api"
        )
        own = [p.id for p in sessions.positions(user.id)]
        opened = sessions.look_up(secret, at=at)
        if user.must_change_password or opened is None or opened.position is None:
            raise Refused(gettext("Sign in on the page first, choose a password and a position."))
        if position is not None and position not in own:
            raise Refused(gettext("This account does not hold that position."))
        opened.session.position_id = position or opened.position.id
        if is_proved:
            second_factors.pass_session(opened.session, user, at=at)
        db.session.flush()
        opened = sessions.look_up(secret, at=at)
        if opened is None or second_factors.is_missing(opened):
            raise Refused(gettext("This position needs a second factor: send its code as `code`."))
        db.session.commit()
        if _body().get("remember") is True:
            device_cookie.remember(user)
        return jsonify({"token": secret, "position": opened.session.position_id, "positions": own})

    @expose("/token", methods=["DELETE"])
    def end_token(self) -> ResponseReturnValue:
        """End the session of the token."""
        who = security.signed_in() or abort(401)
        sessions.end(who.session, "signed_out", at=clock.now())
        db.session.commit()
        return jsonify({})

    @expose("/_openapi")
    def specification(self) -> ResponseReturnValue:
        """Return the OpenAPI document of the menus that the current position has."""
        _enter(self)
        return jsonify(openapi.openapi_document([view for view in _views() if view.may("list")]))

    @expose("/g/<string:name>/")
    def rows(self, name: str) -> ResponseReturnValue:
        """Return one page of a menu's list, from the same query as the HTML page."""
        _enter(self)
        view, actor = _view(name), _actor()
        page = ListPage(view, actor)
        if page.faults:
            abort(400)
        records = [
            {
                "id": r.id,
                "version": getattr(r, "version", None),
                **{c.key: c.full_text(r) for c in view.columns},
            }
            for r in page.records
        ]
        return jsonify(
            {
                "total": page.total,
                "is_bounded": page.is_bounded,
                "page": page.paging.page,
                "rows": records,
            }
        )

    @expose("/g/<string:name>/<int:pk>")
    def row(self, name: str, pk: int) -> ResponseReturnValue:
        """Return one record of a menu."""
        _enter(self)
        view, actor = _view(name, "show"), _actor()
        record = view.find(pk, actor)
        cells = {column.key: column.full_text(record) for column in view.columns}
        return jsonify({"id": record.id, "version": getattr(record, "version", None), **cells})

    @expose("/g/<string:name>/act/<string:button>", methods=["POST"])
    def act(self, name: str, button: str) -> ResponseReturnValue:
        """Apply a button to rows: either all rows move or none does."""
        _enter(self)
        view, actor = _view(name), _actor()
        chosen = next((b for b in view.buttons if b.name == button), None) or abort(404)
        events = chosen.events_for(view.model, actor)
        if not view.may(chosen.name):
            abort(403)
        body = _body()
        if body.get("event") not in list(events):
            abort(403)
        return _press(view, chosen, events, body, actor)


def _shows_second_factor(user_id: int, code: Any) -> bool:
    """Return whether the code typed is right; every try counts, whatever follows."""
    if not isinstance(code, str) or not code:
        return False
    at = clock.now()
    may_try = second_factors.count_try(user_id, at=at)
    db.session.commit()
    is_right = may_try and second_factors.check(db.session.get_one(User, user_id), code, at=at)
    db.session.commit()
    return is_right


def _press(
    view: GuideView, button: Button, events: Mapping[str, Label], body: dict[str, Any], actor: Actor
) -> ResponseReturnValue:
    rows, opinion, typed_in = body.get("rows") or [], body.get("opinion") or "", _typed(body)
    if not _are_rows(rows) or not isinstance(opinion, str) or typed_in is None:
        sentence = gettext(
            "`rows` must be a list of {id, version}, at most %(most)s; `details` an object of texts.",
            most=acting.BULK_MAX,
        )
        return _problem(sentence, 400)
    records = view.find_all([row["id"] for row in rows], actor)
    event = body["event"]
    form = acting.form_class(view.model, button, {event: events[event]})(
        formdata=MultiDict({**typed_in, "opinion": [opinion]}), meta={"csrf": False}
    )
    if hasattr(form, "bind"):
        form.bind(records, actor)
    if not form.validate():
        return _problem(
            gettext("The details are not complete or not right."), 422, fields=form.errors
        )
    seen = {row["id"]: row["version"] for row in rows if row.get("version") is not None}
    return _fire(records, event, actor, form.values(), seen)


def _fire(
    records: list[Any], event: str, actor: Actor, typed: dict[str, Any], seen: dict[int, int]
) -> ResponseReturnValue:
    """Fire or propose the event on the records and commit; answer with the receipts or the refusal."""
    try:
        logs = proposals.press_all(
            records, event, actor=actor, at=clock.now(),
            opinion=typed.pop("opinion", "") or "", details=typed, seen=seen,
        )  # fmt: skip
        db.session.commit()
    except Refused as refusal:
        refused = (
            [{"id": r.id, "reason": why} for r, why in refusal.rows]
            if isinstance(refusal, RefusedRows)
            else []
        )
        db.session.rollback()
        return _problem(refusal.sentence, 409, rows=refused)
    except IntegrityError:
        db.session.rollback()
        return _problem(gettext("Somebody else was faster. Look at the record again."), 409)
    is_proposed = logs[0].event == proposals.PROPOSED
    return jsonify({"receipts": [log.receipt for log in logs], "is_proposed": is_proposed})


def _are_rows(rows: Any) -> bool:
    """Whether `rows` is a list of {id, version} with valid numbers; a missing version is not compared."""
    if not isinstance(rows, list) or not 0 < len(rows) <= acting.BULK_MAX:
        return False
    return all(
        isinstance(row, dict)
        and _is_number(row.get("id"))
        and (row.get("version") is None or _is_number(row["version"]))
        for row in rows
    )


def _is_number(value: Any) -> bool:
    # bool is a subclass of int, but true is not a valid number here
    return type(value) is int and 0 <= value < 2**31


def _typed(body: dict[str, Any]) -> dict[str, list[str]] | None:
    """Return `details` as an HTML form would send them; None if they have a type that no form field has."""
    details = body.get("details") or {}
    if not isinstance(details, dict):
        return None
    sent: dict[str, list[str]] = {}
    for name, value in details.items():
        values = value if isinstance(value, list) else [value]
        if not all(one is None or isinstance(one, str | int | float) for one in values):
            return None
        # browsers do not send a checkbox that is not ticked
        kept = [one for one in values if one is not None and one is not False]
        sent[name] = ["y" if one is True else str(one) for one in kept]
    return {name: values for name, values in sent.items() if values}


def _enter(api: Api) -> None:
    if current_actor() is None:
        abort(401)
    if not api.may("list"):
        abort(403)


def _actor() -> Actor:
    return current_actor() or abort(401)


def _views() -> list[GuideView]:
    return [view for view in appbuilder.baseviews if isinstance(view, GuideView)]


def _view(name: str, permission: str = "list") -> GuideView:
    """Return the menu with this guide number or class name; abort 404 if unknown, 403 if not permitted."""
    view = next(
        (v for v in _views() if type(v).__name__ == name or (v.guide == name and not v.slug)), None
    ) or abort(404)
    return view if view.may(permission) else abort(403)


def _body() -> dict[str, Any]:
    body = sent_json()
    return body if isinstance(body, dict) else abort(400)


def _problem(sentence: str, status: int, **more: Any) -> ResponseReturnValue:
    return jsonify({"message": str(sentence), **more}), status


for _route in (Api.token, Api.end_token, Api.act):
    csrf.exempt(f"{_route.__module__}.{_route.__name__}")
