"""Whole lives of applications through HTTP, from the batch to the certificate (guide 1.1 to 1.7)."""

from tests.journeys import one_level, online_meeting, stage, three_levels
from tests.journeys.stage import World


def test_offline_one_level(world: World) -> None:
    one_level.play(world)

    assert stage.states() == one_level.END


def test_offline_three_levels_with_a_return_and_an_objection(world: World) -> None:
    three_levels.play(world)

    assert stage.states() == three_levels.END


def test_online_meeting_from_plan_to_result_sheet(world: World) -> None:
    online_meeting.play(world)

    assert stage.states() == online_meeting.END
