"""Saving sections: incomplete is fine, malformed is refused, closed is closed, a change elsewhere wins."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Section
from app.services.dossier import dossier, new_application
from app.services.dossier.dossier import SectionRefused
from app.services.form import form_definition
from tests.services.dossiers import owner_of
from tests.support import factories


def save(application: Application, key: str, rows: list[dict[str, Any]], seen: int = 0) -> Section:
    actor = owner_of(application.person)
    return dossier.save_section(
        application, key, rows, actor=actor, at=clock.now(), seen_revision=seen
    )


def test_save_section_stores_what_is_incomplete(app: Flask) -> None:
    application = factories.application()

    saved = save(application, "education", [{"school": "湖南大学"}])

    assert saved.revision == 1
    assert saved.rows[0]["school"] == "湖南大学"
    assert saved.rows[0]["level"] is None


def test_save_section_normalises_what_was_pasted(app: Flask) -> None:
    application = factories.application()

    saved = save(
        application, "papers", [{"title": "　论文Ａ１  ", "published": "2024/05", "rank": "１"}]
    )

    row = saved.rows[0]
    assert (row["title"], row["published"], row["rank"]) == ("论文A1", "2024-05", 1)


def test_save_section_keeps_rare_characters_and_emoji(app: Flask) -> None:
    application = factories.application()

    saved = save(application, "work", [{"unit": "\U00020000\U0001f600厂"}])

    assert saved.rows[0]["unit"] == "\U00020000\U0001f600厂"


def test_save_section_drops_empty_rows(app: Flask) -> None:
    saved = save(factories.application(), "papers", [{}, {"title": "甲"}, {"title": "  "}])

    assert [row["title"] for row in saved.rows] == ["甲"]


@pytest.mark.parametrize(
    ("section", "field", "typed"),
    [
        ("papers", "title", "<script>alert(1)</script>"),
        ("papers", "title", "甲\u200b乙"),
        ("papers", "title", "甲\x00"),
        ("papers", "title", "长" * 201),
        ("papers", "published", "2024-13"),
        ("papers", "published", "去年"),
        ("papers", "rank", "0"),
        ("papers", "rank", "1.5"),
        ("papers", "rank", "9" * 30),
        ("papers", "index", "nature"),
        ("titles", "obtained_on", "2023-02-29"),
        ("basic", "email", "nobody"),
        ("achievements", "outcome", "长" * 1001),
    ],
)
def test_save_section_refuses_what_cannot_be_read(
    app: Flask, section: str, field: str, typed: str
) -> None:
    application = factories.application()

    with pytest.raises(SectionRefused) as caught:
        save(application, section, [{field: typed}])

    assert list(caught.value.faults) == [(0, field)]
    assert section not in dossier.stored(application)


def test_save_section_names_the_row_of_each_fault(app: Flask) -> None:
    with pytest.raises(SectionRefused) as caught:
        save(factories.application(), "papers", [{"title": "甲"}, {"rank": "x", "words": "y"}])

    assert sorted(caught.value.faults) == [(1, "rank"), (1, "words")]


def test_save_section_refuses_what_was_changed_elsewhere(app: Flask) -> None:
    application = factories.application()
    save(application, "work", [{"unit": "甲"}])

    with pytest.raises(Refused, match="changed elsewhere at"):
        save(application, "work", [{"unit": "乙"}], seen=0)

    assert dossier.stored(application)["work"].rows[0]["unit"] == "甲"


def test_save_section_counts_its_revisions(app: Flask) -> None:
    application = factories.application()
    save(application, "work", [{"unit": "甲"}])

    saved = save(application, "work", [{"unit": "乙"}], seen=1)

    assert (saved.revision, saved.rows[0]["unit"]) == (2, "乙")


def test_save_section_takes_the_commitment_back(app: Flask) -> None:
    application = factories.application()

    save(application, "work", [{"unit": "甲"}])

    assert (application.committed_at, application.is_secret_free) == (None, False)


def test_save_section_loses_against_a_change_at_the_same_moment(session: Session) -> None:
    application = factories.application()
    session.execute(
        Application.__table__.update()
        .where(Application.id == application.id)
        .values(version=application.version + 1)
    )

    with pytest.raises(Refused, match="at the same moment"):
        save(application, "work", [{"unit": "甲"}])


def test_save_section_takes_an_email_address(app: Flask) -> None:
    saved = save(factories.application(), "basic", [{"email": "zhang@example.cn"}])

    assert saved.rows[0]["email"] == "zhang@example.cn"


def test_save_section_refuses_too_many_rows(app: Flask) -> None:
    with pytest.raises(Refused, match="at most 10"):
        save(factories.application(), "titles", [{"name": str(n)} for n in range(11)])


def test_save_section_refuses_an_unknown_section(app: Flask) -> None:
    with pytest.raises(Refused, match="no such section"):
        save(factories.application(), "nonsense", [])


def test_save_section_refuses_somebody_else(app: Flask) -> None:
    with pytest.raises(Refused, match="Only the applicant"):
        dossier.save_section(
            factories.application(),
            "work",
            [],
            actor=Actor(role=Role.UNIT, person_id=999_999),
            at=clock.now(),
            seen_revision=0,
        )


@pytest.mark.parametrize("state", sorted(set(ApplicationState) - dossier.EDITABLE_STATES))
def test_nothing_can_be_changed_in_other_states(app: Flask, state: ApplicationState) -> None:
    superiors = (factories.unit(),)
    application = factories.application(state, superiors=superiors)

    with pytest.raises(Refused, match="cannot be changed now"):
        save(application, "work", [{"unit": "甲"}])


def test_everything_is_open_after_a_return_that_names_no_section(app: Flask) -> None:
    application = factories.application(ApplicationState.RETURNED, returned_sections={"": "请核对"})

    assert dossier.why_closed(application, "work") is None


def test_only_named_sections_are_open_after_a_return(app: Flask) -> None:
    application = factories.application(
        ApplicationState.RETURNED, returned_sections={"work": "请核对", "": "请核对"}
    )

    assert dossier.why_closed(application, "work") is None
    assert dossier.why_closed(application, "papers") == (
        "Only what was asked for can be changed now: Work."
    )


def test_only_named_sections_are_open_for_a_supplement(app: Flask) -> None:
    application = factories.application(
        ApplicationState.IN_CORRECTION, returned_sections={"papers": "缺正文"}
    )

    assert dossier.why_closed(application, "papers") is None
    assert "Papers" in str(dossier.why_closed(application, "work"))


def test_a_supplement_without_a_section_opens_the_material(app: Flask) -> None:
    application = factories.application(ApplicationState.IN_CORRECTION, returned_sections={})

    assert dossier.why_closed(application, form_definition.MATERIALS) is None
    assert "Other material" in str(dossier.why_closed(application, "work"))


# taking over


def test_take_over_fills_only_what_is_empty(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    last_year = factories.batch(review_year=factories.today().year - 1)
    old = factories.application(person=person, batch=last_year)
    save(old, "work", [{"unit": "去年的单位"}])
    save(old, "papers", [{"title": "去年的论文"}])
    new = factories.application(person=person)
    save(new, "work", [{"unit": "今年的单位"}])

    copied = new_application.copy_earlier_sections(new, actor=owner_of(person), at=clock.now())

    stored = dossier.stored(new)
    assert copied == 1
    assert stored["work"].rows[0]["unit"] == "今年的单位"
    assert stored["papers"].rows[0]["title"] == "去年的论文"


def test_take_over_is_refused_once_handed_in(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    last_year = factories.batch(review_year=factories.today().year - 1)
    factories.application(person=person, batch=last_year)
    new = factories.application(ApplicationState.AT_UNIT, person=person)

    with pytest.raises(Refused, match="cannot be changed now"):
        new_application.copy_earlier_sections(new, actor=owner_of(person), at=clock.now())


def test_take_over_says_when_there_is_nothing(app: Flask) -> None:
    application = factories.application()

    with pytest.raises(Refused, match="no earlier application"):
        new_application.copy_earlier_sections(
            application, actor=owner_of(application.person), at=clock.now()
        )
