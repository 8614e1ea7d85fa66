"""Menu 1.2.5 for online meetings through HTTP: preview, computing, minutes, signing, confirming, rounds on paper."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import event

from app.enums import ApplicationState, Level, PlanState, Role, RoundState, SeatRole, UnitKind
from app.extensions import db
from app.models import Plan, Result, Round
from app.services.files import attached_files
from app.services.results import paper_rounds
from tests.support import factories, meetings
from tests.support.signing import client_of as at
from tests.views.results.test_ch1_2_results import a_pdf, row


@pytest.fixture
def plan(app: Any) -> Plan:
    """An online meeting of five full senior candidates, of whom two may pass."""
    factories.work_days()
    return meetings.online(count=5, level=Level.SENIOR, senior_cap=40)


@pytest.fixture
def office(app: Any, plan: Plan) -> FlaskClient:
    return at(app, factories.position(Role.OFFICE, committee=plan.committee))


def press(client: FlaskClient, url: str, record: Any, **typed: Any) -> Any:
    return client.post(url, data={"row": row(record)} | typed)


def test_preview_shows_the_line_and_the_tie_before_anything_is_computed(
    office: FlaskClient, plan: Plan
) -> None:
    empty = office.get(f"/g/1.2.5/{plan.id}").text
    meetings.vote(plan, 25, 20, 20, 20, 3)

    page = office.get(f"/g/1.2.5/{plan.id}").text
    refused = press(office, "/g/1.2.5/act/compute", plan)

    assert "5 candidates have no votes yet" in empty
    assert "cut line: 2 places" in page
    assert page.count("Not decided yet") == 3
    assert "4 may still pass, at most 2 places (40% of 5)" in page
    assert "3 candidates are equal" in page
    assert "/g/1.2.5/act/enter" not in page
    assert refused.status_code == 422
    assert db.session.query(Result).count() == 0


def test_result_is_computed_written_signed_and_confirmed(
    app: Any, office: FlaskClient, plan: Plan
) -> None:
    meetings.vote(plan, 25, 24, 20, 18, 3)
    chair, _seat = meetings.judge(plan, SeatRole.CHAIR)
    watcher = meetings.supervisor(plan)
    ready = office.get(f"/g/1.2.5/{plan.id}").text

    done = [
        press(office, "/g/1.2.5/act/compute", plan),
        press(office, "/g/1.2.5/act/minutes", plan, minutes=meetings.MINUTES),
        press(at(app, chair), "/g/meeting-result/act/sign", plan),
        press(at(app, watcher), "/g/meeting-result/act/sign", plan),
    ]
    page = office.get(f"/g/1.2.5/{plan.id}").text
    own = press(office, "/g/1.2.5/act/confirm", plan, decision="confirm")
    second = at(app, factories.position(Role.OFFICE, committee=plan.committee))
    confirmed = press(second, "/g/1.2.5/act/confirm", plan, decision="confirm")

    assert "can be computed" in ready
    assert [answer.status_code for answer in done] == [303] * 4
    assert (own.status_code, confirmed.status_code) == (422, 303)
    assert chair.user.real_name in page
    assert meetings.MINUTES in page
    assert plan.state is PlanState.CONCLUDED
    states = [item.state for item in meetings.candidates(plan)]
    assert states == [
        ApplicationState.PASSED,
        ApplicationState.PASSED,
        ApplicationState.FAILED,
        ApplicationState.FAILED,
        ApplicationState.FAILED,
    ]


def test_minutes_of_two_meetings_are_not_written_at_once(office: FlaskClient, plan: Plan) -> None:
    other = meetings.online(batch=plan.batch)
    for one in (plan, other):
        one.state = PlanState.ENTERED

    page = office.get(f"/g/1.2.5/act/minutes?pk={plan.id}&pk={other.id}")
    answer = office.post(
        "/g/1.2.5/act/minutes",
        data={"row": [row(plan), row(other)], "minutes": meetings.MINUTES},
    )

    assert (page.status_code, answer.status_code) == (200, 422)
    assert (plan.minutes, other.minutes) == ("", "")


def test_sheet_and_minutes_are_printed(office: FlaskClient, plan: Plan) -> None:
    held = meetings.vote(plan, 25, 24, 20, 18, 3)
    meetings.concluded(plan)

    sheet = office.get(f"/g/1.2.5/{plan.id}/sheet.pdf")
    minutes = office.get(f"/g/1.2.5/{plan.id}/minutes")
    page = office.get(f"/g/1.2.5/{plan.id}").text

    drawn = "".join(one.extract_text() for one in PdfReader(io.BytesIO(sheet.data)).pages)
    assert held.frozen_hash in drawn.replace("\n", "")
    assert "Signed" in page
    assert f"/g/1.2.5/{plan.id}/minutes" in page
    assert meetings.MINUTES in minutes.text
    assert held.frozen_hash in minutes.text


def test_posts_of_units_are_shown(office: FlaskClient, plan: Plan) -> None:
    school = factories.unit("长沙市第一中学", kind=UnitKind.PUBLIC)
    meetings.candidates(plan)[0].unit_id = school.id
    meetings.vote(plan, 25, 24, 20, 18, 3)

    page = office.get(f"/g/1.2.5/{plan.id}").text

    assert "Posts of public institutions" in page
    assert "Beyond the unit" in page


def test_level_without_places_draws_the_line_on_top(office: FlaskClient, plan: Plan) -> None:
    plan.senior_cap = 0
    meetings.vote(plan, 25, 24, 20, 18, 3)

    assert "cut line: 0 places" in office.get(f"/g/1.2.5/{plan.id}").text


# signing


def test_chair_sees_totals_and_no_names_of_judges(app: Any, plan: Plan) -> None:
    chair, seat = meetings.judge(plan, SeatRole.CHAIR)
    vice, _seat = meetings.judge(plan, SeatRole.VICE)
    watcher = meetings.supervisor(plan)
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    authority = factories.position(Role.HRSS, unit=bureau)
    factories.assessment(seat, meetings.candidates(plan)[0], total=7373)
    chair.user.real_name = "欧阳主任"
    meetings.vote(plan, 25, 24, 20, 18, 3)
    meetings.computed(plan)
    plan.minutes = meetings.MINUTES
    stale = row(plan)
    meetings.fire(plan, "sign_chair", factories.actor_of(chair))

    page = at(app, vice).get(f"/g/meeting-result/{plan.id}").text
    faster = at(app, vice).post("/g/meeting-result/act/sign", data={"row": stale})
    filed = at(app, authority).get(f"/g/1.2.2/{plan.id}").text
    watched = at(app, watcher).get(f"/g/meeting-result/{plan.id}").text

    assert "25 / 0 / 0" in page
    assert "73.73" not in page
    assert faster.status_code == 422
    assert "Sign as chair" in filed
    for unnamed in (page, faster.text, filed):
        assert "欧阳主任" not in unnamed
    assert "欧阳主任" in watched


def test_page_of_a_larger_meeting_needs_no_more_queries(office: FlaskClient, plan: Plan) -> None:
    def queries(url: str) -> int:
        asked: list[str] = []

        def note(*given: Any) -> None:
            asked.append(given[2])

        event.listen(db.engine, "before_cursor_execute", note)
        assert office.get(url).status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    large = meetings.online(count=40, level=Level.SENIOR, senior_cap=40, batch=plan.batch)
    meetings.vote(plan, 25, 24, 20, 18, 3)
    meetings.vote(large, *[25] * 16, *[3] * 24)
    office.get(f"/g/1.2.5/{plan.id}")

    assert queries(f"/g/1.2.5/{large.id}") <= queries(f"/g/1.2.5/{plan.id}")
    for one in (plan, large):
        meetings.computed(one)
    db.session.commit()
    assert queries(f"/g/1.2.5/{large.id}") <= queries(f"/g/1.2.5/{plan.id}")
    assert queries(f"/g/1.2.5/{large.id}/sheet.pdf") <= queries(f"/g/1.2.5/{plan.id}/sheet.pdf")


def test_level_without_a_cap_has_no_line(app: Any, plan: Plan, office: FlaskClient) -> None:
    free = meetings.online(batch=plan.batch)
    meetings.vote(free, 20, 20, 3)
    meetings.computed(free)

    page = office.get(f"/g/1.2.5/{free.id}").text

    assert "cut line" not in page
    assert "Print the minutes" not in page


def test_result_is_signed_only_where_one_presided_or_supervises(app: Any, plan: Plan) -> None:
    meetings.vote(plan, 25, 24, 20, 18, 3)
    meetings.computed(plan)
    plan.minutes = meetings.MINUTES
    member, _seat = meetings.judge(plan)
    other = meetings.online()
    foreign, _seat = meetings.judge(other, SeatRole.CHAIR)
    strangers = (member, foreign, meetings.supervisor(other))

    for position in strangers:
        client = at(app, position)
        assert client.get(f"/g/meeting-result/{plan.id}").status_code == 404
        assert press(client, "/g/meeting-result/act/sign", plan).status_code == 404
    assert (plan.chair_signed_at, plan.supervisor_signed_at) == (None, None)


# rounds on paper


def paper(plan: Plan, *yes: str, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "plan_id": str(plan.id),
        "members": "25",
        "present": "22",
        "voted_on": factories.today().isoformat(),
        "scan": a_pdf(),
        "opinions_signed": "y",
        "opinions": a_pdf(),
    }
    items = meetings.candidates(plan)
    for place, item in enumerate(items):
        count = yes[place] if place < len(yes) else ""
        data |= {
            f"votes-{place}-application_id": str(item.id),
            f"votes-{place}-yes": count,
            f"votes-{place}-no": "2" if count else "",
            f"votes-{place}-abstain": "0" if count else "",
        }
    return data | changes


def test_paper_round_is_entered_and_confirmed(app: Any, office: FlaskClient, plan: Plan) -> None:
    page = office.get(f"/g/1.2.5/paper/add?plan={plan.id}").text
    entered = office.post("/g/1.2.5/paper/add", data=paper(plan, "20", "3"))
    held = db.session.query(Round).one()
    shown = office.get(f"/g/1.2.5/paper/{held.id}").text
    own = press(office, "/g/1.2.5/paper/act/confirm", held, decision="confirm_paper")
    second = at(app, factories.position(Role.OFFICE, committee=plan.committee))
    confirmed = press(second, "/g/1.2.5/paper/act/confirm", held, decision="confirm_paper")

    assert all(item.number in page for item in meetings.candidates(plan))
    assert entered.status_code == 303, entered.text
    assert (own.status_code, confirmed.status_code) == (422, 303)
    assert held.state is RoundState.COUNTED
    assert len(held.candidates) == 2
    assert meetings.candidates(plan)[0].name in shown
    assert len(attached_files.attachments_of(held, paper_rounds.PAPER_SHEET)) == 1


def test_refused_paper_round_keeps_what_was_typed(office: FlaskClient, plan: Plan) -> None:
    too_many = office.post("/g/1.2.5/paper/add", data=paper(plan, "20", "21"))
    missing = office.post("/g/1.2.5/paper/add", data=paper(plan, "20", **{"votes-0-no": ""}))
    unsigned = office.post("/g/1.2.5/paper/add", data=paper(plan, "20", scan=""))
    nobody = office.post("/g/1.2.5/paper/add", data=paper(plan))

    answers = (too_many, missing, unsigned, nobody)
    assert [answer.status_code for answer in answers] == [422] * 4
    assert 'value="21"' in too_many.text
    assert 'id="votes-0-no-error"' in missing.text
    assert 'id="scan-error"' in unsigned.text
    assert db.session.query(Round).count() == 0


def test_meeting_is_chosen_first(app: Any, office: FlaskClient, plan: Plan) -> None:
    other = meetings.online(batch=plan.batch)

    several = office.get("/g/1.2.5/paper/add").text
    unknown = office.post("/g/1.2.5/paper/add", data=paper(plan, "20", plan_id="999"))
    other.state = PlanState.CONCLUDED
    only = office.get("/g/1.2.5/paper/add").text

    assert 'name="votes-' not in several
    assert unknown.status_code == 422
    assert 'name="votes-' in only


def test_paper_round_of_another_committee_does_not_exist(app: Any, plan: Plan) -> None:
    held = factories.ballot_round(plan, is_on_paper=True, state=RoundState.ENTERED)
    stranger = at(app, factories.position(Role.OFFICE, committee=factories.committee()))

    shown = stranger.get(f"/g/1.2.5/paper/{held.id}")
    pressed = press(stranger, "/g/1.2.5/paper/act/confirm", held, decision="confirm_paper")
    entered = stranger.post("/g/1.2.5/paper/add", data=paper(plan, "20"))

    assert [answer.status_code for answer in (shown, pressed, entered)] == [404, 404, 422]
    assert held.state is RoundState.ENTERED


@pytest.mark.parametrize("address", ["{0}", "{0}/sheet.pdf", "{0}/minutes", "act/compute?pk={0}"])
def test_result_of_another_committee_does_not_exist(app: Any, plan: Plan, address: str) -> None:
    stranger = at(app, factories.position(Role.OFFICE, committee=factories.committee()))

    assert stranger.get(f"/g/1.2.5/{address.format(plan.id)}").status_code == 404
    assert press(stranger, "/g/1.2.5/act/compute", plan).status_code == 404
    assert plan.state is PlanState.APPROVED


def test_authority_sees_the_rank_list_of_a_filing(app: Any, plan: Plan) -> None:
    meetings.vote(plan, 25, 24, 20, 18, 3)
    meetings.concluded(plan)
    filing = factories.filing(plan)
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")

    page = at(app, factories.position(Role.HRSS, unit=bureau)).get(f"/g/1.2.7/{filing.id}").text

    assert "cut line: 2 places" in page
    assert "Beyond the pass rate" in page
