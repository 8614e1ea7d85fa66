"""Two clock processes fill in values at once, while an application is handed in."""

import os

import pytest
from flask import Flask
from sqlalchemy import select

from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.models import DossierValue
from app.services.dossier import dossier_filling
from tests.races.test_races import together
from tests.support import factories
from tests.support.dossier_lists import FIELD, declare, fill_in, run_clock

ROUNDS = range(10 if os.environ.get("LONG") else 2)


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_processes_fill_in_each_value_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, _round: int
) -> None:
    monkeypatch.setattr(dossier_filling, "AT_ONCE", 3)
    made = [
        fill_in(factories.application(ApplicationState.AT_UNIT), applying=[{"field": f"{number}"}])
        for number in range(10)
    ]
    ids = sorted(one.id for one in made)
    declare(FIELD)
    db.session.commit()

    def pages() -> None:
        while dossier_filling.fill_page(clock.now()):
            db.session.commit()
        db.session.rollback()

    together(app, pages, pages)
    run_clock()

    db.session.rollback()
    assert sorted(db.session.scalars(select(DossierValue.application_id))) == ids
    assert dossier_filling.progress([FIELD])[FIELD].is_done
