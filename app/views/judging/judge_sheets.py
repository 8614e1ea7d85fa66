"""The score sheet of one case: points or a decision, autosaved, locked once submitted."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app import engine
from app.engine import Refused
from app.enums import AssessmentState, ReviewStep
from app.extensions import csrf, db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, Seat
from app.services.judging import assessments, case_notes, scoring
from app.services.judging.assessments import SheetFaults
from app.services.meeting import score_sheet
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.judging.judge_desk import DeskView, sent_texts, time_of_day
from app.views.judging.judge_offline import OfflineSheets
from app.views.judging.judge_seats import meeting_of
from app.web.form_tokens import has_token, new_csrf_token_answer
from app.web.json_bodies import takes_json
from app.web.security import require_actor

ITEM = "score-"
ON = ("submit", "next")
"""Values of the button `do` that submit the sheet; `next` then opens the next case."""


class SheetView(OfflineSheets, DeskView):
    """Base of the menus 1.3.1, 1.3.2 and 1.3.3, in which every judge fills in an own sheet."""

    @expose("/<int:pk>/sheet", methods=["POST"])
    @takes_json
    @guarded("assess", fires=(Assessment, "submit"))
    def sheet(self, pk: int) -> ResponseReturnValue:
        """Autosave, save or submit the sheet."""
        actor = require_actor()
        record, seat = self.mine(pk, actor)
        if not has_token():
            return new_csrf_token_answer() if request.is_json else self.stale(record, seat, actor)
        typed = sent_texts()
        try:
            return self._save_with_retry(record, seat, actor, typed)
        except Refused as refusal:
            return self.refused(pk, actor, refusal, typed)

    def _save_with_retry(
        self, record: Application, seat: Seat, actor: Actor, typed: dict[str, str]
    ) -> ResponseReturnValue:
        pk = record.id
        try:
            return self._save(record, seat, actor, typed)
        except IntegrityError:
            # two windows created the same sheet at the same moment: now it exists
            db.session.rollback()
            return self._save(*self.mine(pk, actor), actor, typed)

    def _save(
        self, record: Application, seat: Seat, actor: Actor, typed: dict[str, str]
    ) -> ResponseReturnValue:
        if request.is_json:
            return self._autosave(record, seat, actor, typed)
        return self._save_or_submit(record, actor, typed)

    def _autosave(
        self, record: Application, seat: Seat, actor: Actor, typed: dict[str, str]
    ) -> ResponseReturnValue:
        """Save every readable entry; answer the faults of the others as JSON."""
        values, at = _values_by_item(record, self.step, typed), clock.now()
        faults: dict[str, str] = {}
        if "note" in typed:
            case_notes.save_note(db.session(), seat.id, record.id, typed["note"], at)
        # a note alone does not create a sheet
        stored = assessments.find(db.session(), seat.id, record.id, self.step)
        if stored is not None or any(values.values()):
            _sheet, faults = assessments.save_valid_values(
                record, self.step, values, actor=actor, at=at
            )
        db.session.commit()
        named = {_field_name(record, self.step, name): why for name, why in faults.items()}
        return jsonify({"saved_at": time_of_day(), "faults": named})

    def _save_or_submit(
        self, record: Application, actor: Actor, typed: dict[str, str]
    ) -> ResponseReturnValue:
        at, values = clock.now(), _values_by_item(record, self.step, typed)
        around = self.neighbours(record, actor)
        sheet = assessments.save_draft(record, self.step, values, actor=actor, at=at)
        wish = typed.get("do", "save")
        log = engine.fire(sheet, "submit", actor=actor, at=at) if wish in ON else None
        if "note" in typed:
            case_notes.save_note(db.session(), sheet.seat_id, record.id, typed["note"], at)
        db.session.commit()
        if log is None:
            flash(gettext("Saved at %(time)s.", time=time_of_day()), "success")
        else:
            flash(self._submitted_text(record, sheet, log.receipt), "success")
        goes_on = wish == "next" and around.next is not None
        return redirect(self.url("show", pk=around.next if goes_on else record.id), 303)

    def _submitted_text(self, record: Application, sheet: Assessment, receipt: str) -> str:
        return gettext(
            "Submitted: %(name)s, %(result)s. Receipt %(receipt)s.",
            name=self.name_of(record),
            result=_result_text(sheet),
            receipt=receipt,
        )

    def faults_of(self, record: Application, refusal: Refused) -> dict[str, str]:
        """Return {name of the input: sentence} for all faults of a sheet."""
        if not isinstance(refusal, SheetFaults):
            return super().faults_of(record, refusal)
        return {_field_name(record, self.step, name): why for name, why in refusal.faults.items()}

    def side(
        self, record: Application, seat: Seat, actor: Actor, typed: dict[str, str] | None
    ) -> Page:
        session = db.session()
        stored = assessments.find(session, seat.id, record.id, self.step)
        is_locked = stored is not None and stored.state is AssessmentState.SUBMITTED
        sheet = stored or Assessment(
            seat_id=seat.id, application_id=record.id, step=self.step, scores={}, reason="",
            state=AssessmentState.DRAFT,
        )  # fmt: skip
        known = _stored_texts(record, sheet)
        return {
            "is_review": self.step is ReviewStep.MATERIAL_REVIEW,
            "is_locked": is_locked,
            "why_not": None
            if is_locked
            else engine.why_not(sheet, "submit", actor=actor, at=clock.now()),
            "url": self.url("sheet", pk=record.id),
            "items": _score_items(record, self.step, typed or known),
            "decision": (typed or known).get("is_passed", ""),
            "reason": (typed or known).get("reason", ""),
            "total": scoring.format_score(scoring.partial(_asked(record, self.step), sheet.scores)),
            "result": _result_text(sheet) if is_locked else "",
            "submitted_at": sheet.submitted_at,
            "others": self._others(record, sheet) if is_locked else None,
        }

    def _others(self, record: Application, sheet: Assessment) -> Page:
        """Return the group's submitted results without names; call only after the own sheet is submitted."""
        session, plan = db.session(), meeting_of(record)
        handed_in = assessments.results_of_others(session, sheet)
        passed = sum(one is True for one in handed_in)
        totals = [one for one in handed_in if not isinstance(one, bool)]
        own = [sheet.total] if sheet.total is not None else []
        mean = scoring.aggregate([*own, *totals], plan.aggregation, plan.trim_from)
        return {
            "count": len(handed_in),
            "of": max(case_notes.judges_on(session, record) - 1, len(handed_in)),
            "totals": [scoring.format_score(one) for one in sorted(totals, reverse=True)],
            "mean": scoring.format_score(mean) if mean is not None else "",
            "rule": plan.aggregation.label,
            "passed": passed + (sheet.is_passed is True),
            "not_passed": len(handed_in) - passed + (sheet.is_passed is False),
        }


def _asked(record: Application, step: ReviewStep) -> Sequence[Mapping[str, Any]]:
    """Return the score items that the sheet of `step` asks, none for a review."""
    return score_sheet.items_of(meeting_of(record).score_items, step)


def _score_items(record: Application, step: ReviewStep, typed: dict[str, str]) -> list[Page]:
    return [
        {
            "name": f"{ITEM}{place}",
            "label": item["name"],
            "most": item["max"],
            "weight": item["weight"],
            "value": typed.get(f"{ITEM}{place}", ""),
        }
        for place, item in enumerate(_asked(record, step))
    ]


def _stored_texts(record: Application, sheet: Assessment) -> dict[str, str]:
    texts = {
        f"{ITEM}{place}": str(sheet.scores.get(item["name"], ""))
        for place, item in enumerate(_asked(record, sheet.step))
    }
    passed = {True: "1", False: "0"}.get(sheet.is_passed, "")  # type: ignore[arg-type]  # None has no word
    return texts | {"is_passed": passed, "reason": sheet.reason}


def _values_by_item(record: Application, step: ReviewStep, typed: dict[str, str]) -> dict[str, str]:
    """Return the typed values by the names of the score items, as the service expects, not by their places."""
    if step is ReviewStep.MATERIAL_REVIEW:
        return {name: typed.get(name, "") for name in ("is_passed", "reason")}
    return {
        item["name"]: typed.get(f"{ITEM}{place}", "")
        for place, item in enumerate(_asked(record, step))
    }


def _field_name(record: Application, step: ReviewStep, name: str) -> str:
    names = [item["name"] for item in _asked(record, step)]
    return f"{ITEM}{names.index(name)}" if name in names else name


def _result_text(sheet: Assessment) -> str:
    if sheet.total is not None:
        return gettext("%(points)s points", points=scoring.format_score(sheet.total))
    return gettext("Audit passed") if sheet.is_passed else gettext("Audit not passed")


# `sheet` checks the CSRF token itself: an expired one is answered with a new one, typed values are kept
csrf.exempt(f"{SheetView.sheet.__module__}.{SheetView.sheet.__name__}")
