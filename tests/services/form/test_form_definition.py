"""The form as data: versions, what concerns whom, faults that name their place, a new field without Python."""

import io
import json
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.enums import ApplyMode, Level, UnitKind
from app.forms.base import builder
from app.ground import clock
from app.models import Application, Dictionary, DictItem, FormDefinition, Section
from app.services.dossier import completeness, dossier, dossier_export, review_form
from app.services.dossier.dossier import SectionRefused
from app.services.form import form_definition
from app.services.form.form_definition import BadDefinitionError
from tests.services import dossiers
from tests.services.dossiers import owner_of
from tests.support import factories

SHIPPED = json.loads(form_definition.SHIPPED.read_text(encoding="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def body_of(*sections: dict[str, Any]) -> dict[str, Any]:
    commitment = {"version": 1, "text": "x", "secrets": "y"}
    return {"title": "t", "sections": list(sections), "commitment": commitment}


def section_of(*fields: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"key": "s", "label": "节", "fields": list(fields)} | attributes


def field_of(key: str = "a", **attributes: Any) -> dict[str, Any]:
    return {"key": key, "label": f"栏{key}"} | attributes


def draft(session: Session, version: int, body: dict[str, Any]) -> FormDefinition:
    row = FormDefinition(form_version=version, title="草稿", body=body, published_at=None)
    session.add(row)
    session.flush()
    return row


# versions


def test_the_shipped_form_has_no_fault(app: Flask) -> None:
    assert form_definition.faults(SHIPPED) == []


def test_a_new_database_has_the_shipped_version_alone(session: Session) -> None:
    versions = session.query(FormDefinition.form_version).all()

    assert [version for (version,) in versions] == [SHIPPED["version"]]
    assert form_definition.newest_version(session) == SHIPPED["version"]
    assert form_definition.seed_form(session, at=clock.now()) is False


def test_an_older_version_stays_for_what_was_begun_with_it(session: Session) -> None:
    session.execute(delete(FormDefinition))
    form_definition.publish(draft(session, 1, body_of(section_of(field_of()))), at=clock.now())
    session.flush()
    begun = factories.application()

    added = form_definition.seed_form(session, at=clock.now())

    assert added
    assert [one.key for one in dossier.form_of(begun).sections] == ["s"]
    assert dossier.form_of(factories.application()).version == SHIPPED["version"]


def test_a_draft_is_not_used_and_is_read_anew_each_time(session: Session) -> None:
    row = draft(session, 7, body_of(section_of(field_of())))
    before = form_definition.load(session, 7)
    row.body = body_of(section_of(field_of(), field_of("b")))
    session.flush()

    after = form_definition.load(session, 7)

    assert form_definition.newest_version(session) == SHIPPED["version"]
    assert (len(before.sections[0].fields), len(after.sections[0].fields)) == (1, 2)


@pytest.mark.parametrize(
    ("attributes", "limits"),
    [
        ({"is_repeated": True, "min_rows": 30}, (30, 30)),
        ({"is_repeated": True, "min_rows": 9, "max_rows": 4}, (9, 9)),
        ({"is_repeated": True}, (0, 20)),
        ({"min_rows": 3}, (1, 1)),
        ({"min_rows": 0, "max_rows": 8}, (0, 1)),
    ],
)
def test_a_section_published_earlier_can_be_filled_in(
    session: Session, attributes: dict[str, Any], limits: tuple[int, int]
) -> None:
    draft(session, 8, body_of(section_of(field_of(), **attributes)))

    section = form_definition.load(session, 8).sections[0]

    assert (section.min_rows, section.max_rows) == limits


def test_a_published_version_is_built_once(session: Session) -> None:
    assert form_definition.load(session, 2) is form_definition.load(session, 2)


def test_form_of_an_application_follows_its_facts(session: Session) -> None:
    one, same, other = (factories.application() for _ in range(3))
    other.level = Level.SENIOR
    session.flush()

    forms = [form_definition.of_application(case) for case in (one, same, other)]

    assert forms[0] is forms[1]
    assert forms[2] is not forms[0]


def test_form_of_a_draft_is_reduced_anew_each_time(session: Session) -> None:
    row, case = draft(session, 7, body_of(section_of(field_of()))), factories.application()
    case.form_version = 7
    before = form_definition.of_application(case)
    row.body = body_of(section_of(field_of(), field_of("b")))
    session.flush()

    after = form_definition.of_application(case)

    assert (len(before.sections[0].fields), len(after.sections[0].fields)) == (1, 2)


def test_a_published_version_cannot_be_changed(session: Session) -> None:
    row = session.query(FormDefinition).one()

    row.body = body_of(section_of(field_of()))

    with pytest.raises(ValueError, match="published version"):
        session.flush()


def test_publishing_a_faulty_draft_names_every_fault(session: Session) -> None:
    fields = (field_of(kind="magic"), field_of("b", kind="choice"))
    row = draft(session, 7, body_of(section_of(*fields)))

    with pytest.raises(BadDefinitionError) as caught:
        form_definition.publish(row, at=clock.now())

    assert row.published_at is None
    assert "Section “节”: field “栏a”: unknown kind “magic”." in str(caught.value)
    assert "Section “节”: field “栏b”: a choice needs a dictionary." in str(caught.value)


def test_the_commitment_is_spoken_in_the_readers_language(session: Session) -> None:
    form = form_definition.load(session, 2)

    assert form.commitment.startswith("I declare")
    assert form.secrets.startswith("I confirm")
    basic = form.section("basic")
    assert basic is not None
    assert basic.help.startswith("Name, ID number")


def test_a_definition_without_dictionaries_offers_nothing(session: Session) -> None:
    form = form_definition.parse(9, body_of(section_of(field_of())))

    assert form_definition.offered(session, form) == {}


# what concerns an application


def keys_of(application: Application, section: str) -> set[str]:
    found = dossier.form_of(application).section(section)
    return {one.key for one in found.fields} if found else set()


def test_reasons_are_asked_of_exceptional_applications_only(app: Flask) -> None:
    assert dossier.form_of(factories.application()).section("exceptional") is None
    for mode in (ApplyMode.EXCEPTIONAL, ApplyMode.GREEN):
        application = factories.application(mode=mode)
        assert dossier.form_of(application).section("exceptional") is not None
        assert "exceptional_basis" in keys_of(application, "applying")


def test_the_kind_of_post_is_asked_in_public_institutions_only(app: Flask) -> None:
    public = factories.application(unit=factories.unit(kind=UnitKind.PUBLIC))
    firm = factories.application(unit=factories.unit(kind=UnitKind.PRIVATE_FIRM))

    assert "quota_kind" in keys_of(public, "applying")
    assert "quota_kind" not in keys_of(firm, "applying")


def test_what_rests_on_a_field_that_is_not_asked_is_gone_with_it(app: Flask) -> None:
    gone = {"mode": ["green"]}
    fields = (
        field_of("a", kind="month", shown_when=gone),
        field_of("b", kind="month"),
        field_of("c", visible_when={"a": ["2020-01"]}),
        field_of("d", required_when={"a": ["2020-01"]}),
    )
    rules = [{"kind": "order", "first": "a", "last": "b"}]
    form = form_definition.parse(9, body_of(section_of(*fields, rules=rules, row_title="a")))

    section = form_definition.for_application(form, {"mode": "normal"}).sections[0]

    assert [one.key for one in section.fields] == ["b", "d"]
    assert (section.rules, section.row_title) == ((), "")
    assert not section.field("d").is_needed({})


def test_material_of_a_section_that_is_not_asked_belongs_to_none(app: Flask) -> None:
    form = dossier.form_of(factories.application())

    assert form.section_of_material("exceptional") == form_definition.MATERIALS
    assert form.section_of_material("continuing_education") == "continuing"


# faults


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        (section_of(field_of(), field_of()), "two fields have the same key"),
        (section_of(field_of("A")), "a key has at most 40 lower-case letters"),
        (section_of(field_of("data")), "the program uses the key “data” itself"),
        (section_of(), "it has no field"),
        (section_of(field_of(label="")), "“label” is missing"),
        (section_of(field_of(color="red")), "unknown attribute “color”"),
        (section_of(field_of(is_required="yes")), "“is_required” has a value of the wrong kind"),
        (section_of(field_of(max=True)), "“max” has a value of the wrong kind"),
        (section_of(field_of(kind="magic")), "unknown kind “magic”"),
        (section_of(field_of(kind="choice")), "a choice needs a dictionary"),
        (section_of(field_of(dictionary="nation")), "only a choice has a dictionary"),
        (section_of(field_of(kind="choice", dictionary="nil")), "there is no dictionary “nil”"),
        (section_of(field_of(min=9, max=3)), "the least value 9 is above the greatest 3"),
        (section_of(field_of(max=100_000)), "the length lies between 0 and 1000"),
        (section_of(field_of(kind="tick", max=3)), "has no least and no greatest value"),
        (section_of(field_of(kind="year", min=1)), "years lie between 1900 and 2100"),
        (section_of(field_of(kind="integer", max=10**13)), "at most twelve digits"),
        (section_of(field_of(is_past=True)), "only a date can lie in the past"),
        (section_of(field_of(source="person.salary")), "nothing is known as “person.salary”"),
        (section_of(field_of(source="name"), is_repeated=True), "cannot stand in rows"),
        (section_of(field_of(), row_title="z"), "names the unknown field “z”"),
        (section_of(field_of(), max_rows=9999), "the number of rows lies between 0 and 200"),
        (
            section_of(field_of(), is_repeated=True, min_rows=5, max_rows=2),
            "at least 5 rows, but at most 2",
        ),
        (section_of(field_of(), is_repeated=True, min_rows=21), "at least 21 rows, but at most 20"),
        (section_of(field_of(), min_rows=2), "filled in once and cannot need 2 rows"),
        (section_of(field_of(), materials=["gold"]), "there is no kind of material “gold”"),
        (section_of(field_of(), shown_when={"weather": ["fine"]}), "unknown fact “weather”"),
        (section_of(field_of(), shown_when={"mode": "green"}), "needs a list of values"),
        (section_of(field_of(), shown_when={"mode": ["slow"]}), "the unknown value “slow”"),
        (section_of(field_of(shown_when={"series": ["99"]})), "the unknown value “99”"),
        (section_of(field_of(required_when={"z": ["1"]})), "names the unknown field “z”"),
        (section_of(field_of(required_when={"a": ["1"]})), "names the unknown field “a”"),
        (section_of(field_of(), field_of("b", visible_when={"a": []})), "needs a list of values"),
        (
            section_of(field_of(visible_when={"b": ["1"]}), field_of("b")),
            "“b”, which must stand before it",
        ),
        (
            section_of(field_of(kind="tick"), field_of("b", visible_when={"a": ["yes"]})),
            "the unknown value “yes” of “栏a”",
        ),
        (
            section_of(
                field_of(kind="choice", dictionary="yes_no"),
                field_of("b", required_when={"a": ["maybe"]}),
            ),
            "the unknown value “maybe” of “栏a”",
        ),
        (section_of(field_of(), rules=[{"kind": "magic"}]), "unknown rule magic"),
        (section_of(field_of(), rules=["unique"]), "unknown rule None"),
        (section_of(field_of(), rules=[{"kind": "unique"}]), "“field” is missing"),
        (
            section_of(field_of(), rules=[{"kind": "unique", "field": "c"}]),
            "it names the unknown field “c”",
        ),
        (
            section_of(field_of(), rules=[{"kind": "since_title", "field": "a"}]),
            "it cannot be about the field “栏a”",
        ),
        (
            section_of(field_of(), rules=[{"kind": "unique", "field": "a", "more": 1}]),
            "unknown attribute “more”",
        ),
        (
            section_of(
                field_of("a", kind="year"),
                rules=[{"kind": "every_year", "field": "a", "years": 0}],
            ),
            "“years” is a number from 1 to 60",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(app: Flask, section: Any, sentence: str) -> None:
    found = form_definition.faults(body_of(section))

    assert [one for one in found if one.startswith("Section “节”: ") and sentence in one], found


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "A form definition is an object"),
        ({}, "“sections” is missing"),
        (body_of(), "The form has no section"),
        (body_of(section_of(field_of()), section_of(field_of())), "two sections have the same key"),
        (body_of({"key": 1}), "Section 1: “key” has a value of the wrong kind."),
        (body_of(section_of(field_of())) | {"commitment": {"version": 1}}, "Commitment: “text”"),
        (
            body_of(
                section_of(field_of(), materials=["paper"]),
                section_of(field_of(), key="t", materials=["paper"]),
            ),
            "The kind of material “paper” belongs to two sections",
        ),
    ],
)
def test_a_fault_of_the_whole_form_is_named(app: Flask, body: Any, sentence: str) -> None:
    found = form_definition.faults(body)

    assert [one for one in found if sentence in one], found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON, data=st.data())
def test_whatever_a_definition_holds_is_answered_with_sentences(
    app: Flask, body: Any, data: st.DataObject
) -> None:
    broken = deepcopy(SHIPPED)
    part: Any = broken
    while isinstance(part, dict | list) and part:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(part[key], dict | list) or not part[key] or data.draw(st.booleans()):
            part[key] = body
            break
        part = part[key]

    for one in (body, broken):
        assert all(isinstance(sentence, str) for sentence in form_definition.faults(one))


# a field more, without Python


def test_a_new_field_needs_data_only(session: Session) -> None:
    begun = factories.application()
    dossiers.fill(begun)
    session.add(Dictionary(code="remote_post", name="艰苦边远岗位"))
    session.flush()
    session.add_all(
        DictItem(kind="remote_post", code=code, label=label, order=place)
        for place, (code, label) in enumerate((("island", "湖区"), ("mountain", "山区")))
    )
    body = deepcopy(SHIPPED)
    body["sections"][1]["fields"].append(
        field_of("remote_post", label="艰苦边远岗位", label_en="Remote post", kind="choice",
                 dictionary="remote_post", is_required=True, shown_when={"level": ["2"]})
    )  # fmt: skip
    session.flush()
    form_definition.publish(draft(session, 3, body), at=clock.now())
    session.flush()
    application = factories.application()

    gap = [one.field for one in completeness.missing_entries(application, clock.now())]
    with pytest.raises(SectionRefused):
        save(application, "desert")
    save(application, "mountain")

    form = dossier.form_of(application)
    section = form.section("basic")
    assert section is not None
    built = builder.form_of(
        section, [{"remote_post": "mountain"}], form_definition.offered(session, form)
    )
    assert "remote_post" in gap
    assert "remote_post" not in [
        one.field for one in completeness.missing_entries(application, clock.now())
    ]
    assert '<option selected value="mountain">山区</option>' in (
        built["rows"].entries[0].form["remote_post"]()
    )
    shown = dossier.display(application)
    texts = dict(zip(shown[1].columns, shown[1].rows[0], strict=True))
    assert texts["Remote post"] == "山区"
    assert "山区" in printed(application, shown)
    assert "山区" in exported(application, shown)
    assert "remote_post" not in keys_of(begun, "basic")
    assert dossier.form_of(begun).version == 2


def save(application: Application, code: str) -> Section:
    return dossier.save_section(
        application,
        "basic",
        [{"remote_post": code}],
        actor=owner_of(application.person),
        at=clock.now(),
        seen_revision=0,
    )


def printed(application: Application, shown: list[dossier.Shown]) -> str:
    content = review_form.review_form_pdf(application, shown, [], at=clock.now())
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def exported(application: Application, shown: list[dossier.Shown]) -> str:
    book = load_workbook(
        io.BytesIO(dossier_export.dossier_xlsx(application, shown, at=clock.now()))
    )
    return str([list(sheet.values) for sheet in book])


def test_a_change_of_series_asks_for_the_former_one(app: Flask) -> None:
    application = factories.application(mode=ApplyMode.TRANSFER)

    assert "earlier_series" in keys_of(application, "applying")
