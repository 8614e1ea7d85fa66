"""Searchable selects ask here: at most twenty rows, by name or code, of registers that staff and applicants may read."""

from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import BaseView, expose
from sqlalchemy import Select, or_, select

from app.extensions import db
from app.models import Batch, Committee, Plan, Region, Series, Specialty, Title, Unit, User
from app.scopes import visible
from app.security import current_actor
from app.services.lookups import switch_of

PAGE = 20
REGISTERS: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "unit": (Unit, Unit.id, (Unit.name, Unit.credit_code)),
    "committee": (Committee, Committee.id, (Committee.name, Committee.code)),
    "series": (Series, Series.code, (Series.name, Series.code)),
    "title": (Title, Title.code, (Title.name, Title.code)),
    "specialty": (Specialty, Specialty.code, (Specialty.name, Specialty.code)),
    "region": (Region, Region.code, (Region.name, Region.code)),
    "batch": (Batch, Batch.id, (Batch.name,)),
    "plan": (Plan, Plan.id, (Plan.name,)),
    "account": (User, User.id, (User.username, User.real_name)),
}
SCOPED = {"batch", "plan"}


class Lookup(BaseView):
    """GET /lookup/<kind>?q=&page= → {"results": [{"id", "text"}], "more": bool}."""

    route_base = "/lookup"
    base_permissions: list[str] = []

    @expose("/<string:kind>")
    def answer(self, kind: str) -> Any:
        actor = current_actor() or abort(401)
        if kind not in REGISTERS or (kind == "account" and not actor.role.is_maintenance):
            abort(404)
        page = request.args.get("page", 1, type=int)
        if not 1 <= page <= 500:
            abort(400)
        query = _query(kind, request.args.get("q", "").strip()[:60])
        if kind in SCOPED:
            query = query.where(visible(REGISTERS[kind][0], actor))
        rows = db.session.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        results = [{"id": str(row[0]), "text": _text(kind, row)} for row in rows[:PAGE]]
        return jsonify({"results": results, "more": len(rows) > PAGE})


def _query(kind: str, text: str) -> Select[Any]:
    model, key, columns = REGISTERS[kind]
    query = select(key, *columns).order_by(key)
    if text:
        query = query.where(or_(*(column.contains(text, autoescape=True) for column in columns)))
    for name in ("series", "level"):
        if (value := request.args.get(name)) and hasattr(
            model, f"{name}_code" if name == "series" else name
        ):
            query = query.where(
                getattr(model, f"{name}_code" if name == "series" else name) == value
            )
    if (switch := switch_of(model)) is not None:
        query = query.where(switch.is_(True))
    return query


def _text(kind: str, row: Any) -> str:
    return (
        f"{row[1]}（{row[2]}）"
        if kind in ("title", "specialty", "account", "unit")
        else str(row[1])
    )
