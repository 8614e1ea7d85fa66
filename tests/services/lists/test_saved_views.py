"""Who may share a saved view, and with whom."""

import pytest
from flask import Flask

from app.engine import Refused
from app.enums import Role
from app.services.lists import saved_views
from tests.support import factories

NOTHING = saved_views.Content({}, [], {})


def test_only_staff_shares_and_a_judge_with_nobody(app: Flask) -> None:
    unit = factories.unit()
    ways = {
        role: saved_views.ways_to_share(factories.actor(role, unit_id=unit.id))
        for role in (Role.APPLICANT, Role.JUDGE, Role.UNIT)
    }
    without_unit = factories.actor(Role.HRSS, unit_id=None)

    assert ways == {
        Role.APPLICANT: ["own"],
        Role.JUDGE: ["own"],
        Role.UNIT: ["own", "unit"],
    }
    assert saved_views.ways_to_share(without_unit) == ["own", "role"]


def test_a_view_is_shared_with_one_side_at_a_time(app: Flask) -> None:
    actor = factories.actor_of(factories.position(Role.HRSS, unit=factories.unit()))
    view = saved_views.save(actor, "Menu", "常用", saved_views.WITH_ROLE, NOTHING)

    saved_views.share(actor, view, saved_views.WITH_UNIT)
    assert (view.shared_role, view.shared_unit_id) == (None, actor.unit_id)
    saved_views.share(actor, view, saved_views.OWN)
    assert saved_views.way_of(view) == saved_views.OWN
    with pytest.raises(Refused):
        saved_views.share(actor, view, "everybody")


def test_somebody_without_a_unit_sees_no_view_of_a_unit(app: Flask) -> None:
    clerk = factories.actor_of(factories.position(Role.UNIT, unit=factories.unit()))
    saved_views.save(clerk, "Menu", "本单位", saved_views.WITH_UNIT, NOTHING)
    other = factories.actor_of(factories.position(Role.AUDITOR, user=factories.user()))

    assert saved_views.offered(other, "Menu") == []
    assert [one.view.name for one in saved_views.offered(clerk, "Menu")] == ["本单位"]
