"""Results of acts on all rows that match: kept for a while, seen by whoever acted."""

from datetime import timedelta

from flask import Flask

from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.models import BulkAct, BulkSkip
from app.services.lists import bulk_acts
from tests.support import factories
from tests.support.counting import count


def test_an_old_result_goes_when_the_next_act_begins(app: Flask) -> None:
    actor = factories.actor_of(factories.position(Role.UNIT, unit=factories.unit()))
    now = clock.now()
    old = bulk_acts.begin(actor, "Menu", "上报", 3, at=now - bulk_acts.KEPT - timedelta(days=1))
    bulk_acts.skip(old, 1, "王建国", "已办理")
    db.session.commit()

    new = bulk_acts.begin(actor, "Menu", "上报", 2, at=now)
    bulk_acts.skip(new, 2, "李" * 300, "长" * 900)
    db.session.commit()

    assert bulk_acts.find(actor, "Menu", new.id) is new
    assert bulk_acts.find(actor, "Other", new.id) is None
    assert bulk_acts.skipped_count(new) == count(BulkSkip) == count(BulkAct) == 1
    kept = bulk_acts.skipped(new)[0]
    assert (len(kept.label), len(kept.reason)) == (200, 500)
