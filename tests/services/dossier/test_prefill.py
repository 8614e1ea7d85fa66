"""Filling in beforehand: what comes from where, never over what is typed, and back again."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.engine import Refused
from app.enums import ApplicationState, CertificateState, Level
from app.extensions import db
from app.ground import clock
from app.models import Application, Certificate, FormDefinition, Person
from app.services.dossier import dossier, filling, merging, prefill
from tests.services import dossiers
from tests.services.dossiers import owner_of
from tests.services.dossiers import rows_of as rows
from tests.support import factories


@pytest.fixture
def person(app: Flask) -> Person:
    return factories.person(unit=factories.unit(), email="zhang@example.cn")


def last_year(person: Person, **rows: list[dict[str, Any]]) -> Application:
    batch = factories.batch(review_year=factories.today().year - 1)
    old = factories.application(person=person, batch=batch)
    for key, values in rows.items():
        dossier.save_section(
            old, key, values, actor=owner_of(person), at=clock.now(), seen_revision=0
        )
    return old


def certified(person: Person, **values: Any) -> Certificate:
    batch = factories.batch(review_year=factories.today().year - 6)
    old = factories.application(
        ApplicationState.CERTIFIED, person=person, batch=batch, level=Level.MIDDLE
    )
    return factories.certificate(
        old, obtained_on=date(factories.today().year - 6, 12, 20), **values
    )


def offered(application: Application) -> dict[str, prefill.Proposal]:
    return {one.key: one for source in prefill.sources(application) for one in source.proposals}


def take(application: Application, *keys: str) -> list[Any]:
    return prefill.fill_in(application, keys, actor=owner_of(application.person), at=clock.now())


def test_own_data_fill_the_field_of_the_same_name(person: Person) -> None:
    application = factories.application(person=person)

    take(application, "person.basic")

    assert rows(application, "basic")[0]["email"] == "zhang@example.cn"


def test_a_certificate_becomes_a_row_of_titles(person: Person) -> None:
    certificate = certified(person)
    application = factories.application(person=person)

    take(application, "register.titles")

    row = rows(application, "titles")[0]
    assert row["certificate_number"] == certificate.number
    assert row["name"] == certificate.title.name
    assert row["level"] == Level.MIDDLE.value
    assert row["obtained_on"] == certificate.obtained_on.isoformat()


def test_a_row_from_the_register_is_marked_until_it_is_changed(person: Person) -> None:
    certified(person)
    application = factories.application(person=person)
    take(application, "register.titles")
    section = dossier.form_of(application).section("titles")
    assert section is not None
    texts = filling.texts_of(section, filling.section_state(application, "titles").rows)
    changed = {key: row | {"name": "另一个"} for key, row in texts.items()}

    assert prefill.from_register(application, section, texts) == set(texts)
    assert prefill.from_register(application, section, changed) == set()


def test_a_mark_of_the_register_cannot_be_invented(person: Person) -> None:
    certificate = certified(factories.person(unit=factories.unit()))
    application = factories.application(person=person)
    section = dossier.form_of(application).section("titles")
    assert section is not None
    invented = {f"cert{certificate.id}": {"certificate_number": certificate.number}}

    assert prefill.from_register(application, section, invented) == set()


def test_a_revoked_or_known_certificate_is_not_offered(person: Person) -> None:
    certified(person, state=CertificateState.REVOKED)
    application = factories.application(person=person)
    assert "register.titles" not in offered(application)

    certificate = certified(factories.person(unit=factories.unit()))
    certificate.person_id = person.id
    dossiers.fill(application, titles=[{"certificate_number": certificate.number}])

    assert "register.titles" not in offered(application)


def test_the_years_since_the_title_come_with_the_employer(person: Person) -> None:
    application = factories.application(person=person)
    this_year = application.review_year
    titles = [{"name": "工程师", "obtained_on": f"{this_year - 4}-12-20"}]
    dossier.save_section(
        application, "titles", titles, actor=owner_of(person), at=clock.now(), seen_revision=0
    )
    known = [{"year": str(this_year - 2), "unit": "别的单位"}]
    dossier.save_section(
        application, "assessments", known, actor=owner_of(person), at=clock.now(), seen_revision=0
    )

    take(application, "years.assessments")

    kept = {row["year"]: row["unit"] for row in rows(application, "assessments")}
    assert kept == {
        this_year - 3: application.unit.name,
        this_year - 2: "别的单位",
        this_year - 1: application.unit.name,
    }


def test_last_year_comes_section_by_section(person: Person) -> None:
    last_year(person, work=[{"unit": "甲厂"}], papers=[{"title": "旧论文"}])
    application = factories.application(person=person)

    take(application, "earlier.work")

    assert rows(application, "work")[0]["unit"] == "甲厂"
    assert rows(application, "papers") == []


def test_nothing_typed_is_overwritten(person: Person) -> None:
    last_year(person, basic=[{"duty": "旧职务", "native_place": "长沙"}], work=[{"unit": "甲厂"}])
    application = factories.application(person=person)
    for key, typed in (("basic", {"duty": "新职务"}), ("work", {"unit": "乙厂"})):
        dossier.save_section(
            application, key, [typed], actor=owner_of(person), at=clock.now(), seen_revision=0
        )

    take(application, "earlier.basic", "earlier.work")

    basic = rows(application, "basic")[0]
    assert (basic["duty"], basic["native_place"]) == ("新职务", "长沙")
    assert [row["unit"] for row in rows(application, "work")] == ["乙厂", "甲厂"]


def version_with(key: str, kind: str) -> int:
    """Publish a version of the form in which a field of 工作经历 is of another kind; return its number."""
    newest = db.session.scalars(
        select(FormDefinition).order_by(FormDefinition.form_version.desc())
    ).first()
    assert newest is not None
    body = deepcopy(newest.body)
    [work] = [one for one in body["sections"] if one["key"] == "work"]
    [field] = [one for one in work["fields"] if one["key"] == key]
    field["kind"] = kind
    factories.add(
        FormDefinition(form_version=90, title="另一版", body=body, published_at=clock.now())
    )
    return 90


def test_only_fields_whose_kind_still_fits_come_from_another_version(person: Person) -> None:
    old = last_year(person, work=[{"unit": "甲厂", "started": "2010-07", "duty": "总工"}])
    application = factories.application(person=person, form_version=old.form_version)
    old.form_version = version_with("duty", "area")

    row = offered(application)["earlier.work"].rows

    [texts] = row.values()
    assert texts == {"unit": "甲厂", "started": "2010-07"}


def test_a_code_that_is_not_offered_any_more_stays_away(person: Person) -> None:
    stored = dossier.stored(last_year(person, papers=[{"title": "旧论文"}]))["papers"]
    stored.rows = [stored.rows[0] | {"index": "gone"}]
    application = factories.application(person=person)

    [texts] = offered(application)["earlier.papers"].rows.values()

    assert texts == {"title": "旧论文"}


def test_a_deleted_draft_is_no_source(person: Person) -> None:
    old = last_year(person, work=[{"unit": "甲厂"}])
    old.state = ApplicationState.DISCARDED

    assert prefill.earlier(factories.application(person=person)) is None


def test_take_back_empties_only_what_still_stands_as_filled(person: Person) -> None:
    last_year(person, work=[{"unit": "甲厂", "duty": "总工"}])
    application = factories.application(person=person)
    [(proposal, saved)] = take(application, "earlier.work")
    [row] = saved.now.rows
    filling.save(
        application,
        "work",
        merging.Change(fields={row: {"unit": ("甲厂", "乙厂")}}),
        actor=owner_of(person),
        at=clock.now(),
        seen=saved.now.revision,
    )

    count = prefill.undo_fill_in(
        application, {"work": proposal.rows}, actor=owner_of(person), at=clock.now()
    )

    [kept] = rows(application, "work")
    assert (count, kept["unit"], kept["duty"]) == (1, "乙厂", None)


def test_take_says_when_nothing_is_left_to_take(person: Person) -> None:
    application = factories.application(person=person)

    with pytest.raises(Refused, match="Nothing was chosen"):
        take(application, "earlier.work", "nonsense")


def test_a_section_that_is_closed_is_not_offered(person: Person) -> None:
    last_year(person, work=[{"unit": "甲厂"}])
    application = factories.application(ApplicationState.AT_UNIT, person=person)

    assert prefill.sources(application) == []
