"""监督过程: what a supervisor follows of an online meeting, and what is never shown: a choice, a score, an opinion."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event

from app.enums import DrawState, PlanState, Role, RoundState, SeatRole, SeatState
from app.extensions import db
from app.ground import clock
from app.models import CaseNote, CaseOpening, Plan, SealedBallot, TransitionLog
from app.services.results import supervision_record
from app.views.results import supervision_record as pages
from tests.support import factories, meetings
from tests.support.signing import english, signed_in

CANARIES = (
    "7373",
    "73.73",
    "绝密意见",
    "私下笔记",
    "nyyyanyyya",
    "canarysealed",
    "canarytracker",
    "不通过的理由",
)


@pytest.fixture
def plan(app: Any) -> Plan:
    return meetings.online(minutes="绝密意见")


@pytest.fixture
def watcher(app: Any, plan: Plan) -> FlaskClient:
    return english(signed_in(app.test_client(), meetings.supervisor(plan)))


def opened(seat: Any, case: Any, times: int = 3) -> CaseOpening:
    at = clock.now() - timedelta(hours=2)
    made: CaseOpening = factories.add(
        CaseOpening(
            seat_id=seat.id, application_id=case.id, first_at=at, last_at=clock.now(), times=times
        )
    )
    return made


def log(record: Any, name: str, at: Any = None, **values: Any) -> TransitionLog:
    made: TransitionLog = factories.add(
        TransitionLog(
            **{
                "at": at or clock.now(),
                "subject_type": record.__tablename__,
                "subject_id": record.id,
                "event": name,
                "target": record.state.value,
                "actor_name": "周监督",
                "actor_role": Role.SUPERVISOR,
            }
            | values
        )
    )
    return made


def test_supervisor_follows_the_whole_course(watcher: FlaskClient, plan: Plan) -> None:
    void = factories.draw(plan, state=DrawState.VOID, void_reason="名单有误")
    drawn = factories.draw(
        plan, attempt=2, state=DrawState.DRAWN, seed="5" * 64, drawn_at=clock.now(),
        office_digest="a" * 64, supervisor_digest="b" * 64,
    )  # fmt: skip
    log(drawn, "commit_office", actor_role=Role.OFFICE)
    chair, seat = meetings.judge(plan, SeatRole.CHAIR)
    meetings.judge(plan, state=SeatState.DECLINED)
    case = meetings.candidates(plan)[0]
    opened(seat, case)
    held = meetings.vote(plan, 20, 20, 20)
    dropped = factories.ballot_round(plan, number=2, state=RoundState.VOID)
    log(dropped, "void", opinion="停电", target=RoundState.VOID.value)

    page = watcher.get(f"/g/course/{plan.id}").text

    for shown in (
        void.void_reason, drawn.pool_hash, "a" * 64, "b" * 64, chair.user.real_name, case.number, "停电", "周监督",
        "Commit",
    ):  # fmt: skip
        assert shown in page
    assert f"{clock.local(held.closed_at):%H:%M}" in page


def test_no_choice_score_or_opinion_is_ever_shown(app: Any, plan: Plan) -> None:
    _chair, seat = meetings.judge(plan, SeatRole.CHAIR)
    case = meetings.candidates(plan)[0]
    factories.assessment(seat, case, total=7373, scores={"业绩": 7373}, reason="不通过的理由")
    factories.opinion(case, seat, text="绝密意见")
    factories.add(
        CaseNote(seat_id=seat.id, application_id=case.id, text="私下笔记", saved_at=clock.now())
    )
    opened(seat, case)
    held = factories.ballot_round(plan, case, seats=(seat,), state=RoundState.OPEN)
    held.candidates[0].opened = "nyyyanyyya"
    factories.add(
        SealedBallot(
            round_id=held.id, seat_id=seat.id, alg="x", sealed="canarysealed", digest="0" * 64,
            tracker="canarytracker",
        )
    )  # fmt: skip
    held.candidates[0].yes = held.candidates[0].no = held.candidates[0].abstain = 7373
    held.state = RoundState.COUNTED

    for position in (
        meetings.supervisor(plan),
        factories.position(Role.OFFICE, committee=plan.committee),
    ):
        client = english(signed_in(app.test_client(), position))
        page = client.get(f"/g/course/{plan.id}").text
        book = client.get(f"/g/course/{plan.id}/openings.xlsx")
        cells = [
            str(cell.value) for line in load_workbook(io.BytesIO(book.data)).active for cell in line
        ]
        seen = " ".join([page, client.get("/g/course/").text, *cells])
        assert case.number in seen
        for canary in CANARIES:
            assert canary not in seen


def test_openings_are_exported_in_full_and_shown_in_part(
    watcher: FlaskClient, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SHOWN_OPENINGS", 2)
    _position, seat = meetings.judge(plan)
    for times, case in enumerate(meetings.candidates(plan), start=41):
        opened(seat, case, times)

    page = watcher.get(f"/g/course/{plan.id}").text
    book = watcher.get(f"/g/course/{plan.id}/openings.xlsx")

    lines = list(load_workbook(io.BytesIO(book.data)).active.values)
    assert "the last 2" in page
    assert ">41<" not in page
    assert sorted(str(line[-1]) for line in lines[1:]) == ["41", "42", "43"]


def test_acts_come_in_their_order_and_of_this_meeting_only(plan: Plan) -> None:
    _position, seat = meetings.judge(plan)
    other = meetings.online()
    first = log(plan, "report")
    second = log(seat, "accept")
    log(other, "report")

    assert supervision_record.acts(db.session(), plan.id, 10) == [first, second]
    assert supervision_record.acts(db.session(), plan.id, 1) == [second]


def test_more_judges_and_acts_need_no_more_queries(watcher: FlaskClient, plan: Plan) -> None:
    def queries() -> int:
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert watcher.get(f"/g/course/{plan.id}").status_code == 200
        return len(asked)

    for _count in range(2):
        _position, seat = meetings.judge(plan)
        opened(seat, meetings.candidates(plan)[0])
        log(seat, "accept")
    watcher.get(f"/g/course/{plan.id}")
    few = queries()
    for _count in range(8):
        _position, seat = meetings.judge(plan)
        opened(seat, meetings.candidates(plan)[0])
        log(seat, "accept")

    db.session.commit()

    assert queries() <= few


def test_meeting_of_another_committee_or_offline_does_not_exist(app: Any, plan: Plan) -> None:
    stranger = signed_in(app.test_client(), meetings.supervisor(factories.plan()))
    own = signed_in(app.test_client(), meetings.supervisor(plan))
    offline = meetings.online(batch=plan.batch, mode="offline")

    assert stranger.get(f"/g/course/{plan.id}").status_code == 404
    assert stranger.get(f"/g/course/{plan.id}/openings.xlsx").status_code == 404
    assert own.get(f"/g/course/{offline.id}").status_code == 404


@pytest.mark.parametrize("role", [Role.UNIT, Role.SUPERIOR, Role.HRSS, Role.JUDGE])
def test_nobody_else_has_this_menu(app: Any, plan: Plan, role: Role) -> None:
    holder = factories.position(role, unit=plan.committee.unit, committee=plan.committee)
    client = signed_in(app.test_client(), holder)

    assert client.get("/g/course/").status_code == 403
    assert client.get(f"/g/course/{plan.id}").status_code == 403
    assert plan.state is PlanState.APPROVED
