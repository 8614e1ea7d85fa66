"""The public value is fixed and confirmed before a secret opens, so nobody steers the draw with it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import DrawState, PublicSource, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Draw, Outbox
from app.services.draw import draw_record, draw_rules
from tests.services.draw.test_draw_rules import verify_draw
from tests.support import drawing
from tests.support import factories as f
from tests.support.drawing import OFFICE_SECRET, REASON, SUPERVISOR_SECRET, Meeting

TYPED, VALUE = "03 08 17 22 26 31 + 12", "03081722263112"


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def draw(made: Meeting) -> Draw:
    """A draw with a source of tomorrow, both sides committed today."""
    draw = drawing.freeze(made, **source())
    drawing.commit(made, draw)
    return draw


def source(**values: object) -> dict[str, object]:
    return {
        "source_kind": "ssq",
        "source_day": f.in_days(1),
        "public_source": "2026138 期",
    } | values


def on_the_day(draw: Draw, event: str, actor: Actor, opinion: str = "", **typed: str) -> None:
    at = clock.start_of_day(f.in_days(1))
    engine.fire(draw, event, actor=actor, at=at, opinion=opinion, details=typed)


def refusal(draw: Draw, event: str, actor: Actor, *, days: int = 0, **typed: object) -> str:
    at = clock.now() + timedelta(days=days)
    with pytest.raises(Refused) as refused:
        engine.fire(draw, event, actor=actor, at=at, details=typed)
    return refused.value.sentence


def test_value_goes_into_the_seed_and_the_record(
    made: Meeting, draw: Draw, session: Session
) -> None:
    on_the_day(draw, "enter_value", made.office, public_value=TYPED)
    on_the_day(draw, "confirm_value", made.supervisor)
    on_the_day(draw, "open_office", made.office, secret=OFFICE_SECRET)
    on_the_day(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)

    record = draw_record.record(session, draw)

    assert (draw.state, draw.public_value, draw.source_kind) == (
        DrawState.DRAWN, VALUE, PublicSource.SSQ,
    )  # fmt: skip
    assert draw.seed == draw_rules.seed(
        draw.pool_hash, draw.office_secret, draw.supervisor_secret, VALUE
    )
    assert f.in_days(1).isoformat() in record["public_source"]
    assert "2026138 期" in record["public_source"]
    assert verify_draw.check(record)[0] == 5


def test_supervisor_cannot_choose_the_value_any_more(made: Meeting, draw: Draw) -> None:
    """The attack seen: 32 values typed last kept two chosen experts out."""
    on_the_day(draw, "enter_value", made.office, public_value=TYPED)
    on_the_day(draw, "confirm_value", made.supervisor)
    on_the_day(draw, "open_office", made.office, secret=OFFICE_SECRET)

    said = refusal(draw, "enter_value", made.office, days=1, public_value="1 2 3 4 5 6 + 7")
    on_the_day(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET, public_value="7")

    assert "state" in said
    assert draw.public_value == VALUE


def test_no_secret_opens_before_the_value_is_confirmed(made: Meeting, draw: Draw) -> None:
    told = [refusal(draw, "open_office", made.office, secret=OFFICE_SECRET)]
    told += [refusal(draw, "open_office", made.office, days=1, secret=OFFICE_SECRET)]
    on_the_day(draw, "enter_value", made.office, public_value=TYPED)
    told += [refusal(draw, "open_office", made.office, days=1, secret=OFFICE_SECRET)]

    assert f.in_days(1).isoformat() in told[0]
    assert "enters the value" in told[1]
    assert "confirms the value" in told[2]


def test_value_waits_for_the_day_of_the_source(made: Meeting, draw: Draw) -> None:
    assert f.in_days(1).isoformat() in refusal(draw, "enter_value", made.office, public_value=TYPED)
    assert "not entered" in refusal(draw, "confirm_value", made.supervisor, days=1)


def test_value_has_the_fixed_form(made: Meeting, draw: Draw) -> None:
    for typed in ("", "7", "03 08 17 22 26 34 + 12", "x" * 300):
        assert "looks like" in refusal(draw, "enter_value", made.office, days=1, public_value=typed)


def test_value_is_confirmed_by_another_person_and_stays(
    made: Meeting, draw: Draw, session: Session
) -> None:
    both = f.actor_of(f.position(Role.SUPERVISOR, committee=made.committee, user=made.clerk.user))
    on_the_day(draw, "enter_value", made.office, public_value=TYPED)
    told = session.query(Outbox).filter_by(template="draw.value_entered").all()

    own = refusal(draw, "confirm_value", both, days=1)
    on_the_day(draw, "confirm_value", made.supervisor)

    assert [one.user_id for one in told if one.user_id == made.watcher.user_id] != []
    assert "somebody else" in own
    assert "stays" in refusal(draw, "enter_value", made.office, days=1, public_value=TYPED)
    assert "stays" in refusal(draw, "return_value", made.supervisor, days=1)


def test_returned_value_is_entered_again(made: Meeting, draw: Draw) -> None:
    on_the_day(draw, "enter_value", made.office, public_value="1 2 3 4 5 6 + 7")
    on_the_day(draw, "return_value", made.supervisor, "与公告不一致，请重录")

    assert (draw.public_value, draw.value_by) == ("", None)
    on_the_day(draw, "enter_value", made.office, public_value=TYPED)
    assert draw.public_value == VALUE


def test_nobody_commits_on_the_day_of_the_source(made: Meeting) -> None:
    draw = drawing.freeze(made, **source())

    for side, actor in (("office", made.office), ("supervisor", made.supervisor)):
        said = refusal(draw, f"commit_{side}", actor, days=1, secret=OFFICE_SECRET)
        assert "had to commit before" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source_day": f.today()}, "after today"),
        ({"source_day": f.in_days(-3)}, "after today"),
        ({"source_day": f.in_days(30)}, "end of the meeting"),
        ({"source_day": None}, "day"),
        ({"source_day": "31.12."}, "day"),
        ({"source_kind": ""}, "kind"),
        ({"source_kind": "dice"}, "kinds offered"),
        ({"public_source": "长" * 81}, "80"),
    ],
)
def test_source_is_named_with_kind_and_a_later_day(
    made: Meeting, changes: dict[str, object], said: str
) -> None:
    told = refusal(Draw(plan_id=made.plan.id), "freeze", made.office, **source(**changes))

    assert said in told.lower()


def test_draw_without_a_source_has_no_value(made: Meeting) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)

    assert "No public source" in refusal(draw, "enter_value", made.office, public_value=TYPED)
    drawing.reveal(made, draw)
    assert (draw.state, draw.public_value, draw.public_source) == (DrawState.DRAWN, "", "")


def test_source_named_before_kinds_existed_needs_a_new_draw(made: Meeting) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)
    draw.public_source = "双色球 2026138 期"

    assert "without its kind" in refusal(draw, "open_office", made.office, secret=OFFICE_SECRET)
    assert "without its kind" in refusal(draw, "enter_value", made.office, public_value=TYPED)
    engine.fire(draw, "ask_void", actor=made.office, at=clock.now(), opinion=REASON)
