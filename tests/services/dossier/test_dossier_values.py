"""Values of dossiers for lists: written by submissions, filled in and taken away by the clock process."""

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.models import Application, CustomValue, DossierFill, DossierValue, Submission
from app.services.dossier import dossier_filling, dossier_values
from app.services.form import form_definition
from tests.services.dossier.test_submissions import change, hand_in, ready
from tests.support import factories
from tests.support.counting import count, statements
from tests.support.dossier_lists import (
    DURATION,
    FIELD,
    INDEX,
    PUBLISHED,
    TITLE,
    WORDS,
    declare,
    fill_in,
    run_clock,
)

PAPERS = [
    {"title": "ＢＩＭ在桥梁中的应用", "published": "2021-05", "index": "sci", "words": 6000},
    {"title": "桥梁养护", "published": "2019-11", "words": 4000},
]


def stored(session: Session, application: Application, key: str) -> list[tuple[Any, ...]]:
    query = (
        select(DossierValue.value, DossierValue.text, DossierValue.number, DossierValue.day)
        .where(DossierValue.application_id == application.id, DossierValue.key == key)
        .order_by(DossierValue.position)
    )
    return [tuple(row) for row in session.execute(query)]


def submitted(**sections: list[dict[str, Any]]) -> Application:
    return fill_in(factories.application(ApplicationState.AT_UNIT), **sections)


def test_submission_writes_what_is_declared_and_nothing_else(app: Flask, session: Session) -> None:
    application = ready()
    declare(FIELD)

    hand_in(application)

    assert stored(session, application, FIELD) == [("桥梁设计", "桥梁设计", None, None)]
    assert count(DossierValue) == 1


def test_submission_without_declared_fields_writes_nothing(app: Flask, session: Session) -> None:
    hand_in(ready())

    assert count(DossierValue) == 0


def test_resubmission_replaces_and_unsent_changes_are_not_shown(
    app: Flask, session: Session
) -> None:
    declare(FIELD)
    application = ready()
    hand_in(application)
    application.state = ApplicationState.RETURNED
    application.returned_sections = {"applying": "改"}
    change(application, "applying", [{"field": "隧道设计", "filing_unit": "work"}])
    assert [one[0] for one in stored(session, application, FIELD)] == ["桥梁设计"]

    hand_in(application, "resubmit")

    assert [one[0] for one in stored(session, application, FIELD)] == ["隧道设计"]


def test_filling_writes_every_kind_by_what_it_is_sorted(app: Flask, session: Session) -> None:
    application = submitted(papers=PAPERS, education=[{"duration": 2.5}])
    declare(TITLE, PUBLISHED, INDEX, WORDS, DURATION)

    assert run_clock() > 0

    assert [one[1] for one in stored(session, application, TITLE)] == [
        "bim在桥梁中的应用",
        "桥梁养护",
    ]
    assert [one[3] for one in stored(session, application, PUBLISHED)] == [
        date(2021, 5, 1),
        date(2019, 11, 1),
    ]
    assert stored(session, application, INDEX) == [("sci", "sci", None, None)]
    assert [one[2] for one in stored(session, application, WORDS)] == [6000, 4000]
    assert stored(session, application, DURATION) == [(2.5, None, 2.5, None)]


@pytest.mark.parametrize("value", ["2021-13", "", None, "二〇二一年", 2021])
def test_value_that_does_not_fit_its_field_is_shown_and_not_sorted(value: Any) -> None:
    form = form_definition.parse(1, json.loads(form_definition.SHIPPED.read_text("utf-8")))
    found = list(dossier_values.values_of(1, form, {"papers": [{"published": value}]}, [PUBLISHED]))

    assert [one["day"] for one in found] == ([] if value in ("", None) else [None])


def test_more_rows_than_are_kept_are_counted(app: Flask, session: Session) -> None:
    rows = [{"title": f"论文{number}"} for number in range(dossier_values.KEPT + 5)]
    application = submitted(papers=rows)
    declare(TITLE)

    run_clock()

    assert len(stored(session, application, TITLE)) == dossier_values.KEPT
    total = select(DossierValue.total).where(DossierValue.position == 0)
    assert session.scalars(total).all() == [dossier_values.KEPT + 5]


def test_who_is_changing_after_a_return_keeps_what_was_submitted(
    app: Flask, session: Session
) -> None:
    application = submitted(applying=[{"field": "改了没交"}])
    application.state = ApplicationState.RETURNED
    factories.add(
        Submission(
            application_id=application.id,
            event="submit",
            handed_in_at=clock.now(),
            sections={"applying": [{"field": "交了的"}]},
            files=[],
        )
    )
    declare(FIELD)

    run_clock()

    assert [one[0] for one in stored(session, application, FIELD)] == ["交了的"]


def test_drafts_have_no_values(app: Flask, session: Session) -> None:
    fill_in(factories.application(), applying=[{"field": "桥梁"}])
    declare(FIELD)

    run_clock()

    assert count(DossierValue) == 0


def test_filling_goes_on_where_it_stopped_and_says_how_far_it_is(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dossier_filling, "AT_ONCE", 2)
    for number in range(5):
        submitted(applying=[{"field": f"专业{number}"}])
    declare(FIELD)

    dossier_filling.fill_page(clock.now())
    db.session.commit()
    first = dossier_filling.progress([FIELD])[FIELD]
    dossier_filling.fill_page(clock.now())
    db.session.commit()

    assert (first.done, first.total, first.is_done) == (2, 5, False)
    assert dossier_filling.progress([FIELD])[FIELD].done == 4
    run_clock()
    assert dossier_filling.progress([FIELD])[FIELD].is_done
    assert count(DossierValue) == 5
    assert run_clock() == 0


def test_pages_take_the_same_statements_for_few_and_many(app: Flask, session: Session) -> None:
    declare(FIELD, TITLE)
    submitted(applying=[{"field": "桥梁"}], papers=PAPERS)
    dossier_filling.fill_page(clock.now())
    session.execute(delete(DossierFill))
    with statements() as few:
        dossier_filling.fill_page(clock.now())
    for _number in range(8):
        submitted(applying=[{"field": "桥梁"}], papers=PAPERS)
    session.execute(delete(DossierFill))
    db.session.expire_all()
    with statements() as many:
        dossier_filling.fill_page(clock.now())

    assert len(many) <= len(few) + 8  # flushes of the eight made above


def test_undeclared_values_go_in_pages_and_a_field_declared_again_is_filled_anew(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dossier_filling, "REMOVED_AT_ONCE", 2)
    for number in range(3):
        submitted(applying=[{"field": f"专业{number}"}])
    declare(FIELD, TITLE)
    run_clock()
    session.execute(delete(CustomValue).where(CustomValue.key == FIELD))
    dossier_filling.fill_page(clock.now())
    assert count(DossierValue) == 1

    declare(FIELD)
    run_clock()
    assert count(DossierValue) == 3
    session.execute(delete(CustomValue))
    run_clock()

    assert (count(DossierValue), count(DossierFill)) == (0, 0)


def test_a_field_stays_while_another_list_shows_it(app: Flask, session: Session) -> None:
    submitted(applying=[{"field": "桥梁"}])
    declare(FIELD)
    declare(FIELD, view="FirstCheckView")
    run_clock()

    session.execute(delete(CustomValue).where(CustomValue.target == "FirstCheckView"))
    run_clock()

    assert count(DossierValue) == 1


@pytest.mark.parametrize(
    "key", ["basic.email", "basic.id_number", "summary.text", "nosuch.field", "x"]
)
def test_fields_that_are_never_columns_have_no_values(app: Flask, key: str) -> None:
    submitted(basic=[{"email": "a@b.cn", "id_number": "430"}], summary=[{"text": "总结"}])
    declare(key)

    run_clock()

    assert count(DossierValue) == 0
