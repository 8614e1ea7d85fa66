"""Guards, checks and effects of acts on expert pool memberships (menu 1.4.1).

Guards and checks take an act and return the sentence of the refusal, or None.
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
from app.services.accounts import expert_accounts, judge_positions
from app.services.experts import expert_rules
from app.services.experts.expert_rules import Rule
from app.services.messages import outbox
from app.services.registers import regions

OWN_HALL = "/g/my-experts/"
TOLD = frozenset({"recommend", "unit_refuse", "admit", "enrol", "refuse", "remove", "end_term"})
"""Events about which the expert gets a message."""


def rules_of(session: Session, expert: Expert, at: datetime) -> list[Rule]:
    """Return the result of every condition for entering the pool, met or not, at the time `at`."""
    return expert_rules.judge(expert_rules.candidate_of(session, expert, at))


def usual_term(
    session: Session, person_id: int, committee_id: int, today: date
) -> tuple[date, date]:
    """Return first and last day of the default term: from `today`, the longest possible.

    A person's terms in one pool must begin on different days; the first day moves on
    past days that are taken.
    """
    query = select(Expert.term_from).where(
        Expert.person_id == person_id, Expert.committee_id == committee_id
    )
    taken, first = set(session.scalars(query)), today
    while first in taken:
        first += timedelta(days=1)
    return first, expert_rules.longest_term(first)


def is_own(act: Act) -> str | None:
    """Refuse an applicant who acts on the membership of another person."""
    if act.actor.person_id is not None and act.actor.person_id == act.record.person_id:
        return None
    return gettext("You apply for yourself only. Enter your own data first.")


def is_not_own(act: Act) -> str | None:
    """Refuse staff who act on their own membership (domain.md §4.2)."""
    if act.actor.person_id is None or act.actor.person_id != act.record.person_id:
        return None
    return gettext("This is your own membership of a pool; a colleague must handle it.")


def is_own_unit(act: Act) -> str | None:
    """Refuse a unit through which the person did not apply."""
    if act.actor.unit_id is not None and act.record.unit_id == act.actor.unit_id:
        return None
    return gettext("This person applied through another unit, which recommends.")


def is_own_committee(act: Act) -> str | None:
    """Refuse an office for the pool of a committee that is not its own."""
    if act.record.committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def is_own_or_office(act: Act) -> str | None:
    """Only the expert, or the committee's office for another person, may act."""
    if act.actor.role is Role.APPLICANT:
        return is_own(act)
    return is_not_own(act) or is_own_committee(act)


def is_in_charge(act: Act) -> str | None:
    """Only the committee's office or the authority of its region may act."""
    if act.actor.role is Role.OFFICE:
        return is_own_committee(act)
    committee = act.session.get_one(Committee, act.record.committee_id)
    if regions.covers(act.actor, committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


def is_complete(act: Act) -> str | None:
    """Require an active unit and plausible days of the title; raises Refused with the field at fault."""
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
    """Refuse a membership with an unmet condition (Order 40, art. 11; Hunan's rules on review experts)."""
    rule = next(
        expert_rules.unmet(expert_rules.candidate_of(act.session, act.record, act.at)), None
    )
    return None if rule is None else rule.sentence


def may_enter(act: Act) -> str | None:
    """Refuse a new membership with an unmet condition. Raises Refused with the field at fault."""
    _lock_person(act)
    rule = next(
        expert_rules.unmet(expert_rules.candidate_of(act.session, act.record, act.at)), None
    )
    if rule is not None:
        raise Refused(rule.sentence, rule.field)
    return None


def has_term(act: Act) -> str | None:
    """Require a term within the longest one allowed (Order 40, art. 11).

    No other term of the person in the same pool may begin on the same day. Raises Refused with the field at
    fault.
    """
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
    """Refuse an admission with an unmet condition.

    The person's row is locked first, so that of two concurrent admissions the second sees the first.
    """
    _lock_person(act)
    return meets_rules(act)


def term_of(act: Act) -> tuple[date | None, date | None]:
    """Return the term entered with the act, or that of the record."""
    record, typed = act.record, act.details
    if "term_from" in typed or "term_to" in typed:
        return typed.get("term_from"), typed.get("term_to")
    return record.term_from, record.term_to


def term_is_over(act: Act) -> str | None:
    """Refuse to end a term before its last day is over."""
    if act.record.term_to < clock.local_date(act.at):
        return None
    return gettext("The term runs until %(day)s.", day=act.record.term_to)


def has_leave(act: Act) -> str | None:
    """Require the days of a leave that is not over yet and not longer than a term may be.

    Raises Refused with the field at fault.
    """
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
    if last > (latest := expert_rules.longest_term(first)):
        raise Refused(
            gettext(
                "A leave from %(first)s ends on %(last)s at the latest, as a term would. "
                "Who stays away longer leaves the pool.",
                first=first,
                last=latest,
            ),
            "leave_to",
        )
    return None


def is_on_leave(act: Act) -> str | None:
    """Refuse to end a leave that does not exist or is over."""
    last = act.record.leave_to
    if last is not None and last >= clock.local_date(act.at):
        return None
    return gettext("There is no leave that could be ended.")


def _lock_person(act: Act) -> None:
    """Lock the person's row, so that concurrent acts cannot enter one pool twice."""
    person_id = act.record.person_id
    with act.session.no_autoflush:
        act.session.scalar(select(Person.id).where(Person.id == person_id).with_for_update())


def admit_expert(act: Act) -> None:
    """Store the term and grant the position of a judge.

    The account of somebody the office entered waits for confirmation first; who applied with the account, was
    recommended and is admitted now is known to unit and office.
    """
    act.record.term_from, act.record.term_to = term_of(act)
    act.notes["term"] = [str(act.record.term_from), str(act.record.term_to)]
    act.session.flush()
    if act.event == "enrol":
        expert_accounts.admit(act.session, act.record, at=act.at)
    else:
        judge_positions.grant_judge_position(act.session, act.record, act.actor)


def withdraw_judge_position(act: Act) -> None:
    """Withdraw the position of a judge."""
    judge_positions.withdraw_judge_position(act.session, act.record, act.actor, at=act.at)


def begin_leave(act: Act) -> None:
    """Store the days of the leave; the draw leaves the expert out during the leave."""
    record = act.record
    record.leave_from, record.leave_to = act.details["leave_from"], act.details["leave_to"]
    act.notes["leave"] = [str(record.leave_from), str(record.leave_to)]


def end_leave(act: Act) -> None:
    """End the leave with yesterday; clear a leave that began today or begins later."""
    record, today = act.record, clock.local_date(act.at)
    if record.leave_from < today:
        record.leave_to = today - timedelta(days=1)
    else:
        record.leave_from = record.leave_to = None


def tell(act: Act) -> None:
    """Send the person, and nobody else, a message about an act in `TOLD`."""
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
    outbox.queue_message(
        act.session,
        user_id,
        f"expert.{act.event}",
        at=act.at,
        url=f"{OWN_HALL}{record.id}",
        **facts,
    )
