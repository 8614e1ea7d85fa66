"""Memberships of pools: who enters, who decides, how long it lasts, what comes with it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import (
    Employment,
    ExpertAccountState,
    ExpertState,
    Level,
    Proof,
    Role,
    SeatState,
    Sex,
)
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import (
    AuditLog,
    Committee,
    EligibilityRule,
    Expert,
    ExpertAccount,
    Outbox,
    Person,
    Position,
    Setting,
    TransitionLog,
    Unit,
)
from app.services.accounts import expert_accounts, registration
from app.services.experts import expert_rules, expert_service, experts
from app.services.jobs import scheduled_jobs
from app.services.rules.rule_subject import add_months
from tests.support import factories as f
from tests.support.acting import press as fire

pytestmark = pytest.mark.usefixtures("app")
REASON = "本人身体原因，不再适合担任评委"
LONG_AGO = date(2015, 1, 1)


@pytest.fixture
def committee(app: Any) -> Committee:
    return f.committee()


@pytest.fixture
def unit(committee: Committee) -> Unit:
    return f.unit("长沙机床厂")


@pytest.fixture
def person(unit: Unit) -> Person:
    return f.person("欧阳春晓", unit=unit, sex=Sex.MALE)


@pytest.fixture
def applicant(person: Person) -> Actor:
    return f.actor(Role.APPLICANT, person=person)


@pytest.fixture
def clerk(unit: Unit) -> Actor:
    return f.actor(Role.UNIT, unit=unit)


@pytest.fixture
def office(committee: Committee) -> Actor:
    return f.actor(Role.OFFICE, committee=committee)


@pytest.fixture
def authority(app: Any) -> Actor:
    return f.actor(Role.HRSS, unit=f.unit(region_code="430000"))


def membership(committee: Committee, person: Person, **values: Any) -> Expert:
    """Return a membership that is not stored yet and meets every condition."""
    return Expert(
        **{
            "committee_id": committee.id,
            "person_id": person.id,
            "unit_id": person.unit_id,
            "title_code": f.title(Level.SENIOR).code,
            "specialty_code": f.specialty("05001").code,
            "title_since": LONG_AGO,
            "employed_since": LONG_AGO,
            "term_from": f.today(),
            "term_to": expert_rules.longest_term(f.today()),
        }
        | values
    )


def stored(committee: Committee, person: Person, state: ExpertState, **values: Any) -> Expert:
    record: Expert = f.add(membership(committee, person, state=state, **values))
    return record


def why_not(record: Expert, event: str, actor: Actor) -> str:
    return str(engine.why_not(record, event, actor=actor, at=clock.now()))


def confirm(session: Session, committee: Committee, person: Person, office: Actor) -> None:
    """Confirm the account of an expert whom the office entered."""
    account = expert_accounts.of(session, committee.id, person.user_id or 0)
    assert account is not None
    fire(account, "confirm", office, REASON)


def term(days: int = 0, last: int = 900) -> dict[str, Any]:
    return {"term_from": f.in_days(days), "term_to": f.in_days(last)}


def judge_position(session: Session, person: Person) -> Position | None:
    query = select(Position).where(Position.user_id == person.user_id, Position.role == Role.JUDGE)
    return session.scalars(query).one_or_none()


def told(session: Session) -> list[str]:
    return list(session.scalars(select(Outbox.template).order_by(Outbox.id)))


# the way into the pool


def test_application_is_recommended_and_admitted(
    session: Session,
    committee: Committee,
    person: Person,
    applicant: Actor,
    clerk: Actor,
    office: Actor,
) -> None:
    record = membership(committee, person)

    fire(record, "apply", applicant)
    fire(record, "recommend", clerk)
    fire(record, "admit", office, **term(3))

    assert record.state is ExpertState.ADMITTED
    assert (record.term_from, record.term_to) == (f.in_days(3), f.in_days(900))
    position = judge_position(session, person)
    assert position is not None
    assert (position.is_active, position.committee_id, position.unit_id) == (
        True,
        committee.id,
        None,
    )
    assert told(session) == ["expert.recommend", "expert.admit"]
    kinds = session.scalars(select(AuditLog.kind).where(AuditLog.actor_id == office.user_id))
    assert list(kinds) == ["position_grant"]


@pytest.mark.parametrize(
    ("state", "event", "role", "target"),
    [
        (ExpertState.APPLIED, "unit_refuse", "clerk", ExpertState.REFUSED),
        (ExpertState.RECOMMENDED, "refuse", "office", ExpertState.REFUSED),
        (ExpertState.APPLIED, "withdraw", "applicant", ExpertState.LEFT),
        (ExpertState.RECOMMENDED, "withdraw", "applicant", ExpertState.LEFT),
        (ExpertState.ADMITTED, "leave_pool", "applicant", ExpertState.LEFT),
        (ExpertState.ADMITTED, "leave_pool", "office", ExpertState.LEFT),
        (ExpertState.ADMITTED, "remove", "office", ExpertState.REMOVED),
        (ExpertState.ADMITTED, "remove", "authority", ExpertState.REMOVED),
    ],
)
def test_other_ways_lead_out(
    request: pytest.FixtureRequest,
    committee: Committee,
    person: Person,
    state: ExpertState,
    event: str,
    role: str,
    target: ExpertState,
) -> None:
    record = stored(committee, person, state)

    fire(record, event, request.getfixturevalue(role), REASON)

    assert record.state is target


@pytest.mark.parametrize("event", ["unit_refuse", "refuse", "leave_pool", "remove", "take_leave"])
def test_step_against_somebody_needs_a_reason(
    committee: Committee, person: Person, clerk: Actor, office: Actor, event: str
) -> None:
    states = {"unit_refuse": ExpertState.APPLIED, "refuse": ExpertState.RECOMMENDED}
    record = stored(committee, person, states.get(event, ExpertState.ADMITTED))

    with pytest.raises(Refused) as refusal:
        fire(record, event, clerk if event == "unit_refuse" else office, " ")

    assert refusal.value.field == "opinion"


# who may act


def test_nobody_applies_for_somebody_else(committee: Committee, person: Person) -> None:
    record = membership(committee, f.person(unit=f.unit()))

    with pytest.raises(Refused, match="for yourself only"):
        fire(record, "apply", f.actor(Role.APPLICANT, person=person))
    with pytest.raises(Refused, match="for yourself only"):
        fire(record, "apply", Actor(role=Role.APPLICANT))


def test_staff_do_not_act_on_the_own_membership(
    committee: Committee, unit: Unit, session: Session
) -> None:
    clerk = f.position(Role.UNIT, unit=unit)
    office = f.position(Role.OFFICE, committee=committee)
    own = {
        role: session.scalars(select(Person).where(Person.user_id == position.user_id)).one()
        for role, position in (("unit", clerk), ("office", office))
    }
    applied = stored(committee, own["unit"], ExpertState.APPLIED, unit_id=unit.id)
    recommended = stored(committee, own["office"], ExpertState.RECOMMENDED, unit_id=unit.id)
    admitted = stored(f.committee(), own["office"], ExpertState.ADMITTED, unit_id=unit.id)

    assert "your own membership" in why_not(applied, "recommend", f.actor_of(clerk))
    for event in ("admit", "refuse"):
        assert "your own membership" in why_not(recommended, event, f.actor_of(office))
    for event in ("take_leave", "leave_pool", "remove"):
        assert "your own membership" in why_not(admitted, event, f.actor_of(office))
    own_entry = membership(f.committee(unit=committee.unit), own["office"], unit_id=unit.id)
    with pytest.raises(Refused, match="your own membership"):
        fire(own_entry, "enrol", f.actor_of(office))


def test_other_units_committees_and_regions_are_refused(
    committee: Committee, person: Person
) -> None:
    applied = stored(committee, person, ExpertState.APPLIED)
    recommended = stored(f.committee(), person, ExpertState.RECOMMENDED)
    admitted = stored(f.committee(region_code="430100"), person, ExpertState.ADMITTED)
    stranger = f.actor(Role.UNIT, unit=f.unit())
    other = f.actor(Role.OFFICE, committee=f.committee())
    elsewhere = f.actor(Role.HRSS, unit=f.unit(region_code="430700"))

    assert "another unit" in why_not(applied, "recommend", stranger)
    assert "another unit" in why_not(applied, "unit_refuse", stranger)
    for event in ("admit", "refuse"):
        assert "another committee" in why_not(recommended, event, other)
    for event in ("take_leave", "leave_pool", "remove"):
        assert "another committee" in why_not(admitted, event, other)
    assert "another region" in why_not(admitted, "remove", elsewhere)
    somebody = f.actor(Role.APPLICANT, person=f.person(unit=f.unit()))
    assert "for yourself only" in why_not(admitted, "leave_pool", somebody)
    assert "for yourself only" in why_not(applied, "withdraw", somebody)


# the conditions


def unmet(
    committee: Committee, person: Person, at: datetime | None = None, **values: Any
) -> dict[str | None, str]:
    """Return the sentences against a membership by the field they name."""
    record = membership(committee, person, **values)
    who = expert_rules.candidate_of(f.db.session(), record, at or clock.now())
    return {rule.field: rule.sentence for rule in expert_rules.unmet(who)}


def test_every_condition_is_met_by_default(committee: Committee, person: Person) -> None:
    record = membership(committee, person)

    found = experts.rules_of(f.db.session(), record, clock.now())

    assert {one.is_met for one in found} == {True}
    assert len({str(one.label) for one in found}) == len(found)


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"title_code": "0502"}, "title_code", "of that level"),
        ({"title_code": "0101"}, "title_code", "another series"),
        ({"specialty_code": "01001"}, "specialty_code", "no specialty"),
        ({"title_since": None}, "title_since", "not known"),
        ({"employed_since": None}, "employed_since", "not known"),
    ],
)
def test_conditions_name_what_is_against_them(
    committee: Committee, person: Person, values: dict[str, Any], field: str, words: str
) -> None:
    f.title(Level.ASSOCIATE)
    f.title(Level.SENIOR, "01")
    f.specialty("01001")

    found = unmet(committee, person, **values)

    assert set(found) == {field}
    assert words in found[field]


def test_associate_title_fits_a_committee_of_that_level(person: Person) -> None:
    committee = f.committee(level=Level.ASSOCIATE)

    assert unmet(committee, person, title_code=f.title(Level.ASSOCIATE).code) == {}


def test_expert_of_a_lower_committee_holds_a_senior_title_too(
    session: Session, person: Person
) -> None:
    committee = f.committee(level=Level.MIDDLE)
    middle = f.title(Level.MIDDLE).code

    assert "hold a senior title" in unmet(committee, person, title_code=middle)["title_code"]
    session.add(Setting(key="expert_needs_senior", value="0"))
    session.flush()
    assert unmet(committee, person, title_code=middle) == {}


def test_years_are_counted_to_the_day(committee: Committee, person: Person) -> None:
    full, short = add_months(f.today(), -36), add_months(f.today(), -36) + timedelta(days=1)

    assert unmet(committee, person, title_since=full, employed_since=full) == {}
    assert set(unmet(committee, person, employed_since=short)) == {"employed_since"}
    assert set(unmet(committee, person, title_since=short)) == {"title_since"}


def test_committee_formed_by_specialty_takes_its_own(person: Person) -> None:
    committee = f.committee(is_by_specialty=True)
    f.specialty("05002")

    assert unmet(committee, person) == {}
    assert "does not cover" in unmet(committee, person, specialty_code="05002")["specialty_code"]


def test_age_follows_the_postponed_retirement(committee: Committee, person: Person) -> None:
    person.birth_date = date(1970, 1, 1)
    who = expert_rules.candidate_of(f.db.session(), membership(committee, person), clock.now())

    # born in 1970: 60 years and 16 months by the table of the public posts
    assert expert_rules.last_day_of_age(who) == date(2031, 5, 1)


def test_nobody_enters_beyond_the_retirement_age(committee: Committee, person: Person) -> None:
    # born in January 1965: 60 years and one month
    person.birth_date = date(1965, 1, 15)
    cases = {
        day: (
            set(unmet(committee, person, clock.start_of_day(day))),
            set(unmet(committee, person, clock.start_of_day(day), is_scarce=True)),
        )
        for day in (date(2025, 2, 15), date(2025, 2, 16), date(2028, 2, 15), date(2028, 2, 16))
    }

    assert list(cases.values()) == [
        (set(), set()),
        ({"is_scarce"}, set()),
        ({"is_scarce"}, set()),
        ({"is_scarce"}, {"is_scarce"}),
    ]


@pytest.mark.parametrize("missing", ["sex", "birth_date"])
def test_unknown_age_refuses_nobody(committee: Committee, person: Person, missing: str) -> None:
    setattr(person, missing, None)
    record = membership(committee, person)

    found = experts.rules_of(f.db.session(), record, clock.now())

    assert [str(one.label) for one in found if one.is_met is None] == ["Age"]
    assert unmet(committee, person) == {}


def test_without_an_age_rule_the_age_is_not_known(
    session: Session, committee: Committee, person: Person
) -> None:
    for rule in session.scalars(select(EligibilityRule).where(EligibilityRule.kind == "age")):
        rule.is_active = False
    session.flush()

    found = experts.rules_of(session, membership(committee, person), clock.now())

    assert [str(one.label) for one in found if one.is_met is None] == ["Age"]


@pytest.mark.parametrize("employment", [Employment.CIVIL_SERVANT, Employment.RETIRED])
def test_those_out_of_work_and_civil_servants_stay_out(
    committee: Committee, person: Person, employment: Employment
) -> None:
    person.employment = employment

    assert str(employment.label) in unmet(committee, person)["employment"]


def test_barred_and_removed_stay_out(committee: Committee, person: Person) -> None:
    person.banned_until, person.ban_reason = f.in_days(10), "列入严重失信名单"
    assert "严重失信" in " ".join(unmet(committee, person).values())
    person.banned_until = f.in_days(-1)
    assert unmet(committee, person) == {}
    stored(f.committee(), person, ExpertState.REMOVED)
    assert "Once removed" in " ".join(unmet(committee, person).values())


def test_one_membership_at_a_time(committee: Committee, person: Person) -> None:
    record = stored(committee, person, ExpertState.APPLIED)

    assert "Waiting for the unit" in unmet(committee, person)["committee_id"]
    assert experts.meets_rules(_act(record, Actor(role=Role.OFFICE))) is None
    assert unmet(f.committee(), person) == {}


def test_committee_switched_off_takes_nobody(committee: Committee, person: Person) -> None:
    committee.is_active = False

    assert "switched off" in unmet(committee, person)["committee_id"]


def test_administrator_is_no_judge(committee: Committee, unit: Unit, session: Session) -> None:
    position = f.position(Role.AUDITOR)
    owner = session.scalars(select(Person).where(Person.user_id == position.user_id)).one()
    owner.unit_id = unit.id

    assert "administrator's" in unmet(committee, owner)[None]


def test_refused_application_names_the_field(
    committee: Committee, person: Person, applicant: Actor
) -> None:
    f.title(Level.ASSOCIATE)

    with pytest.raises(Refused) as refusal:
        fire(membership(committee, person, title_code="0502"), "apply", applicant)

    assert refusal.value.field == "title_code"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"unit_id": None}, "unit_id"),
        ({"title_since": date(2999, 1, 1)}, "title_since"),
        ({"employed_since": date(2014, 12, 31)}, "employed_since"),
    ],
)
def test_incomplete_application_is_refused(
    committee: Committee, person: Person, applicant: Actor, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        fire(membership(committee, person, **values), "apply", applicant)

    assert refusal.value.field == field


def test_application_through_a_closed_unit_is_refused(
    committee: Committee, person: Person, unit: Unit, applicant: Actor
) -> None:
    unit.is_active = False

    with pytest.raises(Refused, match="no unit in use"):
        fire(membership(committee, person), "apply", applicant)


def test_what_changed_since_refuses_recommendation_and_admission(
    committee: Committee, person: Person, clerk: Actor, office: Actor
) -> None:
    applied = stored(committee, person, ExpertState.APPLIED)
    recommended = stored(f.committee(unit=committee.unit), person, ExpertState.RECOMMENDED)
    person.banned_until = f.in_days(5)

    assert "barred" in why_not(applied, "recommend", clerk)
    assert "barred" in why_not(
        recommended,
        "admit",
        f.actor(Role.OFFICE, committee=f.db.session.get_one(Committee, recommended.committee_id)),
    )
    assert why_not(applied, "unit_refuse", clerk) == "None"


# the term


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, f.date(2027, 1, 1), "term_from"),
        (f.date(2027, 1, 1), None, "term_to"),
        (f.date(2022, 1, 1), f.date(2026, 12, 31), "term_to"),
        (f.date(2026, 1, 1), f.date(2029, 1, 1), "term_to"),
        (f.date(2024, 2, 29), f.date(2027, 3, 1), "term_to"),
        (f.date(2025, 3, 1), f.date(2028, 3, 1), "term_to"),
        (f.date(2026, 5, 1), f.date(2026, 5, 1), "term_to"),
        (f.date(2026, 5, 2), f.date(2026, 5, 1), "term_to"),
        (f.date(2020, 1, 1), f.date(2022, 1, 1), "term_to"),
        (f.date(2099, 1, 1), f.date(2100, 1, 1), "term_from"),
    ],
)
def test_term_of_more_than_three_years_or_none_is_refused(
    first: date | None, last: date | None, field: str
) -> None:
    fault = expert_rules.term_fault(first, last, date(2026, 5, 10))

    assert fault is not None
    assert fault[0] == field


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 1), date(2028, 12, 31)),
        (date(2026, 3, 1), date(2029, 2, 28)),
        (date(2025, 3, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2026, 5, 10), date(2029, 5, 9)),
    ],
)
def test_a_term_of_three_years_counts_its_first_and_last_day(
    app: Any, first: date, last: date
) -> None:
    assert expert_rules.longest_term(first) == last
    assert expert_rules.term_fault(first, last, date(2026, 5, 10)) is None


@pytest.mark.parametrize("years", [1, 2])
def test_the_parameter_limits_terms_and_leaves(
    committee: Committee, person: Person, applicant: Actor, years: int
) -> None:
    f.db.session().add(Setting(key="expert_term_years", value=str(years)))
    f.db.session().flush()
    first = f.today()
    last = expert_rules.longest_term(first)
    record = stored(committee, person, ExpertState.ADMITTED)

    assert last < first + timedelta(days=366 * years)
    assert expert_rules.term_fault(first, last, first) is None
    assert expert_rules.term_fault(first, last + timedelta(days=1), first) is not None
    too_late = {"leave_from": first, "leave_to": last + timedelta(days=1)}
    with pytest.raises(Refused, match=str(last)):
        fire(record, "take_leave", applicant, REASON, **too_late)
    fire(record, "take_leave", applicant, REASON, leave_from=first, leave_to=last)
    assert record.leave_to == last


def test_admission_needs_a_free_term(committee: Committee, person: Person, office: Actor) -> None:
    stored(committee, person, ExpertState.EXPIRED, term_from=f.in_days(5), term_to=f.in_days(6))
    record = stored(committee, person, ExpertState.RECOMMENDED)

    for details, field in (
        ({"term_from": None, "term_to": None}, "term_from"),
        (term(5), "term_from"),
        (term(0, 2000), "term_to"),
    ):
        with pytest.raises(Refused) as refusal:
            fire(record, "admit", office, **details)
        assert refusal.value.field == field


def test_usual_term_passes_over_days_taken(committee: Committee, person: Person) -> None:
    stored(committee, person, ExpertState.LEFT)

    first, last = experts.usual_term(f.db.session(), person.id, committee.id, f.today())

    assert first == f.in_days(1)
    assert last == add_months(first, 36) - timedelta(days=1)


def test_clock_ends_the_term_and_the_position(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    over = membership(committee, person, term_from=f.in_days(-900), term_to=f.in_days(0))
    fire(over, "enrol", office)
    confirm(session, committee, person, office)
    running = stored(f.committee(), person, ExpertState.ADMITTED)
    over.term_to = f.in_days(-1)
    session.commit()

    done = scheduled_jobs.run(clock.now())

    assert done["terms"] == 1
    session.expire_all()
    assert (over.state, running.state) == (ExpertState.EXPIRED, ExpertState.ADMITTED)
    position = judge_position(session, person)
    assert position is not None
    assert not position.is_active
    assert "expert.end_term" in told(session)


def test_term_that_runs_is_not_ended(committee: Committee, person: Person, office: Actor) -> None:
    record = stored(committee, person, ExpertState.ADMITTED)

    assert "runs until" in why_not(record, "end_term", SYSTEM)
    assert "may not" in why_not(record, "end_term", office)


# entering, and the position of a judge


def test_office_enters_an_expert(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    record = membership(committee, person)

    fire(record, "enrol", office)

    assert record.state is ExpertState.ADMITTED
    assert judge_position(session, person) is None
    assert told(session) == ["expert_account.wait", "expert.enrol"]
    log = session.scalars(select(TransitionLog).where(TransitionLog.event == "enrol")).one()
    assert log.details["term"] == [str(record.term_from), str(record.term_to)]


def test_position_is_given_once_and_taken_up_again(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    held = f.position(
        Role.JUDGE, user=f.db.session.get_one(f.User, person.user_id), committee=committee
    )
    held.is_active = False
    record = stored(committee, person, ExpertState.RECOMMENDED)

    fire(record, "admit", office, **term())
    fire(record, "leave_pool", office, REASON)
    was_withdrawn = not held.is_active
    again = membership(committee, person, term_from=f.in_days(1), term_to=f.in_days(90))
    fire(again, "enrol", office)
    other = membership(f.committee(unit=committee.unit), person)
    beside = f.db.session.get_one(Committee, other.committee_id)
    fire(other, "enrol", colleague := f.actor(Role.OFFICE, committee=beside))
    confirm(session, beside, person, colleague)

    assert was_withdrawn
    assert held.is_active
    query = select(Position.committee_id).where(Position.role == Role.JUDGE)
    assert sorted(session.scalars(query)) == sorted([committee.id, other.committee_id])


def test_position_held_already_stays_one(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    f.position(Role.JUDGE, user=f.db.session.get_one(f.User, person.user_id), committee=committee)

    fire(membership(committee, person), "enrol", office)

    assert judge_position(session, person) is not None


def test_position_stays_with_another_membership(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    first = membership(committee, person)
    fire(first, "enrol", office)
    confirm(session, committee, person, office)
    stored(committee, person, ExpertState.ADMITTED, term_from=f.in_days(-5), term_to=f.in_days(9))

    fire(first, "leave_pool", office, REASON)

    position = judge_position(session, person)
    assert position is not None
    assert position.is_active


def test_position_comes_with_registration(
    session: Session, committee: Committee, person: Person, office: Actor
) -> None:
    fire(membership(committee, person), "enrol", office)
    stored(f.committee(), person, ExpertState.LEFT)
    before = session.scalars(select(ExpertAccount)).all()
    user = registration.new_account(person.name, "Correct-horse-9", at=clock.now())

    registration.register(
        user,
        {
            "name": person.name,
            "id_kind": person.id_kind,
            "id_number": person.id_number,
            "phone": "13800000001",
            "email": None,
            "sex": None,
            "birth_date": None,
        },
        at=clock.now(),
        proof=Proof.HANDED,
    )

    assert before == []
    session.refresh(person)
    waiting = session.scalars(select(ExpertAccount)).one()
    assert judge_position(session, person) is None
    assert (waiting.committee_id, waiting.user_id) == (committee.id, user.id)
    confirm(session, committee, person, office)
    position = judge_position(session, person)
    assert position is not None
    assert position.committee_id == committee.id


def test_office_refuses_an_account_and_may_still_confirm_it(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    record = membership(committee, person)
    fire(record, "enrol", office)
    account = session.scalars(select(ExpertAccount)).one()

    fire(account, "refuse", office, REASON)
    fire(record, "leave_pool", office, REASON)
    fire(
        membership(committee, person, term_from=f.in_days(1), term_to=f.in_days(90)),
        "enrol",
        office,
    )
    refused = (account.state, judge_position(session, person))
    fire(account, "confirm", office, REASON)

    assert refused == (ExpertAccountState.REFUSED, None)
    assert account.state is ExpertAccountState.CONFIRMED
    assert judge_position(session, person) is not None
    assert [one for one in told(session) if one.startswith("expert_account")] == [
        "expert_account.wait",
        "expert_account.refuse",
        "expert_account.confirm",
    ]


def test_only_another_member_of_the_own_office_confirms(
    session: Session, committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    record = membership(committee, person)
    fire(record, "enrol", office)
    account = session.scalars(select(ExpertAccount)).one()
    own = f.actor_of(
        f.position(
            Role.OFFICE, user=f.db.session.get_one(f.User, person.user_id), committee=committee
        )
    )

    assert "another committee" in str(
        engine.why_not(
            account, "confirm", actor=f.actor(Role.OFFICE, committee=f.committee()), at=clock.now()
        )
    )
    assert "own account" in str(engine.why_not(account, "confirm", actor=own, at=clock.now()))
    with pytest.raises(Refused):
        fire(account, "confirm", office)
    fire(record, "leave_pool", office, REASON)
    assert "not in the pool" in str(
        engine.why_not(account, "confirm", actor=office, at=clock.now())
    )


def test_leaving_without_an_account_withdraws_nothing(
    committee: Committee, person: Person, office: Actor
) -> None:
    record = stored(committee, person, ExpertState.ADMITTED)

    fire(record, "remove", office, REASON)

    assert record.state is ExpertState.REMOVED


# leave


def test_leave_is_taken_and_ended(
    committee: Committee, person: Person, applicant: Actor, office: Actor
) -> None:
    record = stored(committee, person, ExpertState.ADMITTED)

    fire(record, "take_leave", applicant, REASON, leave_from=f.in_days(-2), leave_to=f.in_days(9))
    taken = (record.leave_from, record.leave_to, record.state)
    fire(record, "end_leave", office)

    assert taken == (f.in_days(-2), f.in_days(9), ExpertState.ADMITTED)
    assert (record.leave_from, record.leave_to) == (f.in_days(-2), f.in_days(-1))
    assert "no leave" in why_not(record, "end_leave", office)


def test_leave_that_has_not_begun_is_forgotten(
    committee: Committee, person: Person, applicant: Actor
) -> None:
    record = stored(committee, person, ExpertState.ADMITTED)
    fire(record, "take_leave", applicant, REASON, leave_from=f.in_days(3), leave_to=f.in_days(9))

    fire(record, "end_leave", applicant)

    assert (record.leave_from, record.leave_to) == (None, None)
    assert "no leave" in why_not(record, "end_leave", applicant)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, 3, "leave_from"),
        (3, None, "leave_to"),
        (5, 3, "leave_to"),
        (-5, -1, "leave_to"),
        (0, 2000, "leave_to"),
    ],
)
def test_leave_needs_its_days(
    committee: Committee,
    person: Person,
    applicant: Actor,
    first: int | None,
    last: int | None,
    field: str,
) -> None:
    record = stored(committee, person, ExpertState.ADMITTED)
    days = {
        name: None if count is None else f.in_days(count)
        for name, count in (("leave_from", first), ("leave_to", last))
    }

    with pytest.raises(Refused) as refusal:
        fire(record, "take_leave", applicant, REASON, **days)

    assert refusal.value.field == field


# service


@pytest.fixture
def member(committee: Committee, person: Person) -> Expert:
    return stored(committee, person, ExpertState.ADMITTED)


def test_service_counts_the_seats_of_the_committee(
    session: Session, committee: Committee, member: Expert, applicant: Actor
) -> None:
    user, batch = session.get_one(f.User, member.person.user_id), f.batch(committee=committee)
    f.seat(f.plan(batch=batch), user, state=SeatState.GONE, attended_at=clock.now())
    f.seat(f.plan(batch=batch), user)
    f.seat(f.plan(batch=batch), user, state=SeatState.DECLINED)
    f.seat(f.plan(batch=batch), user, state=SeatState.RESERVE)
    f.seat(f.plan(), user)

    all_of_them = expert_service.visible_meetings(Actor(role=Role.OFFICE), f.today())
    assert expert_service.service_of(session, member, all_of_them) == expert_service.Service(
        3, 2, 1, 1
    )
    assert len(expert_service.seats_of(session, member, all_of_them)) == 3


def test_service_in_a_meeting_to_come_is_no_business_of_the_authority(
    session: Session, committee: Committee, member: Expert, applicant: Actor
) -> None:
    user, batch = session.get_one(f.User, member.person.user_id), f.batch(committee=committee)
    f.seat(f.plan(batch=batch, opens_on=f.in_days(-9), closes_on=f.in_days(-8)), user)
    f.seat(f.plan(batch=batch, opens_on=f.in_days(3), closes_on=f.in_days(4)), user)

    known = expert_service.visible_meetings(Actor(role=Role.HRSS), f.today())

    assert expert_service.service_of(session, member, known).called == 1
    assert len(expert_service.seats_of(session, member, known)) == 1


def test_service_of_somebody_never_called_is_nothing(session: Session, member: Expert) -> None:
    known = expert_service.visible_meetings(Actor(role=Role.SUPERVISOR), f.today())
    assert expert_service.service_of(session, member, known) == expert_service.Service()
    assert list(expert_service.seats_of(session, member, known)) == []


def _act(record: Expert, actor: Actor) -> engine.Act:
    return engine.Act(record, "admit", actor, clock.now())
