"""The judge's desk: one candidate on the screen, the sheet beside the material, drafts that save themselves."""

from typing import Any, ClassVar

from flask import flash, g, jsonify, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext

from app import clock
from app.actor import Actor
from app.database import writing
from app.enums import AssessmentState, ReviewStep
from app.extensions import db
from app.models import Application, Assessment, Plan, Seat
from app.security import the_actor
from app.services import assessments, desk, scoring
from app.views import detail
from app.views.base import GuideView, guarded
from app.workflow import engine
from app.workflow.engine import Refused

REFUSED = 422
ITEM = "item-"


class Desk(GuideView):
    """Pages of the lists in which a judge fills a sheet; a list says its step and which rows are done."""

    step: ClassVar[ReviewStep]

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "assess"]

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        g.desk_states = self.own_states(the_actor())
        return super().list()

    def own_states(self, actor: Actor) -> dict[int, Any]:
        """Return how far the judge is: application → state."""
        raise NotImplementedError

    @expose("/<int:pk>")
    @guarded("show")
    def show(self, pk: int) -> Any:
        actor = the_actor()
        application = self.find(pk, actor)
        seat = assessments.seat_for(db.session(), application, actor)
        if seat is not None:
            with writing() as session:
                desk.note_opening(session, seat, application.id, at=clock.now())
        return self._page(application, seat, actor)

    @expose("/<int:pk>/sheet", methods=["POST"])
    @guarded("assess")
    def sheet(self, pk: int) -> Any:
        """Keep a draft, by itself (JSON) or by a press, or hand the sheet in."""
        actor = the_actor()
        application = self.find(pk, actor)
        typed = request.get_json(silent=True) if request.is_json else request.form
        typed = typed if hasattr(typed, "get") else {}
        is_handed_in = not request.is_json and request.form.get("press") == "submit"
        try:
            record = self._keep(application, typed, actor)
            if is_handed_in and record is not None:
                engine.fire(record, "submit", actor=actor, at=clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return self._refused(pk, typed, refusal, actor)
        if request.is_json:
            return jsonify(self._told(record))
        return self._after(application, actor, is_handed_in=is_handed_in)

    def _keep(self, application: Application, typed: Any, actor: Actor) -> Assessment | None:
        """Keep note and sheet as far as they were sent; a locked sheet keeps the note alone."""
        at, seat = clock.now(), assessments.seat_for(db.session(), application, actor)
        if seat is None:
            raise Refused(gettext("This candidate is not assigned to your seat."))
        if "note" in typed:
            desk.keep_note(db.session(), seat, application.id, str(typed.get("note") or ""), at=at)
        if not any(key.startswith(ITEM) or key in ("is_passed", "reason") for key in typed):
            return None
        return assessments.save_draft(
            application, self.step, self._named(application, typed), actor=actor, at=at
        )

    def _named(self, application: Application, typed: Any) -> dict[str, Any]:
        """Return what was typed under the names of the plan's items."""
        if self.step is ReviewStep.MATERIAL_REVIEW:
            return {key: typed.get(key) for key in ("is_passed", "reason")}
        items = _plan(application).score_items
        return {one["name"]: typed.get(f"{ITEM}{place}") for place, one in enumerate(items)}

    def _told(self, record: Assessment | None) -> dict[str, str]:
        return {"saved": f"{clock.local(clock.now()):%H:%M:%S}"}

    def _refused(self, pk: int, typed: Any, refusal: Refused, actor: Actor) -> Any:
        if request.is_json:
            return jsonify({"refused": refusal.sentence, "field": refusal.field}), REFUSED
        application = self.find(pk, actor)
        seat = assessments.seat_for(db.session(), application, actor)
        return self._page(application, seat, actor, typed=typed, refusal=refusal), REFUSED

    def _after(self, application: Application, actor: Actor, *, is_handed_in: bool) -> Any:
        if not is_handed_in:
            flash(gettext("Draft saved."), "success")
            return redirect(self.detail_url(application), 303)
        flash(gettext("Submitted: %(name)s.", name=self.name_of(application)), "success")
        following = self.next_unfinished(application, actor)
        return redirect(
            self.url("show", pk=following) if following else self.detail_url(application), 303
        )

    # the page

    def next_unfinished(self, application: Application, actor: Actor) -> int | None:
        """Return the candidate to go on with: the next in the list on which something is to be done."""
        keys = self.rows(actor).with_only_columns(Application.id).where(~self.is_done(actor))
        after = keys.where(Application.id < application.id).order_by(Application.id.desc())
        first = keys.where(Application.id != application.id).order_by(Application.id.desc())
        return db.session.scalar(after.limit(1)) or db.session.scalar(first.limit(1))

    def _page(
        self,
        application: Application,
        seat: Seat | None,
        actor: Actor,
        *,
        typed: Any = None,
        refusal: Refused | None = None,
    ) -> Any:
        case = detail.case(self, application, actor) | {
            "timeline": [],
            "acts": [],
            "has_side": True,
            "prev_url": self._neighbour(application, actor, is_next=False),
            "next_url": self._neighbour(application, actor, is_next=True),
        }
        sheet = self.context(application, seat, typed) | {
            "refusal": refusal.sentence if refusal else "",
            "refused": refusal.field if refusal else None,
            "note": desk.note_of(db.session(), seat, application.id) if seat else "",
            "url": self.url("sheet", pk=application.id),
            "progress": self.note(actor),
        }
        if typed is not None and "note" in typed:
            sheet["note"] = typed.get("note")
        return self.render_template("desk/case.html", case=case, sheet=sheet, step=self.step)

    def _neighbour(self, application: Application, actor: Actor, *, is_next: bool) -> str | None:
        keys = self.rows(actor).with_only_columns(Application.id).order_by(None)
        beyond = Application.id < application.id if is_next else Application.id > application.id
        order = Application.id.desc() if is_next else Application.id.asc()
        key = db.session.scalar(keys.where(beyond).order_by(order).limit(1))
        return self.url("show", pk=key) if key else None

    def context(self, application: Application, seat: Seat | None, typed: Any) -> dict[str, Any]:
        """Return what the sheet beside the material shows."""
        record = (
            assessments.find(db.session(), seat.id, application.id, self.step) if seat else None
        )
        is_locked = record is not None and record.state is AssessmentState.SUBMITTED
        return {
            "record": record,
            "is_locked": is_locked,
            "items": _items(_plan(application), record, typed),
            "is_passed": _chosen(record, typed),
            "reason": typed.get("reason", "") if typed else (record.reason if record else ""),
            "total": _points(record.total) if record and record.total is not None else None,
            "others": _others(record) if record and is_locked else None,
        }

    # comparing

    @expose("/compare")
    @guarded("show")
    def compare(self) -> Any:
        """Two of the own candidates side by side."""
        actor = the_actor()
        chosen = [request.args.get(name, type=int) or 0 for name in ("a", "b")]
        two = [self.find(key, actor) for key in chosen]
        columns = [{one.key: one for one in self.sections(case, actor)} for case in two]
        keys = list(dict.fromkeys(key for column in columns for key in column))
        page = {"title": gettext("Compare"), "purpose": ""}
        heads = [
            {"name": self.name_of(case), "number": case.number, "url": self.detail_url(case)}
            for case in two
        ]
        pairs = [[column.get(key) for column in columns] for key in keys]
        return self.render_template("desk/compare.html", page=page, heads=heads, pairs=pairs)


def _plan(application: Application) -> Plan:
    return db.session.get_one(Plan, application.plan_id)


def _items(plan: Plan, record: Assessment | None, typed: Any) -> list[dict[str, Any]]:
    given = record.scores if record else {}
    return [
        {
            "name": one["name"],
            "max": one["max"],
            "weight": one["weight"],
            "field": f"{ITEM}{place}",
            "value": typed.get(f"{ITEM}{place}", "") if typed else given.get(one["name"], ""),
        }
        for place, one in enumerate(plan.score_items)
    ]


def _chosen(record: Assessment | None, typed: Any) -> str:
    if typed:
        return str(typed.get("is_passed") or "")
    if record is None or record.is_passed is None:
        return ""
    return "1" if record.is_passed else "0"


def _points(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}"


def _others(record: Assessment) -> dict[str, Any]:
    """Return what the others handed in, and the mean with the own sheet; never names."""
    found = assessments.others(db.session(), record)
    if record.total is None:
        words = [gettext("passes") if one else gettext("does not pass") for one in found]
        return {"count": len(found), "words": words, "mean": None}
    plan = record.seat.plan
    totals = [int(one) for one in found]
    mean = scoring.aggregate([*totals, record.total], plan.aggregation, plan.trim_from)
    return {
        "count": len(found),
        "words": [_points(one) for one in totals],
        "mean": _points(mean) if mean is not None else None,
    }
