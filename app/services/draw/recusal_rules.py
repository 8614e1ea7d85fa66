"""The automatic recusal rules: each returns the candidates of one meeting that a judge is recused from."""

import json
import re
from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session

from app.enums import RecusalSource, RecusalState
from app.models import (
    Application,
    Committee,
    Expert,
    Person,
    Plan,
    Position,
    Recusal,
    Relation,
    Seat,
    Section,
    Unit,
)
from app.services.draw import draw_pool

JOINT_WORK = ("work", "achievements", "projects", "papers", "books", "patents", "awards")
"""Sections of the application form that name co-workers and co-authors."""
Rule = Callable[[Session, Plan, Seat, Person], Iterable[int]]


def same_person(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Return the judge's own application."""
    return _candidate_ids(session, plan, Application.person_id == person.id)


def same_unit(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Return the candidates of the judge's present unit and of the unit in the expert pool."""
    return _candidate_ids(session, plan, Application.unit_id.in_(_units(session, seat, person)))


def staff(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Return all candidates of the committee if the judge is staff of its office or its supervisor."""
    committee = session.get_one(Committee, plan.committee_id)
    of_office = draw_pool.staff(committee).where(Position.user_id == seat.user_id)
    if session.scalar(of_office.limit(1)) is None:
        return ()
    return _candidate_ids(session, plan, Application.committee_id == committee.id)


def declared(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Return the candidates related to the judge, as declared by the judge or by a candidate (an expert).

    A relation with an ID number matches that person; one without matches everyone of the name.
    """
    by_judge = (Relation.person_id == person.id) & or_(
        Relation.id_index == Person.id_index,
        Relation.id_index.is_(None) & (Relation.name == Application.name),
    )
    by_candidate = (Relation.person_id == Application.person_id) & or_(
        Relation.id_index == person.id_index,
        Relation.id_index.is_(None) & (Relation.name == person.name),
    )
    related = select(Relation.id).where(by_judge | by_candidate).correlate(Application, Person)
    query = select(Application.id).join(Person, Person.id == Application.person_id)
    return session.scalars(
        query.where(*draw_pool.candidate_conditions(plan), related.exists())
    ).all()


def co_author(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Return the candidates whose sections JOINT_WORK contain the judge's name.

    The form has no field for co-authors, so any text of these sections matches that is the judge's full name
    or contains it as a separate word. The office distinguishes people of the same name.
    """
    # JSON columns store non-Latin letters escaped
    spellings = sorted({person.name, json.dumps(person.name)[1:-1]})
    stored = cast(Section.rows, String)
    query = (
        select(Section.application_id, Section.rows)
        .join(Application, Application.id == Section.application_id)
        .where(
            *draw_pool.candidate_conditions(plan),
            Section.key.in_(JOINT_WORK),
            or_(*(stored.contains(shape, autoescape=True) for shape in spellings)),
        )
    )
    word = re.compile(rf"(?<!\w){re.escape(person.name)}(?!\w)")
    return {
        application
        for application, rows in session.execute(query)
        if any(word.search(text) for row in rows for text in row.values() if isinstance(text, str))
    }


def named(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Return the candidates with a granted request against this name (and this unit, if one is named)."""
    query = (
        select(Recusal.application_id, Recusal.named_unit)
        .join(Application, Application.id == Recusal.application_id)
        .where(
            *draw_pool.candidate_conditions(plan),
            Recusal.source == RecusalSource.APPLICANT,
            Recusal.state == RecusalState.IN_FORCE,
            Recusal.named == person.name,
        )
    )
    ids = _units(session, seat, person)
    units = session.scalars(select(Unit.name).where(Unit.id.in_(ids))).all()
    return {
        application
        for application, unit in session.execute(query)
        if not unit or any(unit in one or one in unit for one in units)
    }


def _candidate_ids(session: Session, plan: Plan, condition: ColumnElement[bool]) -> Iterable[int]:
    return session.scalars(
        select(Application.id).where(*draw_pool.candidate_conditions(plan), condition)
    ).all()


def _units(session: Session, seat: Seat, person: Person) -> set[int]:
    units = {person.unit_id}
    if seat.expert_id is not None:
        units.add(session.get_one(Expert, seat.expert_id).unit_id)
    return {one for one in units if one is not None}


RULES: tuple[tuple[RecusalSource, Rule], ...] = (
    (RecusalSource.PERSON, same_person),
    (RecusalSource.STAFF, staff),
    (RecusalSource.UNIT, same_unit),
    (RecusalSource.RELATION, declared),
    (RecusalSource.AUTHOR, co_author),
    # source OFFICE, not APPLICANT: the list applicants see of their requests must not reveal the judges
    (RecusalSource.OFFICE, named),
)
