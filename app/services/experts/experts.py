"""Memberships of pools: who may act on them, what they need, what follows (menu 1.4.1).

Guards and checks take an act and return the sentence that refuses, or None.
"""

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import Role
from app.ground import clock
from app.models import Committee, Expert, Person, Unit
from app.services.accounts import judge_positions
from app.services.experts import expert_rules
from app.services.experts.expert_rules import Rule
from app.services.messages import outbox
from app.services.registers import regions

OWN_HALL = "/g/my-experts/"
TOLD = frozenset({"recommend", "unit_refuse", "admit", "enrol", "refuse", "remove", "end_term"})
"""Acts the expert gets a message about."""
LONGEST_LEAVE = timedelta(days=3 * 366)


def rules_of(session: Session, expert: Expert, at: datetime) -> list[Rule]:
    """Return every condition of entering the pool, met or not, as it stands at `at`."""
    return expert_rules.judge(expert_rules.of(session, expert, at))


def usual_term(
    session: Session, person_id: int, committee_id: int, today: date
) -> tuple[date, date]:
    """Return the term proposed from `today`: the longest there is, less a day.

    A person's terms in one pool begin on different days; a day taken by an earlier one is passed over.
    """
    query = select(Expert.term_from).where(
        Expert.person_id == person_id, Expert.committee_id == committee_id
    )
    taken, first = set(session.scalars(query)), today
    while first in taken:
        first += timedelta(days=1)
    return first, last_day(first)


def last_day(first: date) -> date:
    """Return the usual last day of a term: the longest there is, less a day."""
    return expert_rules.longest_term(first) - timedelta(days=1)


# who acts


def is_own(act: Act) -> str | None:
    """An applicant acts on the own membership only."""
    if act.actor.person_id is not None and act.actor.person_id == act.record.person_id:
        return None
    return gettext("You apply for yourself only. Enter your own data first.")


def is_not_own(act: Act) -> str | None:
    """Nobody of staff acts on the own membership (domain.md §4.2)."""
    if act.actor.person_id is None or act.actor.person_id != act.record.person_id:
        return None
    return gettext("This is your own membership of a pool; a colleague must handle it.")


def is_own_unit(act: Act) -> str | None:
    """A unit recommends its own people."""
    if act.actor.unit_id is not None and act.record.unit_id == act.actor.unit_id:
        return None
    return gettext("This person applied through another unit, which recommends.")


def is_own_committee(act: Act) -> str | None:
    """An office keeps the pools of its committees."""
    if act.record.committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def is_own_or_office(act: Act) -> str | None:
    """The expert in person, or the committee's office for somebody else."""
    if act.actor.role is Role.APPLICANT:
        return is_own(act)
    return is_not_own(act) or is_own_committee(act)


def is_in_charge(act: Act) -> str | None:
    """The committee's office, or the authority of its region."""
    if act.actor.role is Role.OFFICE:
        return is_own_committee(act)
    committee = act.session.get_one(Committee, act.record.committee_id)
    if regions.covers(act.actor, committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


# what a membership needs


def is_complete(act: Act) -> str | None:
    """Everything a membership rests on is there and in use; raises Refused at the field at fault."""
    record = act.record
    with act.session.no_autoflush:
        unit = act.session.get(Unit, record.unit_id or 0)
    if unit is None or not unit.is_active:
        raise Refused(
            gettext("There is no unit in use. Enter the own unit under “My data” first."), "unit_id"
        )
    today = clock.local_date(act.at)
    for field in ("title_since", "employed_since"):
        if (day := getattr(record, field)) is not None and day > today:
            raise Refused(
                gettext("%(day)s lies ahead. Compare it with the document.", day=day), field
            )
    if record.title_since and record.employed_since and record.employed_since < record.title_since:
        raise Refused(
            gettext("Nobody is employed with a title before obtaining it. Compare both days."),
            "employed_since",
        )
    return None


def meets_rules(act: Act) -> str | None:
    """Every condition of entering a pool holds (Order 40, art. 11; Hunan's rules on review experts)."""
    rule = next(expert_rules.unmet(expert_rules.of(act.session, act.record, act.at)), None)
    return None if rule is None else rule.sentence


def may_enter(act: Act) -> str | None:
    """The same when a membership begins: the field at fault is named. Raises Refused."""
    _one_at_a_time(act)
    rule = next(expert_rules.unmet(expert_rules.of(act.session, act.record, act.at)), None)
    if rule is not None:
        raise Refused(rule.sentence, rule.field)
    return None


def has_term(act: Act) -> str | None:
    """The term is typed, at most three years and free (Order 40, art. 11). Raises Refused at its day."""
    first, last = term_of(act)
    if fault := expert_rules.term_fault(first, last, clock.local_date(act.at)):
        raise Refused(fault[1], fault[0])
    record = act.record
    query = select(Expert.id).where(
        Expert.person_id == record.person_id,
        Expert.committee_id == record.committee_id,
        Expert.term_from == first,
        Expert.id != (record.id or 0),
    )
    with act.session.no_autoflush:
        if act.session.scalar(query) is None:
            return None
    sentence = gettext(
        "A term of this person began on %(day)s already. Choose another day.", day=first
    )
    raise Refused(sentence, "term_from")


def may_be_admitted(act: Act) -> str | None:
    """Two admissions of one person wait for each other; the second finds the first."""
    _one_at_a_time(act)
    return meets_rules(act)


def term_of(act: Act) -> tuple[date | None, date | None]:
    """Return the term typed with the act, else the one of the record."""
    record, typed = act.record, act.details
    if "term_from" in typed or "term_to" in typed:
        return typed.get("term_from"), typed.get("term_to")
    return record.term_from, record.term_to


def term_is_over(act: Act) -> str | None:
    """A term ends after its last day."""
    if act.record.term_to < clock.local_date(act.at):
        return None
    return gettext("The term runs until %(day)s.", day=act.record.term_to)


def has_leave(act: Act) -> str | None:
    """A leave has a first and a last day, not over yet. Raises Refused at its day."""
    first, last = act.details.get("leave_from"), act.details.get("leave_to")
    if first is None or last is None:
        raise Refused(
            gettext("Enter the first and the last day of the leave."),
            "leave_from" if first is None else "leave_to",
        )
    if last < first or last < clock.local_date(act.at):
        raise Refused(
            gettext("The leave ends before it begins, or is over already. Change the last day."),
            "leave_to",
        )
    if last - first > LONGEST_LEAVE:
        raise Refused(gettext("A leave longer than a term is none: leave the pool."), "leave_to")
    return None


def is_on_leave(act: Act) -> str | None:
    """Only a leave that is not over can be ended."""
    last = act.record.leave_to
    if last is not None and last >= clock.local_date(act.at):
        return None
    return gettext("There is no leave that could be ended.")


def _one_at_a_time(act: Act) -> None:
    """Hold the person's row, so that nobody enters one pool twice at once."""
    person_id = act.record.person_id
    with act.session.no_autoflush:
        act.session.scalar(select(Person.id).where(Person.id == person_id).with_for_update())


# what follows


def take_in(act: Act) -> None:
    """Store the term and give the position of a judge."""
    act.record.term_from, act.record.term_to = term_of(act)
    act.notes["term"] = [str(act.record.term_from), str(act.record.term_to)]
    act.session.flush()
    judge_positions.give(act.session, act.record, act.actor)


def let_go(act: Act) -> None:
    """Withdraw the position of a judge."""
    judge_positions.take_back(act.session, act.record, act.actor, at=act.at)


def begin_leave(act: Act) -> None:
    """Store the days of the leave; the draw passes the expert over during them."""
    record = act.record
    record.leave_from, record.leave_to = act.details["leave_from"], act.details["leave_to"]
    act.notes["leave"] = [str(record.leave_from), str(record.leave_to)]


def end_leave(act: Act) -> None:
    """End the leave with yesterday; one that has not begun is forgotten."""
    record, today = act.record, clock.local_date(act.at)
    if record.leave_from < today:
        record.leave_to = today - timedelta(days=1)
    else:
        record.leave_from = record.leave_to = None


def tell(act: Act) -> None:
    """Tell the person, and nobody else, what became of the membership."""
    record = act.record
    user_id = act.session.scalar(select(Person.user_id).where(Person.id == record.person_id))
    if act.event not in TOLD or user_id is None:
        return
    committee = act.session.get_one(Committee, record.committee_id)
    facts: dict[str, Any] = {
        "committee": committee.name,
        "opinion": act.opinion,
        "unit": act.actor.unit_name,
        "first": str(record.term_from),
        "last": str(record.term_to),
        "time": f"{clock.local(act.at):%Y-%m-%d %H:%M}",
    }
    outbox.tell(
        act.session,
        user_id,
        f"expert.{act.event}",
        at=act.at,
        url=f"{OWN_HALL}{record.id}",
        **facts,
    )
