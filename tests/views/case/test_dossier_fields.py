"""Fields of the dossier in lists of cases: shown, sorted, searched, exported, and seen by nobody else."""

import io
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, AuditLog, DictItem, FormDefinition, Unit
from app.services.customising import loading
from app.services.customising.dossier_area import listed
from app.services.form import form_definition, form_drafts, form_versions
from app.views.base import list_rows
from app.views.case import dossier_fields
from tests.support import factories
from tests.support.counting import statements_of
from tests.support.dossier_lists import (
    DURATION,
    FIELD,
    INDEX,
    PUBLISHED,
    QUERY,
    TITLE,
    WORDS,
    declare,
    fill_in,
    run_clock,
)
from tests.support.signing import client_of

LIST = "/g/1.1.4/"


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("麓山中学")


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.UNIT, unit=unit))


def case(unit: Unit, name: str, **sections: list[dict[str, Any]]) -> Application:
    made = factories.application(ApplicationState.AT_UNIT, unit=unit, name=name)
    return fill_in(made, **sections)


def names(client: FlaskClient, query: str = "") -> list[str]:
    """Return the names in the list, in its order."""
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r'<td[^>]*data-label="Name"[^>]*>\s*(?:<[^>]+>\s*)*([^<\s]+)', answer.text)


@pytest.fixture
def cases(unit: Unit) -> list[Application]:
    return [
        case(
            unit,
            "甲",
            papers=[
                {"title": "Bridges", "published": "2021-05", "index": "sci", "words": 6000},
                {"title": "隧道通风", "published": "2015-01", "words": 300},
            ],
            applying=[{"field": "桥梁"}],
        ),
        case(
            unit, "乙", papers=[{"title": "ＢＩＭ应用100%", "published": "2019-11", "words": 4000}]
        ),
        case(unit, "丙"),
        case(unit, "丁", papers=[{"title": "apple", "published": "2020-01", "words": 5000}]),
    ]


def filled(*keys: str, **kwargs: Any) -> None:
    declare(*keys, **kwargs)
    run_clock()


def test_column_is_shown_as_the_page_of_the_case_shows_it(
    clerk: FlaskClient, cases: list[Application], session: Session
) -> None:
    filled(TITLE, INDEX, WORDS)

    page = clerk.get(LIST).text

    label = session.query(DictItem).filter_by(kind="paper_level", code="sci").first()
    assert "Papers · Title" in page or "论文 · 论文题目" in page
    assert "Bridges; 隧道通风" in page
    assert label is None or label.label in page


def test_column_for_choice_is_offered_and_shown_only_when_chosen(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    filled(FIELD, value=listed(label="现从事"))

    assert 'value="d.applying.field"' in clerk.get(LIST).text
    assert 'data-label="现从事"' not in clerk.get(LIST).text
    assert 'data-label="现从事"' in clerk.get(f"{LIST}?cols=name,d.applying.field").text


@pytest.mark.parametrize("few", [1000, 1])
@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("sort=d.papers.title&dir=asc", "丁乙甲丙"),
        ("sort=d.papers.title&dir=desc", "甲乙丁丙"),
        ("sort=d.papers.words&dir=asc", "乙丁甲丙"),
        ("sort=d.papers.published&dir=desc", "甲丁乙丙"),
    ],
)
def test_list_is_sorted_by_a_field_and_cases_without_it_come_last(
    clerk: FlaskClient,
    cases: list[Application],
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    order: str,
    few: int,
) -> None:
    monkeypatch.setattr(list_rows, "FEW", few)
    filled(TITLE, WORDS, PUBLISHED)

    assert "".join(names(clerk, query)) == order
    pages = [names(clerk, f"{query}&size=1&page={page}")[0] for page in range(1, 5)]
    assert "".join(pages) == order


def test_cases_not_filled_in_yet_stay_in_the_sorted_list(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    declare(TITLE)

    assert sorted(names(clerk, "sort=d.papers.title")) == sorted("甲乙丙丁")


def test_next_case_follows_in_the_sorted_order(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    filled(TITLE)
    back = quote(f"{LIST}?sort=d.papers.title&dir=asc")

    page = clerk.get(f"{LIST}{cases[0].id}?back={back}").text

    found = {
        way: int(key) for key, way in re.findall(rf'href="{LIST}(\d+)[^>]*rel="(prev|next)"', page)
    }
    assert found == {"prev": cases[1].id, "next": cases[2].id}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q.d.papers.title=bridge", "甲"),
        ("q.d.papers.title=通风", "甲"),
        ("q.d.papers.title=bim", "乙"),
        ("q.d.papers.title=ＢＩＭ", "乙"),
        ("q.d.papers.title=100%25", "乙"),
        ("q.d.papers.title=%25", "乙"),
        ("q.d.papers.title=_", ""),
        ("q.d.papers.index=sci", "甲"),
        ("q.d.papers.index=nosuch", ""),
        ("q.d.papers.words.from=4000&q.d.papers.words.to=5000", "乙丁"),
        ("q.d.papers.words=300", "甲"),
        ("q.d.papers.published.from=2020-01-01", "甲丁"),
        ("q.d.papers.published.from=2019-11&q.d.papers.published.to=2020-01", "乙丁"),
        ("q.d.papers.title=bim&q.d.papers.words.from=5000", ""),
    ],
)
def test_cases_are_found_by_a_field_whatever_its_kind(
    clerk: FlaskClient, cases: list[Application], query: str, found: str
) -> None:
    filled(TITLE, INDEX, WORDS, PUBLISHED)

    assert sorted(names(clerk, query)) == sorted(found)


@pytest.mark.parametrize(
    "query",
    [
        "q.d.papers.words.from=viel",
        "q.d.papers.words.from=5&q.d.papers.words.to=4",
        "q.d.papers.published.from=2021-02-30",
        "q.d.papers.words.from=1e400",
        "q.d.papers.words.from=NaN",
    ],
)
def test_what_cannot_be_read_is_said_beside_the_list(
    clerk: FlaskClient, cases: list[Application], query: str
) -> None:
    filled(WORDS, PUBLISHED)

    answer = clerk.get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_rows_of_another_unit_are_neither_found_nor_counted(
    app: Flask, clerk: FlaskClient, cases: list[Application]
) -> None:
    other = factories.unit()
    case(other, "外", papers=[{"title": "bridge secrets"}])
    filled(TITLE)

    assert names(clerk, "q.d.papers.title=secrets") == []
    assert names(clerk, "q.d.papers.title=bridge") == ["甲"]
    assert "外" not in names(clerk, "sort=d.papers.title")
    assert names(
        client_of(app, factories.position(Role.UNIT, unit=other)), "sort=d.papers.title"
    ) == ["外"]


@pytest.mark.parametrize("query", ["sort=d.papers.title", "q.d.papers.title=a"])
@pytest.mark.parametrize("address", [LIST, "/g/1.1.2/"])
def test_a_field_that_is_no_column_of_a_list_is_unknown_there(
    clerk: FlaskClient, cases: list[Application], query: str, address: str
) -> None:
    filled(TITLE, view="FirstCheckView")

    assert clerk.get(f"{address}?{query}").status_code == 400


@pytest.mark.parametrize("role", Role)
def test_only_who_reads_dossiers_has_the_column(app: Flask, role: Role) -> None:
    declare(TITLE)
    with app.test_request_context():
        loading.load(role)
        found = dossier_fields.further(QUERY)

    readers = {Role.UNIT, Role.SUPERIOR, Role.HRSS, Role.OFFICE}
    assert bool(found.columns or found.fields or found.stored) == (role in readers)


def test_export_holds_the_column_and_is_recorded(
    clerk: FlaskClient, cases: list[Application], session: Session
) -> None:
    filled(TITLE, WORDS)

    answer = clerk.get(
        f"{LIST}export.xlsx?sort=d.papers.title&cols=name,d.papers.title,d.applying.field"
    )

    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    texts = [row for row in rows if row[0] in set("甲乙丙丁")]
    assert [row[0] for row in texts] == list("丁乙甲丙")
    assert texts[2][1] == "Bridges\n隧道通风"
    audited = session.query(AuditLog).filter_by(kind="dossier_export").one()
    assert audited.details["fields"] == ["d.papers.title"]


def test_statements_do_not_grow_with_the_rows_and_lists_without_columns_have_none_more(
    clerk: FlaskClient, unit: Unit, cases: list[Application]
) -> None:
    clerk.get(LIST)
    plain = statements_of(clerk, LIST)
    filled(TITLE, view="FirstCheckView")
    clerk.get(LIST)
    assert statements_of(clerk, LIST) == plain

    filled(TITLE, WORDS, DURATION)
    clerk.get(LIST)
    few = statements_of(clerk, LIST)
    for number in range(8):
        case(unit, f"新{number}", papers=[{"title": f"论文{number}"}])
    run_clock()
    clerk.get(LIST)

    assert statements_of(clerk, LIST) == few
    assert few == plain + 1


def test_column_that_is_only_offered_costs_nothing(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    clerk.get(LIST)
    plain = statements_of(clerk, LIST)
    declare(TITLE, WORDS, value=listed())
    clerk.get(LIST)

    assert statements_of(clerk, LIST) == plain


def test_published_form_and_one_taken_back_hold_at_the_next_request(
    clerk: FlaskClient, cases: list[Application], session: Session
) -> None:
    filled(WORDS)
    actor = factories.actor(Role.SYSADMIN, user=factories.user())
    before = clerk.get(LIST).text
    draft = form_drafts.begin(actor=actor)
    body = json.loads(json.dumps(draft.body).replace('"label_en": "Words"', '"label_en": "Length"'))
    session.execute(update(FormDefinition).where(FormDefinition.id == draft.id).values(body=body))
    session.refresh(draft)
    form_definition.publish(draft, at=clock.now())
    session.commit()

    published = clerk.get(LIST).text
    form_versions.take_back(draft, actor=actor, at=clock.now())
    session.commit()

    assert ["· Length" in one for one in (before, published, clerk.get(LIST).text)] == [False, True, False]  # fmt: skip


def test_label_of_a_code_holds_at_the_next_request(
    clerk: FlaskClient, cases: list[Application], session: Session
) -> None:
    filled(INDEX)
    before = clerk.get(LIST).text
    item = session.query(DictItem).filter_by(kind="paper_level", code="sci").one()
    item.label, was = "科学引文索引", item.label
    session.commit()

    after = clerk.get(LIST).text

    assert was in before
    assert "科学引文索引" not in before
    assert "科学引文索引" in after


def test_bookmark_of_a_column_that_is_gone_still_opens(
    clerk: FlaskClient, cases: list[Application]
) -> None:
    answer = clerk.get(f"{LIST}?cols=name,d.papers.title")

    assert answer.status_code == 200
    assert "d.papers.title" in answer.text
    db.session.rollback()
