"""Offline score sheets: download unfinished cases as Excel, upload the filled workbook, check every row."""

from collections.abc import Sequence
from typing import ClassVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from app.engine import Refused
from app.enums import ReviewStep
from app.extensions import db
from app.forms.judging import SheetForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, CaseNote, Plan, Seat
from app.services.exports import workbook
from app.services.imports.refusals import SheetRefused
from app.services.judging import score_import, score_workbook
from app.services.judging.score_import import Line
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.web.security import require_actor

REFUSED = 422
SHOWN_NUMBERS = 20


class OfflineSheets(GuideView):
    """Routes and links for offline sheets in the three menus with score sheets."""

    step: ClassVar[ReviewStep]

    @expose("/sheet.xlsx")
    @guarded("assess", fires=(Assessment, "submit"))
    def take_out(self) -> ResponseReturnValue:
        """Download the unfinished cases of a meeting as Excel; `?plan=` chooses among several meetings."""
        actor = require_actor()
        plan = self._plan(actor)
        cases = self._unfinished(actor, plan)
        keys = [one.id for one in cases]
        content = score_workbook.template(
            plan, self.step, cases, _drafts(actor, self.step, keys), _notes(actor, keys)
        )
        return workbook.attachment(content, f"{self.label}.xlsx", workbook.XLSX)

    @expose("/upload", methods=["GET", "POST"])
    @guarded("assess", fires=(Assessment, "submit"))
    def upload(self) -> ResponseReturnValue:
        """Import a filled workbook; if one row is wrong, nothing is stored."""
        actor = require_actor()
        plan, form = self._plan(actor), SheetForm()
        if request.method == "POST" and form.validate():
            try:
                return self._import(plan, actor, form)
            except Refused as refusal:
                db.session.rollback()
                _show_refusal(form, refusal)
                plan = self._plan(actor)
        page = {
            "title": gettext("Upload a filled sheet"), "form": form, "is_multipart": True,
            "notes": [self._explanation(plan, actor)], "submit_label": gettext("Check and take over"),
            "back_url": self.back_url(),
        }  # fmt: skip
        return self.render_template("form.html", page=page), REFUSED if form.errors else 200

    def _import(self, plan: Plan, actor: Actor, form: SheetForm) -> ResponseReturnValue:
        is_final, at = bool(form.is_final.data), clock.now()
        cases = self._unfinished(actor, plan)
        notes = _notes(actor, [one.id for one in cases])
        lines = score_import.read(
            plan, self.step, cases, form.sheet.data.stream, is_final=is_final, notes=notes
        )
        score_import.take_over(
            db.session(), self.step, lines, actor=actor, at=at, is_final=is_final
        )
        db.session.commit()
        _report(lines, len(cases), is_final)
        return redirect(self.back_url(), 303)

    def _explanation(self, plan: Plan, actor: Actor) -> str:
        return gettext(
            "Meeting “%(plan)s”: %(count)s unfinished cases. Every row is checked; if one is wrong, nothing is taken.",
            plan=plan.name,
            count=len(self._unfinished(actor, plan)),
        )

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        links = list(super().list_links(actor))
        plans = self._plans(actor) if self.may("assess") else []
        for plan in plans:
            name = f" · {plan.name}" if len(plans) > 1 else ""
            links += [
                (gettext("Download the sheet") + name, self.url("take_out", plan=plan.id)),
                (gettext("Upload the sheet") + name, self.url("upload", plan=plan.id)),
            ]
        return links

    def _plans(self, actor: Actor) -> Sequence[Plan]:
        mine = select(Application.plan_id).where(*self.conditions(actor))
        return db.session.scalars(
            select(Plan).where(Plan.id.in_(mine)).order_by(Plan.opens_on, Plan.id)
        ).all()

    def _plan(self, actor: Actor) -> Plan:
        """Return the meeting named in the address, or the first one; abort with 404 on others."""
        wanted = request.args.get("plan", type=int)
        plans = [one for one in self._plans(actor) if wanted in (None, one.id)]
        return plans[0] if plans else abort(404)

    def _unfinished(self, actor: Actor, plan: Plan) -> Sequence[Application]:
        query = select(Application).where(*self.unfinished(actor), Application.plan_id == plan.id)
        return db.session.scalars(query.order_by(Application.number)).all()


def _report(lines: Sequence[Line], unfinished: int, is_final: bool) -> None:
    """Say how many sheets of all were taken, how many remarks, and which rows had nothing to take."""
    taken = sum(not line.is_empty for line in lines)
    numbers = {"count": taken, "all": unfinished}
    said = [
        gettext("%(count)s of %(all)s sheets were submitted.", **numbers)
        if is_final
        else gettext("%(count)s of %(all)s sheets were taken over as drafts.", **numbers)
    ]
    if remarks := sum(bool(line.remark) for line in lines):
        said.append(gettext("Private remarks saved: %(count)s.", count=remarks))
    flash(" ".join(said), "success" if taken else "warning")
    if empty := [line.application.number for line in lines if line.is_empty]:
        named = gettext(", ").join(empty[:SHOWN_NUMBERS])
        more = gettext("And %(count)s more.", count=len(empty) - SHOWN_NUMBERS)
        said = [gettext("Rows without an entry stay unfinished: %(numbers)s.", numbers=named)]
        flash(" ".join([*said, more] if len(empty) > SHOWN_NUMBERS else said), "info")


def _show_refusal(form: SheetForm, refusal: Refused) -> None:
    if isinstance(refusal, SheetRefused):
        form.sheet.errors = [gettext("Nothing was taken from the file."), *refusal.lines]
    else:
        form.show(Refused(refusal.sentence, "sheet"))


def _drafts(actor: Actor, step: ReviewStep, keys: Sequence[int]) -> dict[int, Assessment]:
    query = (
        select(Assessment)
        .join(Seat, Seat.id == Assessment.seat_id)
        .where(Seat.user_id == actor.user_id, Assessment.step == step)
        .where(Assessment.application_id.in_(keys))
    )
    return {one.application_id: one for one in db.session.scalars(query)}


def _notes(actor: Actor, keys: Sequence[int]) -> dict[int, str]:
    query = (
        select(CaseNote.application_id, CaseNote.text)
        .join(Seat, Seat.id == CaseNote.seat_id)
        .where(Seat.user_id == actor.user_id, CaseNote.application_id.in_(keys))
    )
    return dict(db.session.execute(query).tuples().all())
