"""Arithmetic of the vote, its entry and its confirmation (Order 40, art. 20, 21)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import engine
from app.engine import Refused
from app.enums import ApplicationState, Level, MeetingMode, OverCap, PlanState, Role, UnitKind
from app.extensions import db
from app.forms.review import StoredUpload
from app.ground import clock
from app.models import Attachment, Outbox, Plan, Result
from app.services.files import attached_files
from app.services.meeting import caps, quorum
from app.services.results import outcome_rules, results
from app.services.results.results import Entry, Votes
from app.workflow.plan import PLAN
from tests.support import factories
from tests.support.meetings import office
from tests.support.meetings import on_the_sheet as candidates

TABLE = {
    7: (5, {5: 4, 6: 4, 7: 5}),
    11: (8, {8: 6, 9: 6, 10: 7, 11: 8}),
    13: (9, {9: 6, 10: 7, 11: 8, 12: 8, 13: 9}),
    17: (12, {12: 8, 13: 9, 15: 10, 17: 12}),
    25: (17, {17: 12, 18: 12, 19: 13, 22: 15, 25: 17}),
}
COUNTS = st.integers(0, 500)


# arithmetic


@pytest.mark.parametrize(("members", "needed"), [(m, q) for m, (q, _votes) in TABLE.items()])
def test_quorum_follows_the_table(members: int, needed: int) -> None:
    assert quorum.quorum_needed(members) == needed
    assert quorum.has_quorum(needed, members)
    assert not quorum.has_quorum(needed - 1, members)


@pytest.mark.parametrize(
    ("present", "needed"),
    sorted({pair for _quorum, votes in TABLE.values() for pair in votes.items()}),
)
def test_votes_needed_follow_the_table(present: int, needed: int) -> None:
    assert quorum.votes_needed(present) == needed
    assert outcome_rules.is_pass(needed, present)
    assert not outcome_rules.is_pass(needed - 1, present)


@pytest.mark.parametrize(("yes", "present"), [(8, 13), (11, 17), (0, 0), (0, 13)])
def test_too_few_votes_do_not_pass(yes: int, present: int) -> None:
    assert not outcome_rules.is_pass(yes, present)


@given(COUNTS, st.integers(1, 500))
def test_pass_is_exactly_two_thirds(yes: int, present: int) -> None:
    assert outcome_rules.is_pass(yes, present) == (yes >= quorum.votes_needed(present))
    assert outcome_rules.is_pass(yes, present) == (3 * yes >= 2 * present)


@given(COUNTS, st.integers(1, 500))
def test_quorum_is_exactly_two_thirds(present: int, members: int) -> None:
    assert quorum.has_quorum(present, members) == (present >= quorum.quorum_needed(members))


@given(COUNTS, st.integers(0, 100))
def test_cap_cuts_fractions_off(base: int, percent: int) -> None:
    allowed = caps.cap(base, percent)

    assert allowed * 100 <= base * percent < (allowed + 1) * 100


@pytest.mark.parametrize(
    ("base", "percent", "allowed"), [(33, 40, 13), (1, 40, 0), (2, 40, 0), (3, 40, 1), (20, 55, 11)]
)
def test_cap_of_known_numbers(base: int, percent: int, allowed: int) -> None:
    assert caps.cap(base, percent) == allowed


# entry


@pytest.fixture
def plan(app: Any) -> Plan:
    """An approved offline plan whose meeting began yesterday, with three candidates in review."""
    batch = factories.batch()
    plan = factories.plan(
        batch=batch, opens_on=factories.in_days(-1), closes_on=factories.in_days(1)
    )
    for _count in range(3):
        factories.application(ApplicationState.IN_REVIEW, plan=plan, level=Level.MIDDLE)
    return plan


def an_entry(plan: Plan, *, yes: int = 20, no: int = 2, abstain: int = 0) -> Entry:
    votes = tuple(Votes(item.id, yes, no, abstain) for item in candidates(plan))
    return Entry(25, 22, factories.today(), votes, opinions_signed=True)


def enter(plan: Plan, entry: Entry | None, actor: Any = None, **details: Any) -> Any:
    return engine.fire(
        plan,
        "enter",
        actor=actor or office(plan),
        at=clock.now(),
        details={"entry": entry} | details,
    )


def refusal(plan: Plan, entry: Entry) -> Refused:
    with pytest.raises(Refused) as caught:
        enter(plan, entry)
    db.session.refresh(plan)
    assert plan.state is PlanState.APPROVED
    assert db.session.query(Result).count() == 0
    return caught.value


def told(template: str) -> list[int]:
    db.session.flush()
    found = db.session.query(Outbox.user_id).filter_by(template=template)
    return sorted(key for (key,) in found)


def test_second_person_is_told_of_an_entry_once(plan: Plan) -> None:
    first, second, third = (office(plan) for _count in range(3))
    entry = an_entry(plan)

    enter(plan, entry, first)
    enter(plan, entry, first)
    assert told("result.confirm_due") == sorted((second.user_id, third.user_id))

    enter(plan, entry, second)
    assert told("result.confirm_due") == sorted((first.user_id, second.user_id, third.user_id))


def test_entry_is_stored_and_computed(plan: Plan) -> None:
    entry = an_entry(plan)
    one = replace(entry.votes[0], yes=14, no=8)
    actor = office(plan)

    enter(plan, replace(entry, votes=(one, *entry.votes[1:])), actor)

    stored = {
        result.application_id: result for result in results.results_of_plan(db.session(), plan)
    }
    assert plan.state is PlanState.ENTERED
    assert (plan.members, plan.present, plan.voted_on) == (25, 22, factories.today())
    assert plan.entered_by == actor.user_id
    assert [stored[votes.application_id].is_passed for votes in entry.votes] == [False, True, True]


def test_entry_takes_the_scan_along(plan: Plan) -> None:
    stored = factories.attachment(plan, "other").file

    enter(plan, an_entry(plan), scan=StoredUpload(stored, "结果表.pdf"))

    assert [scan.name for scan in attached_files.attachments_of(plan, results.RESULT_SHEET)] == [
        "结果表.pdf"
    ]


def test_entry_replaces_an_earlier_one(plan: Plan) -> None:
    enter(plan, an_entry(plan))

    enter(plan, an_entry(plan, yes=14, no=8))

    stored = results.results_of_plan(db.session(), plan)
    assert [(result.yes, result.is_passed) for result in stored] == [(14, False)] * 3
    assert len(plan.results) == 3


def test_entry_of_an_online_meeting_is_refused(plan: Plan) -> None:
    plan.mode = MeetingMode.ONLINE

    assert "online" in str(refusal(plan, an_entry(plan)))


def test_entry_before_the_meeting_is_refused(plan: Plan) -> None:
    plan.opens_on = factories.in_days(1)

    assert plan.opens_on.isoformat() in str(refusal(plan, an_entry(plan)))


def test_entry_without_figures_is_refused(plan: Plan) -> None:
    with pytest.raises(Refused):
        enter(plan, None)


def test_entry_of_another_committee_is_refused(plan: Plan) -> None:
    stranger = factories.actor(Role.OFFICE, committee=factories.committee())

    with pytest.raises(Refused):
        enter(plan, an_entry(plan), stranger)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"members": 24}, "members"),
        ({"members": 23}, "members"),
        ({"members": 1001}, "members"),
        ({"members": 25, "present": 26}, "present"),
        ({"members": 25, "present": 16}, "present"),
        ({"present": -1}, "present"),
    ],
)
def test_entry_with_impossible_attendance_is_refused(
    plan: Plan, change: dict[str, int], field: str
) -> None:
    entry = replace(an_entry(plan, yes=1, no=0), **change)

    assert refusal(plan, entry).field == field


@pytest.mark.parametrize("days", [-2, 1, 5])
def test_entry_with_a_day_outside_is_refused(plan: Plan, days: int) -> None:
    entry = replace(an_entry(plan), voted_on=factories.in_days(days))

    assert refusal(plan, entry).field == "voted_on"


def test_entry_after_the_committee_expired_is_refused(plan: Plan) -> None:
    plan.committee.valid_to = factories.in_days(-1)

    assert refusal(plan, an_entry(plan)).field == "voted_on"


@pytest.mark.parametrize("votes", [(20, 2, 1), (23, 0, 0), (-1, 2, 0), (20, -2, 1), (20, 2, -1)])
def test_entry_with_impossible_votes_is_refused(plan: Plan, votes: tuple[int, int, int]) -> None:
    entry = an_entry(plan)
    wrong = Votes(entry.votes[1].application_id, *votes)

    said = str(refusal(plan, replace(entry, votes=(entry.votes[0], wrong, entry.votes[2]))))

    assert candidates(plan)[1].number in said


def test_entry_names_everybody_once(plan: Plan) -> None:
    entry = an_entry(plan)
    numbers = [item.number for item in candidates(plan)]
    stranger = factories.application(ApplicationState.IN_REVIEW, plan=factories.plan())

    missing = refusal(plan, replace(entry, votes=entry.votes[:2]))
    twice = refusal(plan, replace(entry, votes=(*entry.votes, entry.votes[0])))
    foreign = refusal(plan, replace(entry, votes=(*entry.votes, Votes(stranger.id, 20, 2, 0))))

    assert numbers[2] in str(missing)
    assert numbers[0] in str(twice)
    assert "candidate" in str(foreign)


def test_entry_with_many_problems_counts_the_rest(plan: Plan) -> None:
    for _count in range(8):
        factories.application(ApplicationState.IN_REVIEW, plan=plan)

    said = str(refusal(plan, Entry(25, 22, factories.today(), ())))

    assert "6" in said


def test_entry_for_somebody_no_longer_in_review_is_refused(plan: Plan) -> None:
    candidates(plan)[0].state = ApplicationState.FAILED

    assert candidates(plan)[0].number in str(refusal(plan, an_entry(plan)))


# confirmation


@pytest.fixture
def entered(plan: Plan) -> Plan:
    enter(plan, an_entry(plan))
    attach_scans(plan)
    return plan


def attach_scans(plan: Plan) -> None:
    for kind in results.SCANS.values():
        factories.attachment(plan, kind)


def confirm(plan: Plan, actor: Any = None) -> Any:
    return engine.fire(plan, "confirm", actor=actor or office(plan), at=clock.now())


def test_confirmed_result_decides_every_application(plan: Plan) -> None:
    entry = an_entry(plan)
    enter(plan, replace(entry, votes=(replace(entry.votes[0], yes=3), *entry.votes[1:])))
    attach_scans(plan)

    confirm(plan)

    assert plan.state is PlanState.CONCLUDED
    assert [item.state for item in candidates(plan)] == [
        ApplicationState.FAILED,
        ApplicationState.PASSED,
        ApplicationState.PASSED,
    ]


def test_confirmation_needs_a_second_person(plan: Plan) -> None:
    first = office(plan)
    enter(plan, an_entry(plan), first)
    attach_scans(plan)

    with pytest.raises(Refused, match="second person"):
        confirm(plan, first)


def test_confirmation_needs_the_signed_sheet(entered: Plan) -> None:
    scan = (
        db.session.query(Attachment)
        .filter_by(subject_id=entered.id, kind=results.RESULT_SHEET)
        .one()
    )
    scan.removed_at = clock.now()

    with pytest.raises(Refused, match="result sheet"):
        confirm(entered)


def test_confirmation_needs_a_committee_valid_on_that_day(entered: Plan) -> None:
    entered.committee.valid_to = factories.in_days(-1)

    with pytest.raises(Refused):
        confirm(entered)


def test_confirmation_needs_a_day_of_the_vote(entered: Plan) -> None:
    entered.voted_on = None

    with pytest.raises(Refused, match="day of the vote"):
        confirm(entered)


def test_reopened_result_can_be_entered_again(entered: Plan) -> None:
    engine.fire(
        entered, "reopen", actor=office(entered), at=clock.now(), opinion="第二名的票数填错了"
    )

    assert entered.state is PlanState.APPROVED


def a_meeting(count: int, passed: int, *, over_cap: OverCap = OverCap.RANK, **values: Any) -> Plan:
    """Return an entered meeting of `count` full senior candidates of whom `passed` have the votes."""
    plan = factories.plan(
        opens_on=factories.in_days(-1), closes_on=factories.in_days(1), over_cap=over_cap
    )
    for _count in range(count):
        factories.application(ApplicationState.IN_REVIEW, plan=plan, level=Level.SENIOR, **values)
    votes = [
        Votes(item.id, 20 if place < passed else 0, 0, 0)
        for place, item in enumerate(candidates(plan))
    ]
    enter(plan, Entry(25, 22, factories.today(), tuple(votes), opinions_signed=True))
    attach_scans(plan)
    return plan


def test_result_at_the_rate_cap_is_confirmed(app: Any) -> None:
    plan = a_meeting(33, 13)

    confirm(plan)

    assert plan.state is PlanState.CONCLUDED


@pytest.mark.parametrize("rule", list(OverCap))
def test_equal_votes_over_the_rate_cap_wait_for_a_further_round(app: Any, rule: OverCap) -> None:
    plan = a_meeting(33, 14, over_cap=rule)

    with pytest.raises(Refused, match="14 candidates are to be voted on again for 13 places"):
        confirm(plan)

    assert plan.state is PlanState.ENTERED


def test_equal_votes_over_the_posts_of_a_public_institution_wait_for_a_further_round(
    app: Any,
) -> None:
    unit = factories.unit("长沙市第一医院", kind=UnitKind.PUBLIC)
    factories.quota(unit, level=Level.SENIOR, asked=3, granted=2, used=1)
    plan = a_meeting(10, 2, unit=unit)

    with pytest.raises(Refused, match="2 candidates are to be voted on again for 1 places"):
        confirm(plan)


@pytest.mark.parametrize("change", ["rate", "posts"])
def test_result_over_a_limit_changed_since_the_entry_is_refused(app: Any, change: str) -> None:
    unit = factories.unit(kind=UnitKind.PUBLIC)
    line = factories.quota(unit, level=Level.SENIOR, asked=3, granted=2)
    plan = a_meeting(10, 2, unit=unit)
    if change == "rate":
        plan.senior_cap = 10
    else:
        line.used = 2

    with pytest.raises(Refused, match=r"have changed|voted on again"):
        confirm(plan)


def test_quota_counts_all_grounds_and_binds_only_public_institutions(app: Any) -> None:
    public = factories.unit(kind=UnitKind.PUBLIC)
    factories.quota(public, level=Level.SENIOR, granted=1)
    factories.quota(public, level=Level.SENIOR, granted=1, kind="talent")
    factories.quota(public, level=Level.SENIOR, granted=1, kind="urgent", state="submitted")

    bound, free = a_meeting(5, 2, unit=public), a_meeting(5, 2)
    confirm(bound)
    confirm(free)

    assert (bound.state, free.state) == (PlanState.CONCLUDED, PlanState.CONCLUDED)


def test_plans_to_publish_are_confirmed_ones_with_somebody_waiting(entered: Plan) -> None:
    session, committees = db.session(), (entered.committee_id,)
    before = results.plans_to_publish(session, committees)
    confirm(entered)

    assert before == []
    assert results.plans_to_publish(session, committees) == [(entered.id, entered.name)]
    assert results.plans_to_publish(session, ()) == []


def test_workflow_names_the_guards_of_the_result() -> None:
    row = PLAN.rows["confirm"]

    assert results.is_within_caps in row.guards
