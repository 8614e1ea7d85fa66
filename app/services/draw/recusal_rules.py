"""The rules that keep a judge from candidates without anybody asking, each one statement over all of a meeting."""

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
"""Sections of the application form in which people who worked together are named."""
Rule = Callable[[Session, Plan, Seat, Person], Iterable[int]]


def same_person(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Nobody judges oneself."""
    return _of(session, plan, Application.person_id == person.id)


def same_unit(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Candidates of the unit the judge works in, and of the one the pool knows."""
    return _of(session, plan, Application.unit_id.in_(_units(session, seat, person)))


def staff(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Whoever prepares or supervises the meeting judges nobody in it."""
    committee = session.get_one(Committee, plan.committee_id)
    of_office = draw_pool.staff(committee).where(Position.user_id == seat.user_id)
    if session.scalar(of_office.limit(1)) is None:
        return ()
    return _of(session, plan, Application.committee_id == committee.id)


def declared(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Relations that the judge declared about a candidate, or a candidate who is an expert about the judge.

    A relation with an ID number means that one person; one without means whoever bears the name.
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
    return session.scalars(query.where(*draw_pool.candidates(plan), related.exists())).all()


def co_author(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Candidates who name the judge in what they list of their work.

    The form has no field for the names of co-authors, so any text of these sections counts that is the judge's
    full name or holds it as a word of its own; two people of one name are the office's to tell apart.
    """
    # the database holds other letters than Latin ones escaped
    shapes = sorted({person.name, json.dumps(person.name)[1:-1]})
    stored = cast(Section.rows, String)
    query = (
        select(Section.application_id, Section.rows)
        .join(Application, Application.id == Section.application_id)
        .where(
            *draw_pool.candidates(plan),
            Section.key.in_(JOINT_WORK),
            or_(*(stored.contains(shape, autoescape=True) for shape in shapes)),
        )
    )
    word = re.compile(rf"(?<!\w){re.escape(person.name)}(?!\w)")
    return {
        application
        for application, rows in session.execute(query)
        if any(word.search(text) for row in rows for text in row.values() if isinstance(text, str))
    }


def named(session: Session, plan: Plan, seat: Seat, person: Person) -> Iterable[int]:
    """Candidates whose request against whoever bears this name, in this unit if one is named, was granted."""
    query = (
        select(Recusal.application_id, Recusal.named_unit)
        .join(Application, Application.id == Recusal.application_id)
        .where(
            *draw_pool.candidates(plan),
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


def _of(session: Session, plan: Plan, condition: ColumnElement[bool]) -> Iterable[int]:
    return session.scalars(
        select(Application.id).where(*draw_pool.candidates(plan), condition)
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
    # not as the applicant's: what applicants see of their requests must not tell who sits
    (RecusalSource.OFFICE, named),
)
