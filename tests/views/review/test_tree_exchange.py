"""Review trees as workbooks and as files: written, changed, read in as a dry run, stored."""

import io
import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy.orm import Session

from app import settings
from app.enums import ApplicationState, Role, RouteState
from app.models import Committee, RouteNode, TransitionLog, Unit
from app.services.review import tree_file
from tests.support import factories
from tests.support.signing import client_of


class Tree:
    def __init__(self) -> None:
        self.committee: Committee = factories.committee()
        self.city, self.county = factories.unit("甲市教育局"), factories.unit("乙县教育局")
        self.school = factories.unit("东学校")
        self.places = [
            factories.route(self.committee, self.city),
            factories.route(self.committee, self.county, self.city),
            factories.route(self.committee, self.school, self.county, levels="34"),
        ]


@pytest.fixture
def tree(app: Flask) -> Tree:
    return Tree()


@pytest.fixture
def office(app: Flask, tree: Tree) -> FlaskClient:
    return client_of(app, factories.position(Role.OFFICE, committee=tree.committee))


def exported(office: FlaskClient, tree: Tree, at: str = "") -> Workbook:
    answer = office.get(f"/g/1.6.1/tree.xlsx?committee={tree.committee.id}{at}")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.data))


def rows(book: Workbook) -> list[tuple[Any, ...]]:
    return list(book.worksheets[0].iter_rows(min_row=3, values_only=True))


def send(office: FlaskClient, tree: Tree, book: Workbook) -> Any:
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    data = {"committee_id": str(tree.committee.id), "file": (stream, "tree.xlsx")}
    return office.post("/g/1.6.1/import", data=data)


def store(office: FlaskClient, tree: Tree, page: Any) -> Any:
    kept = re.search(r'name="entries" value="([^"]*)"', page.text)
    assert kept is not None
    data = {"committee_id": str(tree.committee.id), "entries": unescape(kept[1])}
    return office.post("/g/1.6.1/import", data=data)


def change(book: Workbook, code: str, **cells: str) -> None:
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=3):
        if row[0].value == code:
            for letter, value in cells.items():
                sheet[f"{letter}{row[0].row}"] = value


def test_exported_tree_read_in_again_changes_nothing(office: FlaskClient, tree: Tree) -> None:
    book = exported(office, tree)

    page = send(office, tree, book)

    assert {row[1] for row in rows(book)} == {"甲市教育局", "乙县教育局", "东学校"}
    assert page.status_code == 200
    assert "0 places would change, 3 stay as they are, 0 rows are refused" in page.text
    assert 'class="btn go">Store' not in page.text


def test_branch_alone_is_exported(office: FlaskClient, tree: Tree) -> None:
    assert len(rows(exported(office, tree, f"&at={tree.county.id}"))) == 2


def test_tree_that_no_file_holds_is_exported_branch_by_branch(
    office: FlaskClient, tree: Tree
) -> None:
    settings.store_value("export_max_rows", "100")
    for number in range(100):
        factories.route(tree.committee, factories.unit(f"村小{number}"), tree.city)

    answer = office.get(f"/g/1.6.1/tree.xlsx?committee={tree.committee.id}")

    assert answer.status_code == 302
    assert "at most 100" in office.get(answer.location).text
    assert len(rows(exported(office, tree, f"&at={tree.county.id}"))) == 2


def test_changed_and_new_rows_are_shown_first_and_stored_on_the_press(
    office: FlaskClient, tree: Tree, session: Session
) -> None:
    new = factories.unit("西学校")
    batch = factories.batch(committee=tree.committee)
    factories.application(ApplicationState.AT_UNIT, batch=batch, unit=tree.school)
    book = exported(office, tree)
    change(book, tree.school.credit_code, C=tree.city.credit_code, E="中级")
    book.worksheets[0].append([new.credit_code, "西学校", tree.county.credit_code, "", ""])

    page = send(office, tree, book)
    before = session.query(RouteNode).filter_by(unit_id=new.id).count()
    answer = store(office, tree, page)

    assert "2 places would change, 2 stay as they are, 0 rows are refused" in page.text
    assert "1 running cases" in page.text
    assert before == 0
    assert answer.status_code == 303
    placed = session.query(RouteNode).filter_by(unit_id=new.id).one()
    assert (placed.superior_id, placed.levels, placed.state) == (
        tree.county.id,
        "12345",
        RouteState.PENDING,
    )
    moved = tree.places[2]
    assert (moved.superior_id, moved.levels, moved.state) == (tree.city.id, "3", RouteState.PENDING)
    events = session.query(TransitionLog.event).filter_by(subject_type="route_node")
    assert sorted(event for (event,) in events) == ["place", "replace"]


def test_two_places_that_change_sides_are_no_circle(
    office: FlaskClient, tree: Tree, session: Session
) -> None:
    book = exported(office, tree)
    change(book, tree.county.credit_code, C="")
    change(book, tree.city.credit_code, C=tree.county.credit_code)

    answer = store(office, tree, send(office, tree, book))

    assert answer.status_code == 303
    assert [place.superior_id for place in tree.places] == [tree.county.id, None, tree.county.id]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"C": "91430000X"}, "no unit of the register has the credit code 91430000X"),
        ({"B": "西学校"}, "the name in the file is another one"),
        ({"E": "特级"}, "特级"),
        ({"C": "closed"}, "is closed in the register"),
        ({"C": "outside"}, "has no place in the tree: 东学校 → 树外局"),
        ({"C": "own"}, "cannot be its own superior"),
        ({"A": "city"}, "stands in the file twice"),
        ({"A": ""}, "the credit code of the unit is missing"),
    ],
)
def test_wrong_rows_are_refused_by_number_and_the_others_stay_on_offer(
    office: FlaskClient, tree: Tree, wrong: dict[str, str], said: str
) -> None:
    codes = {
        "closed": factories.unit("撤销局", is_active=False).credit_code,
        "outside": factories.unit("树外局").credit_code,
        "own": tree.school.credit_code,
        "city": tree.city.credit_code,
    }
    book = exported(office, tree)
    change(book, tree.county.credit_code, E="中级")
    change(
        book, tree.school.credit_code, **{key: codes.get(one, one) for key, one in wrong.items()}
    )

    page = send(office, tree, book)

    assert page.status_code == 200
    assert re.search(rf"Row \d+: .*{said}", page.text)
    assert "1 rows are refused" in page.text
    assert "1 places would change" in page.text


def test_circle_of_a_file_is_refused_with_its_way(office: FlaskClient, tree: Tree) -> None:
    book = exported(office, tree)
    change(book, tree.city.credit_code, C=tree.school.credit_code)

    page = send(office, tree, book)

    assert "甲市教育局 → 东学校 → 乙县教育局 → 甲市教育局" in page.text
    assert "0 places would change" in page.text


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04"])
def test_what_is_no_workbook_is_refused(office: FlaskClient, tree: Tree, content: bytes) -> None:
    data = {"committee_id": str(tree.committee.id), "file": (io.BytesIO(content), "tree.xlsx")}

    assert office.post("/g/1.6.1/import", data=data).status_code == 422


def test_workbook_of_another_kind_is_refused(office: FlaskClient, tree: Tree) -> None:
    book = Workbook()
    book.worksheets[0].append(["姓名", "成绩"])

    assert send(office, tree, book).status_code == 422


@pytest.mark.parametrize(
    "entries", ["", "x", "{}", "[1]", '[["a","b"]]', '[["a","b","9"]]', "[" * 3000]
)
def test_changes_that_no_dry_run_sent_are_refused(
    office: FlaskClient, tree: Tree, entries: str
) -> None:
    data = {"committee_id": str(tree.committee.id), "entries": entries}

    assert office.post("/g/1.6.1/import", data=data).status_code == 400


def test_trees_of_other_offices_do_not_exist(app: Flask, tree: Tree) -> None:
    other = client_of(app, factories.position(Role.OFFICE, committee=factories.committee()))

    answers = [
        other.get(f"/g/1.6.1/tree.xlsx?committee={tree.committee.id}"),
        other.post(
            "/g/1.6.1/import", data={"committee_id": str(tree.committee.id), "entries": "[]"}
        ),
    ]

    assert [one.status_code for one in answers] == [404, 404]


def as_stream(body: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(body).encode())


def test_file_is_sorted_without_ids_and_reads_back_as_no_change(app: Flask, tree: Tree) -> None:
    trees = Committee.id == tree.committee.id

    written = tree_file.write(trees)
    found = tree_file.read(trees, io.BytesIO(written.encode()))

    body = json.loads(written)
    assert list(body["trees"]) == [tree.committee.code]
    places = body["trees"][tree.committee.code]
    assert list(places) == sorted(one.credit_code for one in (tree.city, tree.county, tree.school))
    assert places[tree.school.credit_code] == {"superior": tree.county.credit_code, "levels": "34"}
    assert [(plan.same, plan.changed) for plan in found.plans.values()] == [(3, [])]


def test_file_says_what_it_would_change_and_what_is_not_here(app: Flask, tree: Tree) -> None:
    new: Unit = factories.unit("西学校")
    body = json.loads(tree_file.write(Committee.id == tree.committee.id))
    places = body["trees"][tree.committee.code]
    places[new.credit_code] = {"superior": tree.city.credit_code, "levels": "3"}
    places["NOBODY"] = {"superior": "", "levels": "3"}
    body["trees"]["9999x"] = {}

    found = tree_file.read(Committee.id == tree.committee.id, as_stream(body))

    plan = found.plans[tree.committee.code]
    assert [one.unit.name for one in plan.changed] == ["西学校"]
    assert found.unknown == ["9999x"]
    assert len(found.refused) == 1
    assert "NOBODY" in found.refused[0]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"kind": "review-trees", "format": 2, "trees": {}},
        {"kind": "review-trees", "format": 1, "trees": []},
        {"kind": "review-trees", "format": 1, "trees": {"1": []}},
        {"kind": "review-trees", "format": 1, "trees": {"1": {"A": {"superior": 1}}}},
        {
            "kind": "review-trees",
            "format": 1,
            "trees": {"1": {"A": {"superior": "", "levels": "9"}}},
        },
    ],
)
def test_broken_files_are_refused_in_words(app: Flask, broken: Any) -> None:
    with pytest.raises(tree_file.Refused):
        tree_file.read(Committee.id > 0, as_stream(broken))
