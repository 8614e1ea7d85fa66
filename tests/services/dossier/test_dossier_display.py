"""The dossier in words, as staff, print and Excel read it."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, ApplyMode
from app.ground import clock
from app.models import DictItem, Section
from app.services.dossier import dossier
from app.validators import mask_id
from tests.services import dossiers
from tests.support import factories
from tests.support.counting import statements


def texts_of(shown: dossier.Shown) -> dict[str, str]:
    return dict(zip(shown.columns, shown.rows[0], strict=True))


def test_display_masks_the_id_number_and_the_telephone(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application)

    shown = {one.key: one for one in dossier.display(application)}

    texts = texts_of(shown["basic"])
    assert texts["ID number"] == mask_id(application.person.id_number)
    assert application.person.phone not in texts.values()
    assert texts["Ethnic group"] == "汉族"


def test_display_names_what_was_applied_for(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application)

    texts = texts_of(dossier.display(application)[0])

    assert texts["Title applied for"] == application.title.name
    assert texts["Unit"] == application.unit.name
    assert texts["Way of applying"] == str(application.mode.label)
    assert texts["Present field of work"] == "桥梁设计"


def test_display_shows_rows_and_their_files(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application)
    factories.attachment(application, "education", name="毕业证.pdf")

    shown = {one.key: one for one in dossier.display(application)}

    assert [one.name for one in shown["education"].attachments] == ["毕业证.pdf"]
    assert shown["education"].kind == "table"
    assert "湖南大学" in shown["education"].rows[0]


def test_display_keeps_the_name_of_a_choice_that_was_switched_off(session: Session) -> None:
    application = factories.application()
    dossiers.fill(application)
    chosen = session.scalars(
        select(DictItem).where(DictItem.kind == "education", DictItem.code == "21")
    ).one()
    chosen.is_active = False

    shown = {one.key: one for one in dossier.display(application)}

    assert chosen.label in shown["education"].rows[0]


def test_display_shows_other_material_last(app: Flask) -> None:
    application = factories.application()
    attachment = factories.attachment(application, "notice_proof")

    shown = dossier.display(application)

    assert (shown[-1].key, shown[-1].attachments) == ("materials", [attachment])


def test_display_shows_the_sections_in_the_order_of_the_guide(app: Flask) -> None:
    shown = dossier.display(factories.application())

    assert [one.key for one in shown] == [
        "applying",
        "basic",
        "titles",
        "education",
        "work",
        "training",
        "continuing",
        "achievements",
        "projects",
        "papers",
        "books",
        "patents",
        "awards",
        "summary",
        "conduct",
        "assessments",
    ]


def test_display_shows_the_reasons_of_an_exceptional_application(app: Flask) -> None:
    shown = dossier.display(factories.application(mode=ApplyMode.EXCEPTIONAL))

    assert shown[-1].key == "exceptional"


def test_display_leaves_out_what_a_row_does_not_ask(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application)

    shown = {one.key: one for one in dossier.display(application)}

    assert texts_of(shown["conduct"])["Any penalty"] == "否"
    assert "Kind of penalty" not in shown["conduct"].columns


def test_display_asks_the_database_as_often_for_many_rows_as_for_few(app: Flask) -> None:
    few, many = (
        factories.application(ApplicationState.AT_UNIT),
        factories.application(ApplicationState.AT_UNIT),
    )
    for application, count in ((few, 1), (many, 200)):
        rows = [{"name": f"业绩{number}", "level": "county"} for number in range(count)]
        section = Section(
            application_id=application.id, key="achievements", rows=rows, saved_at=clock.now()
        )
        factories.add(section)
    dossier.display(few)
    dossier.display(many)

    with statements() as for_few:
        dossier.display(few)
    with statements() as for_many:
        dossier.display(many)

    assert len(for_many) == len(for_few)
