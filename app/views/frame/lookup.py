"""JSON search for select fields: registers by name or code, twenty rows per page, for signed-in users."""

from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from sqlalchemy import Row, Select, case, select

from app.extensions import db
from app.ground.actor import Actor
from app.scopes import visible
from app.services.registers.register_lookup import REGISTERS, Register, switch_of
from app.views.base import search
from app.views.frame import lookup_fit
from app.web.security import current_actor

PAGE = 20
NARROWING = {"series": "series_code", "level": "level"}
"""URL parameters that narrow a search, with the column each one filters."""


class Lookup(BaseView):
    """GET /lookup/<kind>?q=&page= → {"results": [{"id", "text"}], "more": bool}."""

    route_base = "/lookup"
    base_permissions: list[str] = []

    @expose("/<string:kind>")
    def answer(self, kind: str) -> ResponseReturnValue:
        actor = current_actor() or abort(401)
        register = REGISTERS.get(kind)
        if register is None or not register.is_searched:
            abort(404)
        if kind in ("account", "own_role") and not actor.role.is_maintenance:
            abort(404)
        page = request.args.get("page", 1, type=int)
        if not 1 <= page <= 500:
            abort(400)
        query = _query(register, request.args.get("q", "").strip()[:60])
        if register.family is not None:
            query = _by_fit(query, register, actor)
        if register.is_scoped:
            query = query.where(visible(register.key.class_, actor))
        rows = db.session.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        results = [{"id": str(row[0]), "text": _text(register, row)} for row in rows[:PAGE]]
        return jsonify({"results": results, "more": len(rows) > PAGE})


def _query(register: Register, text: str) -> Select[Any]:
    model, columns = register.key.class_, register.searched
    query = select(register.key, *columns).order_by(register.key)
    if text:
        query = query.where(search.contains(columns, text))
    for fact, name in NARROWING.items():
        if (value := request.args.get(fact)) and hasattr(model, name):
            query = query.where(getattr(model, name) == value)
    if (switch := switch_of(model)) is not None:
        query = query.where(switch.is_(True))
    return query


def _by_fit(query: Select[Any], register: Register, actor: Actor) -> Select[Any]:
    """Read the name of the family as well, and put the rows of a fitting family first."""
    family = register.family.property.entity.class_
    query = query.join(register.family).add_columns(family.name).order_by(None)
    fits = lookup_fit.fits(register.key.class_.series_code, actor)
    first = [case((fits, 0), else_=1)] if fits is not None else []
    return query.order_by(*first, register.key)


def _text(register: Register, row: Row[Any]) -> str:
    if register.family is not None:
        return f"{row[1]}（{row[3]} {row[2]}）"
    return f"{row[1]}（{row[2]}）" if register.shows_other else str(row[1])
