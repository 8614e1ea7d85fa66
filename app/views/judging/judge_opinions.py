"""The opinion of a judges' group on a case: one judge writes it, three sign it; the page shows no names."""

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app import engine, settings
from app.engine import Refused
from app.enums import AssessmentState, OpinionState, ReviewStep
from app.extensions import csrf, db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Opinion, Seat
from app.services.judging import assessments, case_notes, opinions, scoring
from app.services.meeting.score_sheet import WITH_SHEETS
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.judging.judge_desk import sent_texts
from app.views.judging.judge_seats import meeting_of
from app.views.judging.opinion_run import OpinionRun
from app.web.form_tokens import has_token
from app.web.security import require_actor


class GroupOpinionView(OpinionRun):
    """The pages behind menu 1.3.5."""

    template = "desk/opinion.html"

    @expose("/<int:pk>/opinion", methods=["POST"])
    @guarded("opinion", fires=(Opinion, "write"))
    def opine(self, pk: int) -> ResponseReturnValue:
        """Write, change or sign the opinion."""
        actor = require_actor()
        record, seat = self.mine(pk, actor)
        if not has_token():
            return self.stale(record, seat, actor)
        typed = sent_texts()
        try:
            sentence = self._write_or_sign(record, actor, typed)
            db.session.commit()
        except Refused as refusal:
            return self.refused(pk, actor, refusal, typed)
        except IntegrityError:
            again = Refused(
                gettext(
                    "Somebody of your group wrote an opinion at the same moment. Read it; what you typed is kept."
                )
            )
            return self.refused(pk, actor, again, typed)
        flash(sentence, "success")
        return redirect(self.detail_url(record), 303)

    def _write_or_sign(self, record: Application, actor: Actor, typed: dict[str, str]) -> str:
        at = clock.now()
        opinion = opinions.find_opinion(db.session(), record.id, is_locking=True)
        if typed.get("do") == "sign":
            if opinion is None:
                raise Refused(gettext("There is no opinion to sign yet."))
            details = {"read": typed.get("read", "")}
            log = engine.fire(opinion, "sign", actor=actor, at=at, details=details)
            return gettext("Signed. Receipt %(receipt)s.", receipt=log.receipt)
        if opinion is None:
            opinions.begin(record, typed.get("text", ""), actor=actor, at=at)
            return gettext("The opinion is written and signed by you; the others sign it here.")
        _refuse_unread(opinion, typed)
        details = {"text": typed.get("text", "")}
        log = engine.fire(opinion, "rewrite", actor=actor, at=at, details=details)
        return gettext(
            "The opinion is changed and signed by you; everybody else signs anew. Receipt %(receipt)s.",
            receipt=log.receipt,
        )

    def side(
        self, record: Application, seat: Seat, actor: Actor, typed: dict[str, str] | None
    ) -> Page:
        session, at = db.session(), clock.now()
        opinion = opinions.find_opinion(session, record.id)
        asked = opinion or Opinion(
            plan_id=record.plan_id, application_id=record.id, text="", state=OpinionState.DRAFT
        )
        needed, signers = settings.get("opinion_signers"), [one.seat_id for one in asked.signers]
        return {
            "url": self.url("opine", pk=record.id),
            "text": (typed or {}).get("text", asked.text),
            "stored": asked.text,
            "is_there": opinion is not None,
            "is_complete": opinion is not None and opinion.state is OpinionState.COMPLETE,
            "read": opinions.digest(asked.text),
            "signed": len(signers),
            "needed": needed,
            "is_signed": seat.id in signers,
            "judges": case_notes.judges_on(session, record),
            "why_not": engine.why_not(asked, "rewrite", actor=actor, at=at),
            "most": opinions.LONGEST,
            "is_typed": typed is not None and "text" in typed,
            "scores": self._scores(record, seat),
        }

    def _scores(self, record: Application, seat: Seat) -> list[Page]:
        """Return the group's results per step; hidden for a step in which the own sheet is not submitted."""
        used = [step for step in WITH_SHEETS if step.value in meeting_of(record).steps]
        return [self._step_summary(record, seat, step) for step in used]

    def _step_summary(self, record: Application, seat: Seat, step: ReviewStep) -> Page:
        session, plan = db.session(), meeting_of(record)
        own = assessments.find(session, seat.id, record.id, step)
        if own is None or own.state is not AssessmentState.SUBMITTED:
            return {"label": step.label, "says": gettext("shown once your own sheet is submitted")}
        found = assessments.totals_on(session, record, step)
        totals = [one for one in found if not isinstance(one, bool)]
        mean = scoring.aggregate(totals, plan.aggregation, plan.trim_from)
        if mean is None:
            passed = sum(one is True for one in found)
            return {
                "label": step.label,
                "says": gettext(
                    "%(passed)s passed, %(rest)s not passed",
                    passed=passed,
                    rest=len(found) - passed,
                ),
            }
        return {
            "label": step.label,
            "says": gettext(
                "%(mean)s points of %(count)s sheets",
                mean=scoring.format_score(mean),
                count=len(totals),
            ),
        }


def _refuse_unread(opinion: Opinion, typed: dict[str, str]) -> None:
    """Refuse to overwrite an opinion whose present wording the judge has not read."""
    if typed.get("read") != opinions.digest(opinion.text):
        raise Refused(
            gettext(
                "The opinion was changed meanwhile. Read the new wording; what you typed is kept."
            ),
            "text",
        )


# `opine` checks the CSRF token itself: with an expired one it shows the page again, typed text kept
csrf.exempt(f"{GroupOpinionView.opine.__module__}.{GroupOpinionView.opine.__name__}")
