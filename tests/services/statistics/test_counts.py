"""Numbers of applications by state, series, year and unit."""

from flask import Flask
from sqlalchemy import select

from app.enums import ApplicationState
from app.extensions import db
from app.models import Application
from app.services.statistics import counts
from tests.support import factories


def test_totals_count_the_selected_rows_by_state_series_and_year(app: Flask) -> None:
    teachers = factories.batch()
    engineers = factories.batch(committee=factories.committee(series_code="09"), review_year=2025)
    factories.application(ApplicationState.CERTIFIED, batch=teachers)
    factories.application(ApplicationState.AT_UNIT, batch=teachers)
    factories.application(ApplicationState.AT_UNIT, batch=engineers)
    factories.application(ApplicationState.DRAFT, batch=engineers)
    rows = select(Application).where(Application.state != ApplicationState.DRAFT)

    found = counts.totals(db.session(), rows)

    assert found.total == 3
    assert [(one.key, one.count) for one in found.states] == [
        (ApplicationState.AT_UNIT, 2),
        (ApplicationState.CERTIFIED, 1),
    ]
    assert [(one.key, one.count) for one in found.series] == [
        (teachers.committee.series_code, 2),
        ("09", 1),
    ]
    assert [(one.key, one.count) for one in found.years] == [(2025, 1), (teachers.review_year, 2)]


def test_units_with_the_most_come_first_and_in_pages(app: Flask) -> None:
    small, large, middle = (factories.unit(name) for name in ("启明小学", "桃溪中学", "博雅中学"))
    batch = factories.batch()
    for unit, count in ((small, 1), (large, 3), (middle, 2)):
        for _number in range(count):
            factories.application(ApplicationState.AT_UNIT, unit=unit, batch=batch)
    rows = select(Application)

    first = counts.by_unit(db.session(), rows, limit=2)
    rest = counts.by_unit(db.session(), rows, limit=2, offset=2)

    assert [(one.key, one.name, one.count) for one in first] == [
        (large.id, "桃溪中学", 3),
        (middle.id, "博雅中学", 2),
    ]
    assert [(one.key, one.count) for one in rest] == [(small.id, 1)]


def test_nothing_is_counted_where_nothing_is_selected(app: Flask) -> None:
    rows = select(Application)

    assert counts.totals(db.session(), rows) == counts.Totals(0, [], [], [])
    assert counts.by_unit(db.session(), rows, limit=5) == []
