"""Boxes of the review form (评审表) that a meeting fills in: opinion of the group, vote, notice of the result.

Order 40, art. 20 to 27. Names of judges never appear (art. 25).
"""

from collections.abc import Iterator
from datetime import date

from flask_babel import gettext, pgettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import MeetingMode, NoticeKind, OpinionState
from app.ground import clock
from app.models import Application, Opinion, Plan, Result, Round
from app.services.dossier.review_form import Box
from app.services.review.review_boxes import body, notice_box, session_of


def decision_boxes(group: str, vote: str, application: Application) -> Iterator[Box]:
    """Yield the boxes of opinion and vote of a decided application and, if there was one, of the notice."""
    yield _opinion_box(group, application)
    yield _vote_box(vote, application)
    found = notice_box(gettext("Public notice of the result"), application, NoticeKind.RESULT)
    if found.lines:
        yield found


def _opinion_box(label: str, application: Application) -> Box:
    query = select(Opinion).where(
        Opinion.application_id == application.id, Opinion.state == OpinionState.COMPLETE
    )
    opinion = session_of(application).scalars(query).one_or_none()
    if opinion is None:
        return _offline_opinion_box(label, application)
    times = [one.signed_at for one in opinion.signers]
    lines = [opinion.text, gettext("Signed by %(count)s experts of the group.", count=len(times))]
    group = f"{opinion.plan.committee.name} {opinion.group_name}".strip()
    return Box(label, lines, signed=body(group, max(times, default=None)))


def _offline_opinion_box(label: str, application: Application) -> Box:
    """Return what is on record of an offline meeting: that three experts signed the opinions (art. 22)."""
    plan = application.plan
    if plan is None or plan.mode is MeetingMode.ONLINE or not plan.opinions_signed:
        return Box(label)
    line = gettext(
        "At least three experts signed the opinion; the signed sheet is kept with the result of the meeting."
    )
    return Box(label, [line], signed=body(plan.committee.name, plan.voted_on))


def _vote_box(label: str, application: Application) -> Box:
    query = select(Result).where(Result.application_id == application.id)
    result = session_of(application).scalars(query).one_or_none()
    if result is None:
        return vote_blank(label)
    held = _meeting_of(session_of(application), result)
    counts = (held.members, held.present, result.yes, result.no, result.abstain)
    figures = [*map(_text, counts), _outcome(result)]
    of = result.counted_of
    lines = (
        [gettext("Two thirds are counted of %(count)s who might vote on this candidate.", count=of)]
        if of is not None and of != held.present
        else []
    )
    return Box(
        label,
        lines,
        list(zip(_vote_columns(), figures, strict=True)),
        body(result.plan.committee.name, _day_of_vote(held)),
    )


def _meeting_of(session: Session, result: Result) -> Plan | Round:
    """Return what has the counts of the vote: the round that decided, or the plan of an offline meeting."""
    return session.get(Round, result.round_id or 0) or result.plan


def _day_of_vote(held: Plan | Round) -> date | None:
    if isinstance(held, Plan):
        return held.voted_on
    return clock.local_date(held.closed_at or held.counted_at or held.frozen_at)


def _outcome(result: Result) -> str:
    if result.reason is not None:
        return str(result.reason.label)
    return gettext("Passed") if result.is_passed else gettext("Not passed")


def _vote_columns() -> list[str]:
    return [gettext("Members"), gettext("Present"), pgettext("vote", "Yes"),
            pgettext("vote", "No"), gettext("Abstained"), gettext("Result")]  # fmt: skip


def vote_blank(label: str) -> Box:
    """Return the box of the vote with empty places for its counts."""
    return Box(label, figures=[(column, "") for column in _vote_columns()])


def _text(count: int | None) -> str:
    return "" if count is None else str(count)
