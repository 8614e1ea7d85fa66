"""The list before handing in: what is missing, each with its place; rules apart from warnings."""

from typing import Any

from flask import Flask

from app.enums import ApplyMode, Sex
from app.ground import clock
from app.models import Application, EligibilityRule
from app.services.dossier import completeness, dossier
from app.services.dossier.completeness import Missing
from tests.services import dossiers
from tests.support import factories


def ready(**values: Any) -> Application:
    unit = factories.unit()
    person = factories.person(unit=unit, sex=Sex.MALE)
    application = factories.application(unit=unit, person=person, **values)
    dossiers.fill(application)
    dossiers.upload(application)
    return application


def missing(application: Application) -> list[Missing]:
    return completeness.missing(application, clock.now())


def test_every_line_leads_to_a_place_of_the_form(app: Flask) -> None:
    application = factories.application()
    form = dossier.form_of(application)

    for one in missing(application):
        section = form.section(one.section)
        assert one.anchor
        assert section is not None or one.section in (completeness.PERSON, "materials")
        if section is not None and one.anchor != "rows":
            assert one.anchor == f"rows-0-{one.field}"


def test_the_form_comes_first_and_the_rules_last(app: Flask) -> None:
    application = factories.application()

    found = missing(application)

    kinds = [one.is_rule for one in found]
    assert kinds == sorted(kinds)
    assert any(kinds)
    keys = [one.key for one in dossier.form_of(application).sections]
    places = [keys.index(one.section) for one in found if one.section in keys and not one.is_rule]
    assert places == sorted(places)


def test_a_row_is_named_by_number_and_title(app: Flask) -> None:
    application = ready()
    rows = [dossiers.ROWS["education"][0], {"school": "中南大学" * 10}]
    dossiers.fill(application, education=rows)

    label = next(one.label for one in missing(application) if one.section == "education")

    assert label.startswith("row 2 (中南大学中南大学")
    assert len(label) < 60


def test_sections_that_do_not_concern_the_application_do_not_count(app: Flask) -> None:
    normal = {one.section for one in missing(factories.application())}
    exceptional = {
        one.section for one in missing(factories.application(mode=ApplyMode.EXCEPTIONAL))
    }

    assert "exceptional" not in normal
    assert "exceptional" in exceptional


def test_material_is_named_once_though_a_rule_asks_for_it_too(app: Flask) -> None:
    application = factories.application(mode=ApplyMode.EXCEPTIONAL)

    found = [one for one in missing(application) if one.field == "exceptional"]

    assert [(one.section, one.anchor) for one in found] == [("materials", "kind-exceptional")]


def test_a_rule_about_the_person_leads_to_the_own_data(app: Flask) -> None:
    application = ready()
    application.person.banned_until = factories.in_days(9)

    [one] = missing(application)

    assert (one.section, one.is_rule) == (completeness.PERSON, True)
    assert "is barred" in str(one)


def test_warnings_are_the_soft_rules_that_are_not_met(app: Flask) -> None:
    application = ready()
    factories.add(
        EligibilityRule(
            code="books", name="著作", clause="某标准", kind="books", parameters={"count": 2}
        )
    )

    warned = completeness.warnings(application, clock.now())

    assert missing(application) == []
    assert ("books", True) in {(one.section, one.is_rule) for one in warned}
    assert all(one.anchor for one in warned)
