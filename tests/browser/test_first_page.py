"""Judge, supervisor and applicant find what waits for them from the first page, at each stage of a meeting.

They sign in and follow tiles and buttons; no address is typed. What the others do meanwhile goes through the engine.
"""

from typing import Any

import pytest
from flask import Flask

from app.enums import InterviewState, KeyRole, OverCap, Role, SeatState
from app.extensions import db
from app.ground import clock
from app.models import Interview, KeyHolder, Position
from app.services.voting import key_holders
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.support import drawing, factories, meetings, signing
from tests.support.acting import press as fire

STEPS = ["material_score", "opinion", "vote"]


class Screen:
    """Somebody who signed in and follows what the pages offer."""

    def __init__(self, hand: ChromiumHand, position: Position) -> None:
        username = signing.give_password(position.user).username
        db.session.commit()
        self.hand, self.code = hand, ""
        hand.screen.set_default_timeout(8000)
        hand.sign_in(username)

    def home(self) -> str:
        """Go to the first page by the link that stands on every page, and read it."""
        db.session.commit()
        self.hand.follow("a[href='/']:visible")
        return self.hand.text

    def follow(self, tile: str, act: str, *presses: str) -> str:
        """Press a tile, an act in the first row behind it or above the list, then these buttons; return what the last page says."""
        said = self.home()
        assert tile in said, said
        self.hand.press(tile)
        row = self.hand.screen.locator("td.acts a", has_text=act).first
        if not row.count():
            self.hand.press(act)
        else:
            self.hand.follow(row)
        for label in presses:
            self.hand.press(label)
        db.session.rollback()
        db.session.expire_all()
        return self.hand.text


@pytest.fixture
def sit_down(app: Flask, new_hand: Any) -> Any:
    """Give a person a screen."""

    def sit(position: Position, size: tuple[int, int] = DESKTOP) -> Screen:
        return Screen(new_hand(size), position)

    return sit


def test_secret_and_seat_are_found_from_the_first_page(sit_down: Any) -> None:
    made = drawing.meeting(size=8, seats=3, opens_on=factories.in_days(0))
    draw = drawing.freeze(made)
    supervisor = sit_down(made.watcher)

    supervisor.follow("抽取评委", "承诺", "承诺")
    assert draw.supervisor_by == made.watcher.user_id
    fire(draw, "commit_office", made.office, secret=drawing.OFFICE_SECRET)
    fire(draw, "open_office", made.office, secret=drawing.OFFICE_SECRET)
    supervisor.follow("抽取评委", "揭示", "揭示")
    called = drawing.seats(draw, SeatState.CALLED)
    assert len(called) == 3

    judge = sit_down(drawing.judge_position(called[0]))
    judge.follow("我的席位", "接受", "接受")
    assert called[0].state is SeatState.ACCEPTED
    judge.follow("我的席位", "签到", "签到")
    assert called[0].state is SeatState.PRESENT


def test_interview_stands_on_the_applicants_first_page(sit_down: Any) -> None:
    plan = meetings.online(count=1, steps=["interview", "opinion", "vote"])
    [case] = meetings.candidates(plan)
    slot = factories.interview(case, state=InterviewState.SENT, sent_at=clock.now())
    account = factories.user(person=case.person)
    position = factories.position(Role.APPLICANT, user=account)

    for size in (DESKTOP, PHONE):
        applicant = sit_down(position, size)
        assert slot.room in applicant.hand.text
    db.session.commit()
    applicant.hand.press("确认")
    db.session.expire_all()
    assert db.session.get_one(Interview, slot.id).state is InterviewState.CONFIRMED


def test_work_vote_and_signature_are_found_from_the_first_page(sit_down: Any) -> None:
    plan, judges = meetings.sitting(count=1, over_cap=OverCap.SECOND_ROUND)
    plan.steps = STEPS
    plan.score_items = [{"name": "业绩成果", "max": 100, "weight": 100, "step": "material_score"}]
    [case] = meetings.candidates(plan)
    late = meetings.candidate(plan)
    (chair, _seat), (member, seat) = judges[0], judges[5]
    factories.assign(seat, case, late)
    watcher = meetings.supervisor(plan)
    supervisor, judge, presides = sit_down(watcher), sit_down(member), sit_down(chair)

    assert case.number in judge.follow("材料打分", "打分")
    assert late.number in judge.follow("评审意见", "评审意见")
    factories.opinion(late, *(one for _position, one in judges[:3]))
    for one in (presides, supervisor):
        said = one.follow("领取开箱码", "查看", "领取开箱码", "领取")
        one.code = next(word for word in said.split() if word.count("-") == 3)
    roles = {one.role for one in db.session.query(KeyHolder)}
    assert roles == {KeyRole.CHAIR, KeyRole.SUPERVISOR}

    clerk = meetings.office(plan)
    key_holders.take_code(db.session(), plan, actor=clerk, at=clock.now())
    held = meetings.freeze(plan, clerk, goes_on=True)
    fire(held, "open", factories.actor_of(chair))
    assert case.name in judge.follow("投票", "投票")
    for position, _seat in judges:
        meetings.cast(held, position, "yy")
    fire(held, "close", factories.actor_of(chair))
    for one in (presides, supervisor):
        assert "开箱" in one.follow("待提交开箱密钥", "开箱")

    codes = {Role.JUDGE: presides.code, Role.SUPERVISOR: supervisor.code}
    for position in (chair, watcher):
        fire(held, "release", factories.actor_of(position), code=codes[position.role])
    fire(plan, "compute", clerk)
    fire(plan, "write_minutes", clerk, minutes=meetings.MINUTES)
    for one in (presides, supervisor):
        one.follow("结果签名", "签名", "签名")
    assert plan.chair_signed_at is not None
    assert plan.supervisor_signed_at is not None
