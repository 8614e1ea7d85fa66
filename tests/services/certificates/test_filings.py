"""Filing a result: what must be ready, what is computed again, what agreeing does."""

from typing import Any

import pytest

from app import engine
from app.engine import Refused
from app.enums import (
    ApplicationState,
    CertificateState,
    FilingState,
    Level,
    NoticeState,
    PlanState,
    Role,
    UnitKind,
)
from app.extensions import db
from app.forms.review import StoredUpload
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Certificate, Filing, Plan, Quota
from app.services.certificates import filing_checks, filings
from app.services.results import results
from tests.support import factories
from tests.support.meetings import authority, office
from tests.support.tampering import unsealed


@pytest.fixture
def plan(app: Any) -> Plan:
    """A concluded meeting: three middle candidates passed, one failed; their notice is over."""
    made = factories.plan(
        state=PlanState.CONCLUDED,
        opens_on=factories.in_days(-20),
        closes_on=factories.in_days(-18),
        voted_on=factories.in_days(-19),
        members=25,
        present=25,
    )
    people = [a_candidate(made, ApplicationState.RESULT_CLEAR) for _count in range(3)]
    failed = factories.application(ApplicationState.FAILED, plan=made, level=Level.MIDDLE)
    factories.result(made, failed, yes=3, no=22, abstain=0, is_passed=False)
    factories.notice(
        people,
        plan=made,
        starts_on=factories.in_days(-10),
        ends_on=factories.in_days(-2),
        state=NoticeState.OVER,
    )
    factories.attachment(made, results.RESULT_SHEET)
    return made


def a_candidate(plan: Plan, state: ApplicationState, **values: Any) -> Application:
    item = factories.application(state, plan=plan, **{"level": Level.MIDDLE} | values)
    factories.result(plan, item)
    return item


def papers(plan: Plan) -> dict[str, Any]:
    kept = factories.attachment(plan, "scratch").file
    return {
        kind: StoredUpload(kept, f"{kind}.pdf") for kind in (filings.MINUTES, filings.NOTICE_PROOF)
    }


def file(plan: Plan, actor: Actor | None = None, details: Any = None, **values: Any) -> Filing:
    filing = Filing(
        **{
            "plan_id": plan.id,
            "document_number": "湘评〔2026〕3号",
            "summary": "会议情况",
            "reported_at": clock.now(),
        }
        | values
    )
    engine.fire(
        filing,
        "file",
        actor=actor or office(plan),
        at=clock.now(),
        details=papers(plan) if details is None else details,
    )
    return filing


def agree(filing: Filing, actor: Actor | None = None, number: Any = "湘职改办〔2026〕9号") -> Any:
    return engine.fire(
        filing,
        "agree",
        actor=actor or authority(),
        at=clock.now(),
        details={"approval_number": number},
    )


def states(plan: Plan) -> list[ApplicationState]:
    return [item.state for item in filings.passed_of(db.session(), plan)]


def refused(plan: Plan, **changes: Any) -> str:
    with pytest.raises(Refused) as caught:
        file(plan, **changes)
    assert db.session.query(Filing).count() == 0
    return str(caught.value)


# handing in


def test_filing_takes_every_clear_candidate(plan: Plan) -> None:
    cancelled = a_candidate(plan, ApplicationState.CANCELLED)

    filing = file(plan)

    assert filing.state is FilingState.REPORTED
    assert sorted(states(plan)) == sorted(
        [ApplicationState.IN_FILING] * 3 + [ApplicationState.CANCELLED]
    )
    assert cancelled.state is ApplicationState.CANCELLED
    kinds = {a.kind for a in results.attached_files.attachments_of(filing)}
    assert kinds == {filings.MINUTES, filings.NOTICE_PROOF}


def test_filing_of_another_committee_is_refused(plan: Plan) -> None:
    stranger = factories.actor(Role.OFFICE, committee=factories.committee())

    assert "another committee" in refused(plan, actor=stranger)


def test_filing_of_an_unconfirmed_result_is_refused(plan: Plan) -> None:
    with unsealed():
        plan.state = PlanState.ENTERED

    assert "not confirmed" in refused(plan)


def test_second_filing_of_a_meeting_is_refused(plan: Plan) -> None:
    file(plan)

    with pytest.raises(Refused, match="already"):
        file(plan)


@pytest.mark.parametrize("state", [NoticeState.RUNNING, NoticeState.CANCELLED])
def test_filing_before_the_notice_ended_is_refused(plan: Plan, state: NoticeState) -> None:
    notice = db.session.query(filings.Notice).filter_by(plan_id=plan.id).one()
    notice.state = state

    assert "notice" in refused(plan)


@pytest.mark.parametrize(
    "state",
    [ApplicationState.RESULT_DISPUTED, ApplicationState.IN_RESULT_NOTICE, ApplicationState.PASSED],
)
def test_filing_with_somebody_not_clear_names_the_line(plan: Plan, state: ApplicationState) -> None:
    item = a_candidate(plan, state)

    assert item.number in refused(plan)


def test_filing_without_anybody_is_refused(plan: Plan) -> None:
    for item in filings.passed_of(db.session(), plan):
        item.state = ApplicationState.CANCELLED

    assert "Nobody" in refused(plan)


def test_filing_names_the_papers_that_are_missing(plan: Plan) -> None:
    for scan in results.attached_files.attachments_of(plan):
        scan.removed_at = clock.now()

    said = refused(plan, details={})

    assert all(str(name) in said for _kind, name in filings.paper_labels())


def test_filing_without_a_document_number_is_refused(plan: Plan) -> None:
    assert "document number" in refused(plan, document_number=" ")


def test_plans_to_file_are_those_whose_notice_ended(plan: Plan) -> None:
    session, own = db.session(), (plan.committee_id,)
    before = filings.plans_to_file(session, own)
    file(plan)

    assert before == [(plan.id, plan.name)]
    assert filings.plans_to_file(session, own) == []


# the authority


def test_agreed_filing_issues_every_certificate(plan: Plan) -> None:
    filing = file(plan)

    agree(filing)

    issued = db.session.query(Certificate).order_by(Certificate.number).all()
    assert filing.state is FilingState.AGREED
    assert states(plan) == [ApplicationState.CERTIFIED] * 3
    assert {one.application_id for one in issued} == {
        item.id for item in filings.passed_of(db.session(), plan)
    }
    assert len({one.number for one in issued} | {one.token for one in issued}) == 6
    assert {(one.state, one.obtained_on, one.approval_number) for one in issued} == {
        (CertificateState.VALID, plan.voted_on, "湘职改办〔2026〕9号")
    }


def test_agreed_filing_uses_the_posts_of_public_institutions(plan: Plan) -> None:
    unit = factories.unit(kind=UnitKind.PUBLIC)
    quota = factories.quota(unit, level=Level.MIDDLE, granted=1)
    a_candidate(plan, ApplicationState.RESULT_CLEAR, unit=unit)

    agree(file(plan))

    db.session.refresh(quota)
    assert quota.used == 1


@pytest.mark.parametrize("number", ["", "  ", None, "9" * 65])
def test_agreement_without_a_number_is_refused(plan: Plan, number: Any) -> None:
    filing = file(plan)

    with pytest.raises(Refused, match="approval document"):
        agree(filing, number=number)


def test_authority_of_another_region_decides_nothing(plan: Plan) -> None:
    filing = file(plan)

    with pytest.raises(Refused, match="another region"):
        agree(filing, authority("430100"))


def test_returned_filing_gives_the_candidates_back_and_is_filed_again(plan: Plan) -> None:
    filing = file(plan)

    engine.fire(filing, "return", actor=authority(), at=clock.now(), opinion="会议纪要缺少签字页")
    returned = states(plan)
    engine.fire(filing, "refile", actor=office(plan), at=clock.now())

    assert returned == [ApplicationState.RESULT_CLEAR] * 3
    assert filing.state is FilingState.REPORTED
    assert states(plan) == [ApplicationState.IN_FILING] * 3


def wrong(filing: Filing) -> str:
    """Return why the filing as a whole is refused; nothing of it may have moved."""
    with pytest.raises(Refused) as caught:
        agree(filing)
    db.session.rollback()
    return str(caught.value)


def test_one_line_over_the_quota_refuses_the_whole_filing(plan: Plan) -> None:
    unit = factories.unit("长沙市第二医院", kind=UnitKind.PUBLIC)
    quota = factories.quota(unit, level=Level.MIDDLE, granted=1)
    a_candidate(plan, ApplicationState.RESULT_CLEAR, unit=unit)
    filing = file(plan)
    quota.used = 1
    db.session.commit()

    said = wrong(filing)

    assert "长沙市第二医院" in said
    assert states(plan) == [ApplicationState.IN_FILING] * 4
    assert db.session.query(Certificate).count() == 0
    assert db.session.get_one(Quota, quota.id).used == 1


def test_level_over_its_rate_refuses_the_whole_filing(plan: Plan) -> None:
    a_candidate(plan, ApplicationState.RESULT_CLEAR, level=Level.SENIOR)
    filing = file(plan)

    assert "40" in wrong(filing)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"present": 16}, "17"),
        ({"members": 27, "present": 25}, None),
        ({"members": 26, "present": 25}, "odd"),
        ({"voted_on": None}, "missing"),
    ],
)
def test_meeting_is_computed_again(plan: Plan, change: dict[str, Any], word: str | None) -> None:
    for key, value in change.items():
        setattr(plan, key, value)

    said = " ".join(filing_checks.problems(db.session(), plan))

    assert (word in said) if word else ("members" not in said)


def test_committee_is_checked_on_the_day_of_the_vote(plan: Plan) -> None:
    filing = file(plan)
    plan.committee.valid_to = factories.in_days(-19)
    is_last_day_fine = filing_checks.problems(db.session(), plan) == []
    plan.committee.valid_to = factories.in_days(-20)
    db.session.commit()

    assert is_last_day_fine
    assert "valid" in wrong(filing)


@pytest.mark.parametrize(
    ("votes", "is_passed"),
    [
        ({"yes": 16, "no": 9, "abstain": 0}, True),
        ({"yes": 17, "no": 8, "abstain": 1}, True),
        ({"yes": 20, "no": 0, "abstain": 0}, False),
    ],
)
def test_line_with_wrong_votes_is_named(plan: Plan, votes: dict[str, int], is_passed: bool) -> None:
    filing = file(plan)
    result = next(one for one in results.results_of_plan(db.session(), plan) if one.is_passed)
    with unsealed():
        for key, value in (votes | {"is_passed": is_passed}).items():
            setattr(result, key, value)
    number = result.application.number
    db.session.commit()

    assert number in wrong(filing)


def test_person_barred_on_the_day_of_the_vote_is_named(plan: Plan) -> None:
    filing = file(plan)
    item = filings.passed_of(db.session(), plan)[0]
    item.person.banned_until = plan.voted_on
    number = item.number
    db.session.commit()

    assert number in wrong(filing)


def test_line_in_another_state_is_named(plan: Plan) -> None:
    filing = file(plan)
    item = filings.passed_of(db.session(), plan)[0]
    item.state = ApplicationState.RESULT_DISPUTED
    number = item.number
    db.session.commit()

    assert number in wrong(filing)
