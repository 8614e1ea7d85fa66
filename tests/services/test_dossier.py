"""Saving sections: incomplete is fine, malformed is refused, closed is closed, a change elsewhere wins."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.enums import Role, S
from app.models import Application, DictItem, FormDefinition, Section
from app.services import applying, dossier, formdef, materials
from app.services.dossier import SectionRefused
from app.validators import mask_id
from app.workflow.engine import Refused
from tests import factories
from tests.services import dossiers
from tests.services.dossiers import owner_of, pdf, picture


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


@pytest.mark.parametrize("state", sorted(set(S) - dossier.OPEN))
def test_nothing_can_be_changed_in_other_states(app: Flask, state: S) -> None:
    superiors = (factories.unit(),)
    application = factories.application(state, superiors=superiors)

    with pytest.raises(Refused, match="cannot be changed now"):
        save(application, "work", [{"unit": "甲"}])


def test_everything_is_open_after_a_return_that_names_no_section(app: Flask) -> None:
    application = factories.application(S.RETURNED, returned_sections={"": "请核对"})

    assert dossier.why_closed(application, "work") is None


def test_only_named_sections_are_open_after_a_return(app: Flask) -> None:
    application = factories.application(
        S.RETURNED, returned_sections={"work": "请核对", "": "请核对"}
    )

    assert dossier.why_closed(application, "work") is None
    assert dossier.why_closed(application, "papers") == (
        "Only what was asked for can be changed now: Work."
    )


def test_only_named_sections_are_open_for_a_supplement(app: Flask) -> None:
    application = factories.application(S.IN_CORRECTION, returned_sections={"papers": "缺正文"})

    assert dossier.why_closed(application, "papers") is None
    assert "Papers" in str(dossier.why_closed(application, "work"))


def test_a_supplement_without_a_section_opens_the_material(app: Flask) -> None:
    application = factories.application(S.IN_CORRECTION, returned_sections={})

    assert dossier.why_closed(application, formdef.MATERIALS) is None
    assert "Other material" in str(dossier.why_closed(application, "work"))


def test_display_masks_the_id_number_and_the_telephone(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application)

    shown = dossier.display(application)

    basic = shown[0]
    texts = dict(zip(basic.columns, basic.rows[0], strict=True))
    assert texts["ID number"] == mask_id(application.person.id_number)
    assert application.person.phone not in texts.values()
    assert texts["Ethnic group"] == "汉族"


def test_display_shows_rows_and_their_files(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application)
    actor = owner_of(application.person)
    materials.add(
        application, "education", [(BytesIO(pdf()), "毕业证.pdf")], actor=actor, at=clock.now()
    )

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


def test_display_shows_an_application_nobody_filled_in(app: Flask) -> None:
    shown = dossier.display(factories.application())

    assert [one.key for one in shown] == [
        "basic",
        "titles",
        "education",
        "work",
        "achievements",
        "papers",
        "assessments",
    ]


# material


def test_add_keeps_the_files_in_their_section(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)

    added = materials.add(
        application, "paper", [(BytesIO(pdf()), "论文.pdf")], actor=actor, at=clock.now()
    )

    assert [(one.kind, one.section, one.name) for one in added] == [("paper", "papers", "论文.pdf")]


def test_add_refuses_more_files_than_the_kind_takes(app: Flask) -> None:
    application = factories.application()
    sent = [(BytesIO(picture()), f"{n}.png") for n in range(2)]

    with pytest.raises(Refused, match="takes 1 files at most"):
        materials.add(
            application, "photo", sent, actor=owner_of(application.person), at=clock.now()
        )


def test_add_refuses_a_photo_that_is_no_picture(app: Flask) -> None:
    application = factories.application()

    with pytest.raises(Refused, match="is no JPG, PNG file"):
        materials.add(
            application,
            "photo",
            [(BytesIO(pdf()), "照片.pdf")],
            actor=owner_of(application.person),
            at=clock.now(),
        )


def test_add_refuses_a_kind_of_the_unit(app: Flask) -> None:
    application = factories.application()

    with pytest.raises(Refused, match="not asked for here"):
        materials.add(
            application,
            "notice_proof",
            [(BytesIO(pdf()), "a.pdf")],
            actor=owner_of(application.person),
            at=clock.now(),
        )


def test_add_refuses_nothing(app: Flask) -> None:
    application = factories.application()

    with pytest.raises(Refused, match="Choose a file"):
        materials.add(application, "paper", [], actor=owner_of(application.person), at=clock.now())


def test_the_commitment_is_spoken_in_the_readers_language(session: Session) -> None:
    form = formdef.load(session, 1)

    assert form.commitment.startswith("I declare")
    assert form.secrets.startswith("I confirm")
    assert form.section("basic").help.startswith("Name, ID number")  # type: ignore[union-attr]


def test_add_refuses_somebody_else(app: Flask) -> None:
    with pytest.raises(Refused, match="Only the applicant"):
        materials.add(
            factories.application(), "paper", [], actor=Actor(role=Role.UNIT), at=clock.now()
        )


def test_add_refuses_when_the_material_is_frozen(app: Flask) -> None:
    application = factories.application(S.IN_NOTICE)

    with pytest.raises(Refused, match="cannot be changed now"):
        materials.add(
            application,
            "paper",
            [(BytesIO(pdf()), "a.pdf")],
            actor=owner_of(application.person),
            at=clock.now(),
        )


def test_remove_takes_a_file_out(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    added = materials.add(
        application, "paper", [(BytesIO(pdf()), "a.pdf")], actor=actor, at=clock.now()
    )

    materials.remove(application, added[0].id, actor=actor, at=clock.now())

    asked = {
        one.kind.code: one for one in materials.asked(application, dossier.form_of(application))
    }
    assert asked["paper"].attachments == []


def test_remove_refuses_a_file_of_another_application(app: Flask) -> None:
    application, other = factories.application(), factories.application()
    attachment = factories.attachment(other, "paper")

    with pytest.raises(Refused, match="not there any more"):
        materials.remove(
            application, attachment.id, actor=owner_of(application.person), at=clock.now()
        )


def test_asked_follows_the_way_of_applying_and_the_batch(app: Flask) -> None:
    batch = factories.batch(required_materials=["degree"])
    application = factories.application(batch=batch)

    asked = {
        one.kind.code: one for one in materials.asked(application, dossier.form_of(application))
    }

    assert asked["degree"].is_required
    assert "exceptional" not in asked
    assert "notice_sheet" not in asked


# the definition


def test_the_first_definition_is_stored_once(session: Session) -> None:
    again = formdef.seed_form(session, at=clock.now())

    assert again is False
    assert formdef.newest_version(session) == 1


def test_a_definition_not_yet_published_is_not_used(session: Session) -> None:
    body = formdef.load(session, 1)
    session.add(FormDefinition(form_version=2, title="草稿", body={}, published_at=None))
    session.flush()

    assert body.version == formdef.newest_version(session)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "magic"}, "unknown kind"),
        ({"kind": "choice"}, "needs a dictionary"),
        ({"key": "b"}, "two fields have the same key"),
    ],
)
def test_a_faulty_definition_is_named(app: Flask, change: dict[str, str], words: str) -> None:
    with pytest.raises(formdef.BadDefinitionError, match=words):
        formdef.parse(9, definition([section_of(**change)]))


def section_of(rules: list[dict[str, str]] | None = None, **change: str) -> dict[str, Any]:
    field = {"key": "a", "label": "甲", "kind": "text"} | change
    fields = [field, {"key": "b", "label": "乙"}]
    return {"key": "s", "label": "节", "fields": fields, "rules": rules or []}


def definition(sections: list[dict[str, Any]]) -> dict[str, Any]:
    commitment = {"version": 1, "text": "x", "secrets": "y"}
    return {"title": "t", "sections": sections, "commitment": commitment}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "magic"}, "unknown rule magic"),
        ({"kind": "unique", "field": "c"}, "names the unknown field c"),
    ],
)
def test_a_faulty_rule_is_named(app: Flask, rule: dict[str, str], words: str) -> None:
    with pytest.raises(formdef.BadDefinitionError, match=words):
        formdef.parse(9, definition([section_of([rule])]))


def test_two_sections_of_one_key_are_named(app: Flask) -> None:
    with pytest.raises(formdef.BadDefinitionError, match="two sections have the same key"):
        formdef.parse(9, definition([section_of(), section_of()]))


def test_a_definition_without_dictionaries_offers_nothing(session: Session) -> None:
    form = formdef.parse(9, definition([section_of()]))

    assert formdef.offered(session, form) == {}


def test_the_first_definition_is_stored_into_an_empty_database(session: Session) -> None:
    session.execute(delete(FormDefinition))

    assert formdef.seed_form(session, at=clock.now())
    assert formdef.load(session, 1).section("work") is not None


def test_take_over_fills_only_what_is_empty(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    last_year = factories.batch(review_year=factories.today().year - 1)
    old = factories.application(person=person, batch=last_year)
    save(old, "work", [{"unit": "去年的单位"}])
    save(old, "papers", [{"title": "去年的论文"}])
    new = factories.application(person=person)
    save(new, "work", [{"unit": "今年的单位"}])

    copied = applying.take_over(new, actor=owner_of(person), at=clock.now())

    stored = dossier.stored(new)
    assert copied == 1
    assert stored["work"].rows[0]["unit"] == "今年的单位"
    assert stored["papers"].rows[0]["title"] == "去年的论文"


def test_take_over_is_refused_once_handed_in(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    last_year = factories.batch(review_year=factories.today().year - 1)
    factories.application(person=person, batch=last_year)
    new = factories.application(S.AT_UNIT, person=person)

    with pytest.raises(Refused, match="cannot be changed now"):
        applying.take_over(new, actor=owner_of(person), at=clock.now())


def test_take_over_says_when_there_is_nothing(app: Flask) -> None:
    application = factories.application()

    with pytest.raises(Refused, match="no earlier application"):
        applying.take_over(application, actor=owner_of(application.person), at=clock.now())
