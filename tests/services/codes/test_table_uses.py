"""Series, titles, specialties, regions, kinds of material: what needs them is named, and codes in use stay."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, BatchState
from app.models import MaterialKind, Region, Series, Specialty, Title
from app.services.codes import table_uses
from tests.support import factories


def why(session: Session, row: Any) -> str:
    return table_uses.retiring_refusal(session, row) or ""


def test_series_of_a_running_batch_has_to_stay(session: Session) -> None:
    batch = factories.batch()
    series = session.get_one(Series, batch.committee.series_code)

    assert f"batch “{batch.name}”" in why(session, series)
    assert f"committee “{batch.committee.name}”" in why(session, series)


def test_series_that_nothing_names_may_go(session: Session) -> None:
    free = Series(code="98", name="新系列")
    session.add(free)
    session.flush()

    assert why(session, free) == ""
    assert table_uses.code_refusal(session, free) is None


def test_title_of_an_application_under_way_has_to_stay(session: Session) -> None:
    case = factories.application(ApplicationState.AT_UNIT)

    assert f"applications in the batch “{case.batch.name}”" in why(session, case.title)
    assert f"applications in the batch “{case.batch.name}”" in why(session, case.specialty)
    case.state = ApplicationState.ENDED
    session.flush()
    assert "applications in" not in why(session, case.title)


def test_last_title_that_a_running_batch_takes_has_to_stay(session: Session) -> None:
    batch = factories.batch()
    level = batch.levels[0]
    titles = session.scalars(
        select(Title).where(
            Title.series_code == batch.committee.series_code,
            Title.level == level,
            Title.is_grassroots.is_(False),
        )
    ).all()
    for one in titles[1:]:
        one.is_active = False
    session.flush()

    assert f"batch “{batch.name}”" in why(session, titles[0])
    batch.state = BatchState.CLOSED
    session.flush()
    assert why(session, titles[0]) == ""


def test_region_with_units_has_to_stay(session: Session) -> None:
    unit = factories.unit("桃源县第一中学")

    assert "unit “桃源县第一中学”" in why(session, session.get_one(Region, unit.region_code))


def test_kind_of_material_is_named_with_section_rule_and_batch(session: Session) -> None:
    batch = factories.batch()
    batch.required_materials = ["social_insurance"]
    session.flush()

    insured = why(session, session.get_one(MaterialKind, "social_insurance"))
    exceptional = why(session, session.get_one(MaterialKind, "exceptional"))

    assert f"batch “{batch.name}”" in insured
    assert "form version 2, section “个人基本信息”" in insured
    assert "condition for applying “" in exceptional


def test_code_that_records_have_cannot_be_changed(session: Session) -> None:
    case = factories.application()
    factories.attachment(case, "paper", name="论文.pdf")
    rows = (
        case.title, case.specialty, case.series, session.get_one(Region, case.region_code),
        session.get_one(MaterialKind, "paper"),
    )  # fmt: skip

    assert all("records have it" in str(table_uses.code_refusal(session, row)) for row in rows)


def test_specialty_without_any_use_may_go(session: Session) -> None:
    free = session.scalars(select(Specialty).order_by(Specialty.code.desc())).first()
    assert free is not None

    assert why(session, free) == ""
