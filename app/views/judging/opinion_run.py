"""Opinions signed in one run: a judge reads the texts on one page, marks each as read and signs these together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.engine import Refused, RefusedRows
from app.enums import OpinionState, PlanState, ReviewStep
from app.extensions import db
from app.forms.offers import of_asked_meeting
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, CaseOpening, Opinion, OpinionSigner, Plan, Seat
from app.services.judging import opinions
from app.services.meeting import round_lock
from app.views.base import returning
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.judging import judge_progress
from app.views.judging.judge_desk import REFUSED, DeskView
from app.web.security import require_actor

MOST = 50
"""Opinions on one page; the rest follows after these are signed."""


@dataclass(frozen=True)
class Line:
    """An opinion that waits for the judge's signature."""

    opinion: Opinion
    name: str
    url: str
    digest: str
    signed: int
    opened_at: datetime | None
    is_read: bool
    why_not: str


class OpinionRun(DeskView):
    """The page of 1.3.5 on which several opinions are read and signed together."""

    @expose("/sign", methods=["GET", "POST"])
    @guarded("opinion", fires=(Opinion, "sign"))
    def sign(self) -> ResponseReturnValue:
        """Show the opinions that wait for the own signature, or sign those marked as read."""
        actor = require_actor()
        if request.method == "GET":
            return self._run_page(actor)
        typed = dict(_pair(one) for one in request.form.getlist("read"))
        waiting = self._waiting(actor)
        chosen = [one for one in waiting if one.id in typed]
        if not chosen:
            why = gettext(
                "Nothing is marked as read. Read an opinion, tick “Read” beside it, then sign."
            )
            return self._run_page(actor, typed, {}, why)
        try:
            logs = opinions.sign_all(chosen, typed, actor=actor, at=clock.now())
            db.session.commit()
        except Refused as refusal:
            reasons = _reasons(chosen, refusal)
            db.session.rollback()
            why = gettext(
                "Nothing is signed: %(count)s of those marked cannot be signed now.",
                count=len(reasons),
            )
            return self._run_page(actor, typed, reasons, why)
        flash(
            gettext(
                "Signed %(count)s of %(all)s opinions. Receipts %(first)s … %(last)s.",
                count=len(logs), all=len(waiting), first=logs[0].receipt, last=logs[-1].receipt,
            ),
            "success",
        )  # fmt: skip
        unread = [self.name_of(one.application) for one in waiting if one.id not in typed]
        if not unread:
            return redirect(self.back_url(), 303)
        flash(
            gettext("Not marked as read and not signed: %(names)s.", names="、".join(unread)),
            "warning",
        )
        return redirect(request.full_path.rstrip("?"), 303)

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        links = list(super().list_links(actor))
        query = select(func.count()).select_from(self._ready(actor).subquery())
        count = db.session.scalar(query) if self.may("opinion") else 0
        if not count:
            return links
        label = gettext("Read and sign %(count)s opinions", count=count)
        return [(label, self.url("sign", **returning.meeting_of_list())), *links]

    def _ready(self, actor: Actor) -> Select[tuple[int]]:
        """Return the query for the opinions that the judge may sign now."""
        return (
            select(Opinion.id)
            .join(Application, Application.id == Opinion.application_id)
            .join(Plan, Plan.id == Opinion.plan_id)
            .where(
                type(self).scope(actor),
                of_asked_meeting(Opinion.plan_id),
                _is_running(),
                Opinion.state == OpinionState.DRAFT,
                ~judge_progress.done_condition(actor, ReviewStep.OPINION),
                Application.id.not_in(round_lock.bound_candidates()),
            )
        )

    def _waiting(self, actor: Actor) -> Sequence[Opinion]:
        query = select(Opinion).where(Opinion.id.in_(self._ready(actor)))
        loading = joinedload(Opinion.application).joinedload(Application.plan)
        return db.session.scalars(query.options(loading).order_by(Opinion.id).limit(MOST)).all()

    def _run_page(
        self,
        actor: Actor,
        typed: dict[int, str] | None = None,
        reasons: dict[int, str] | None = None,
        refusal: str = "",
    ) -> ResponseReturnValue:
        waiting = self._waiting(actor)
        page = {
            "title": gettext("Read and sign opinions"),
            "back_url": self.back_url(),
            "refusal": refusal,
            "lines": self._lines(waiting, actor, typed or {}, reasons or {}),
        }
        return self.render_template("desk/sign.html", page=page), REFUSED if refusal else 200

    def _lines(
        self,
        waiting: Sequence[Opinion],
        actor: Actor,
        typed: dict[int, str],
        reasons: dict[int, str],
    ) -> list[Line]:
        opened = _openings(actor, [one.application_id for one in waiting])
        signed = _signatures([one.id for one in waiting])
        return [
            Line(
                one, self.name_of(one.application), self.detail_url(one.application), digest,
                signed.get(one.id, 0), opened.get(one.application_id), typed.get(one.id) == digest,
                reasons.get(one.id, ""),
            )
            for one in waiting
            for digest in [opinions.digest(one.text)]
        ]  # fmt: skip


def _is_running() -> ColumnElement[bool]:
    today = clock.local_date(clock.now())
    return (Plan.state == PlanState.APPROVED) & (Plan.opens_on <= today) & (Plan.closes_on >= today)


def _pair(typed: str) -> tuple[int, str]:
    """Return id and digest of a tick, (0, "") for anything else."""
    key, _colon, digest = typed.partition(":")
    return (int(key), digest) if key.isascii() and key.isdigit() and len(key) < 10 else (0, "")


def _reasons(chosen: Sequence[Opinion], refusal: Refused) -> dict[int, str]:
    if isinstance(refusal, RefusedRows):
        return {record.id: why for record, why in refusal.rows}
    return {one.id: refusal.sentence for one in chosen[:1]}


def _openings(actor: Actor, application_ids: Sequence[int]) -> dict[int, datetime]:
    query = (
        select(CaseOpening.application_id, CaseOpening.last_at)
        .join(Seat, Seat.id == CaseOpening.seat_id)
        .where(Seat.user_id == actor.user_id, CaseOpening.application_id.in_(application_ids))
    )
    return dict(db.session.execute(query).tuples().all())


def _signatures(opinion_ids: Sequence[int]) -> dict[int, int]:
    query = select(OpinionSigner.opinion_id, func.count()).where(
        OpinionSigner.opinion_id.in_(opinion_ids)
    )
    return dict(db.session.execute(query.group_by(OpinionSigner.opinion_id)).tuples().all())
