"""What differs between two hand-ins: rows matched sensibly, values in words, files."""

from typing import Any

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.enums import ApplicationState
from app.services.dossier import submission_diff
from app.services.dossier.submissions import Content
from app.services.form import form_definition
from app.services.form.form_parts import Field, Form, SectionDef
from tests.services import dossiers
from tests.services.dossier.test_submissions import change, hand_in, ready

PAPERS = SectionDef(
    key="papers",
    words=("论文", "Papers"),
    fields=(
        Field("title", ("题目", "Title")),
        Field("journal", ("刊物", "Journal")),
        Field("year", ("年份", "Year")),
    ),
    is_repeated=True,
    max_rows=20,
    row_title="title",
)
BASIC = SectionDef(
    key="basic", words=("基本信息", "Basic"), fields=(Field("field", ("专业", "Field")),)
)
FORM = Form(1, ("表", "Form"), (BASIC, PAPERS), 1, ("", ""), ("", ""))
VALUES = st.sampled_from(["", "甲", "乙", "丙", "丁"])
ROW = st.fixed_dictionaries({"title": VALUES, "journal": VALUES, "year": VALUES}).filter(
    lambda row: any(row.values())
)
ROWS = st.lists(ROW, max_size=6)


def content(*papers: dict[str, Any], files: Any = (), **basic: str) -> Content:
    return Content({"papers": list(papers), "basic": [basic] if basic else []}, list(files))


def between(old: Content, new: Content) -> dict[str, submission_diff.SectionChange]:
    return submission_diff.between(FORM, {}, old, new)


def paper(title: str, journal: str = "学报", year: str = "2020") -> dict[str, str]:
    return {"title": title, "journal": journal, "year": year}


def file(kind: str, digest: str) -> dict[str, Any]:
    return {"id": 1, "kind": kind, "section": "", "name": f"{digest}.pdf", "digest": digest}


@given(ROWS)
def test_equal_hand_ins_do_not_differ(rows: list[dict[str, str]]) -> None:
    assert between(content(*rows), content(*rows)) == {}


@given(ROWS)
def test_another_order_alone_is_no_change(rows: list[dict[str, str]]) -> None:
    assert between(content(*rows), content(*reversed(rows))) == {}


@given(ROWS, ROWS)
def test_changes_applied_to_the_old_rows_give_the_new_ones(
    old: list[dict[str, str]], new: list[dict[str, str]]
) -> None:
    found = between(content(*old), content(*new)).get("papers")
    pairs = submission_diff.match(PAPERS, old, new)
    made: dict[int, dict[str, str]] = {
        here: dict(old[there]) if there is not None else {}
        for there, here in pairs
        if here is not None
    }

    for row in found.rows if found else ():
        if row.new is not None:
            made[row.new] |= {one.key: one.new for one in row.fields}

    blank = dict.fromkeys(("title", "journal", "year"), "")
    assert [blank | made[place] for place in sorted(made)] == new


@given(ROWS, ROWS)
def test_every_row_is_matched_once(old: list[dict[str, str]], new: list[dict[str, str]]) -> None:
    pairs = submission_diff.match(PAPERS, old, new)

    assert sorted(there for there, _here in pairs if there is not None) == list(range(len(old)))
    assert sorted(here for _there, here in pairs if here is not None) == list(range(len(new)))


def test_changed_field_has_its_old_value_at_its_new_place() -> None:
    old, new = content(paper("甲"), paper("乙")), content(paper("丙"), paper("乙", journal="通报"))

    found = between(old, new)["papers"]

    assert found.was()["rows-1-journal"] == "学报"
    assert found.places[1] == 1


def test_row_in_front_is_added_and_the_others_stay() -> None:
    old, new = (
        content(paper("甲"), paper("乙")),
        content(paper("新", "大学学报", "2024"), paper("甲"), paper("乙")),
    )

    found = between(old, new)["papers"]

    assert [(row.old, row.new) for row in found.rows] == [(None, 0)]
    assert found.places == {0: 1, 1: 2}
    assert found.count == 1


def test_removed_row_shows_what_stood_there() -> None:
    found = between(content(paper("甲"), paper("乙", "大学学报", "1999")), content(paper("甲")))

    (row,) = found["papers"].rows
    assert row.is_removed
    assert {one.key: one.old for one in row.fields}["journal"] == "大学学报"


def test_single_section_compares_its_one_row() -> None:
    found = between(content(field="桥梁"), content(field="隧道"))

    assert found["basic"].was() == {"rows-0-field": "桥梁"}


def test_files_are_added_and_removed_by_their_content() -> None:
    old = content(files=[file("paper", "a"), file("paper", "b")])
    new = content(files=[file("paper", "b"), file("paper", "c")])

    found = between(old, new)[form_definition.MATERIALS]

    assert [one["digest"] for one in found.added] == ["c"]
    assert [one["digest"] for one in found.removed] == ["a"]


def test_renamed_file_is_no_change() -> None:
    old, new = file("paper", "a"), file("paper", "a") | {"name": "改名.pdf"}

    assert between(content(files=[old]), content(files=[new])) == {}


def test_since_handing_shows_words_not_codes(app: Flask) -> None:
    application = ready()
    hand_in(application)
    application.state, application.returned_sections = ApplicationState.RETURNED, {"": "请修改"}
    row = dossiers.ROWS["education"][0]
    change(application, "education", [row | {"study_form": "part_time"}])

    found = submission_diff.changes_since_submission(application)

    (changed,) = found["education"].rows
    (field,) = changed.fields
    assert field.key == "study_form"
    assert field.old not in ("full_time", "")
    assert field.old != field.new


def test_since_handing_is_empty_before_the_first_one(app: Flask) -> None:
    assert submission_diff.changes_since_submission(ready()) == {}


def test_of_handing_compares_the_last_two_or_with_a_chosen_one(app: Flask) -> None:
    application = ready()
    hand_in(application)
    for words in ("隧道设计", "港口设计"):
        application.state, application.returned_sections = ApplicationState.RETURNED, {"": "请修改"}
        change(application, "work", [dossiers.ROWS["work"][0] | {"work": words}])
        hand_in(application, "resubmit")

    last, first = (
        submission_diff.changes_of_submission(application),
        submission_diff.changes_of_submission(application, since=1),
    )

    assert last["work"].was() == {"rows-0-work": "隧道设计"}
    assert first["work"].was() == {"rows-0-work": dossiers.ROWS["work"][0]["work"]}
    assert submission_diff.changes_of_submission(application, since=99) == last
