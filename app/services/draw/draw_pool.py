"""The pool of a draw: the committee's experts with their exclusion reasons (Order 40, art. 11, 25, 26)."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, exists, false, func, or_, select
from sqlalchemy.orm import Session

from app import settings
from app.enums import (
    FINAL,
    ApplicationState,
    ExpertAccountState,
    ExpertState,
    Level,
    RecusalRule,
    Role,
)
from app.models import (
    Application,
    Committee,
    Expert,
    ExpertAccount,
    Person,
    Plan,
    Position,
    Seat,
    Title,
    User,
)
from app.services.draw import draw_rules
from app.services.draw.draw_rules import Entry, Group, Pool
from app.services.meeting import meeting_groups
from app.services.meeting.seats import LIVE

REASONS: dict[str, Any] = {
    "term": _("The term does not cover the meeting"),
    "leave": _("On leave during the meeting"),
    "no_account": _("No account to be called by"),
    "unconfirmed": _("The office has not confirmed the account"),
    "barred": _("Barred"),
    "removed": _("Removed from a pool"),
    "applicant": _("Applies to this committee this year"),
    "staff": _("Staff of the office, or supervisor"),
    "unit": _("Of a candidate's unit"),
    "level": _("Title lower than the candidates' level"),
    "double": _("In the pool twice"),
    "seated": _("Has a seat in this meeting already"),
}
"""Exclusion code → label; the draw record contains the codes."""
Conditions = dict[str, ColumnElement[bool]]


def build_pool(session: Session, plan: Plan, attempt: int, salt: str) -> Pool:
    """Return the present pool of a plan, for freezing."""
    return Pool(
        plan=plan.id,
        attempt=attempt,
        groups=tuple(
            Group(str(one["name"]), int(one["seats"]), tuple(one["specialties"]))
            for one in meeting_groups.groups_of_plan(plan)
        ),
        alternates=plan.alternates,
        unit_max=settings.get("draw_unit_max"),
        entries=tuple(_entries(session, plan, salt)),
    )


def new_salt() -> str:
    """Return a random salt for one draw; it is stored in the database and never published."""
    return secrets.token_hex(16)


def experts_of(session: Session, plan: Plan, salt: str, tokens: Iterable[str]) -> dict[str, int]:
    """Return the experts that `tokens` stand for: token → expert id."""
    wanted = set(tokens)
    ids = session.scalars(select(Expert.id).where(Expert.committee_id == plan.committee_id))
    pairs = ((draw_rules.token(salt, one), one) for one in ids)
    return {token: expert_id for token, expert_id in pairs if token in wanted}


def _entries(session: Session, plan: Plan, salt: str) -> Iterable[Entry]:
    conditions = _conditions(session, plan)
    query = (
        select(Expert.id, Expert.unit_id, Expert.specialty_code, Title.level, *conditions.values())
        .join(Person, Person.id == Expert.person_id)
        .join(Title, Title.code == Expert.title_code)
        .outerjoin(User, User.id == Person.user_id)
        .where(Expert.committee_id == plan.committee_id, Expert.state == ExpertState.ADMITTED)
    )
    units: dict[int, str] = {}
    for expert_id, unit_id, specialty, level, *flags in session.execute(query):
        if unit_id not in units:
            units[unit_id] = draw_rules.unit_token(salt, unit_id)
        codes = tuple(code for code, is_so in zip(conditions, flags, strict=True) if is_so)
        number = draw_rules.token(salt, expert_id)
        yield Entry(number, units[unit_id], specialty, level.value, codes)


def _conditions(session: Session, plan: Plan) -> Conditions:
    committee = session.get_one(Committee, plan.committee_id)
    return {
        **_expert_conditions(plan),
        "removed": Expert.person_id.in_(
            select(Expert.person_id).where(Expert.state == ExpertState.REMOVED)
        ),
        "applicant": Expert.person_id.in_(_applicants(plan)),
        "staff": User.id.in_(staff(committee)),
        "unit": _is_of_a_candidates_unit(plan),
        "level": _is_too_low(session, plan),
        "double": _covers(plan) & Expert.id.not_in(_last_terms(plan)),
        "seated": User.id.in_(
            select(Seat.user_id).where(Seat.plan_id == plan.id, Seat.state.in_(LIVE))
        ),
    }


def _expert_conditions(plan: Plan) -> Conditions:
    first, last = plan.opens_on, plan.closes_on
    return {
        "term": ~_covers(plan),
        "leave": Expert.leave_from.is_not(None)
        & (Expert.leave_from <= last)
        & or_(Expert.leave_to.is_(None), Expert.leave_to >= first),
        "no_account": or_(User.id.is_(None), User.active.is_not(True)),
        "unconfirmed": _is_unconfirmed(),
        "barred": Person.banned_until.is_not(None) & (Person.banned_until >= first),
    }


def _is_unconfirmed() -> ColumnElement[bool]:
    """Return the condition for experts whose account the office has to confirm, or has refused."""
    return exists().where(
        ExpertAccount.user_id == User.id,
        ExpertAccount.committee_id == Expert.committee_id,
        ExpertAccount.state != ExpertAccountState.CONFIRMED,
    )


def _covers(plan: Plan) -> ColumnElement[bool]:
    return (Expert.term_from <= plan.opens_on) & (Expert.term_to >= plan.closes_on)


def _applicants(plan: Plan) -> Any:
    """Return the query for persons with an unfinished application to the committee in the review year."""
    return select(Application.person_id).where(
        Application.committee_id == plan.committee_id,
        Application.review_year == plan.batch.review_year,
        Application.state.not_in({*FINAL, ApplicationState.DISCARDED}),
    )


def staff(committee: Committee) -> Any:
    """Return the query for the accounts of the committee's office and of its supervisor."""
    is_office = (Position.role == Role.OFFICE) & (
        (Position.unit_id == committee.unit_id) | (Position.committee_id == committee.id)
    )
    is_supervisor = (Position.role == Role.SUPERVISOR) & (Position.committee_id == committee.id)
    return select(Position.user_id).where(Position.is_active, is_office | is_supervisor)


def _is_of_a_candidates_unit(plan: Plan) -> ColumnElement[bool]:
    if plan.recusal_rule is not RecusalRule.UNIT:
        return false()
    units = select(Application.unit_id).where(*candidate_conditions(plan))
    return Expert.unit_id.in_(units) | (Person.unit_id.is_not(None) & Person.unit_id.in_(units))


def _is_too_low(session: Session, plan: Plan) -> ColumnElement[bool]:
    """Return the condition for experts below full senior; false unless a candidate applies for full senior.

    The setting `draw_level_match` switches it off.
    """
    if not settings.get("draw_level_match"):
        return false()
    seniors = select(func.count(Application.id)).where(
        *candidate_conditions(plan), Application.level == Level.SENIOR
    )
    return Title.level != Level.SENIOR if session.scalar(seniors) else false()


def _last_terms(plan: Plan) -> Any:
    """Return the query for each person's newest membership in the pool; older ones are excluded as double."""
    is_in_pool = (Expert.committee_id == plan.committee_id) & (Expert.state == ExpertState.ADMITTED)
    return select(func.max(Expert.id)).where(is_in_pool, _covers(plan)).group_by(Expert.person_id)


def candidate_conditions(plan: Plan) -> Sequence[ColumnElement[bool]]:
    """Return the conditions that select the candidates of a meeting: its applications in review."""
    return (Application.plan_id == plan.id, Application.state == ApplicationState.IN_REVIEW)
