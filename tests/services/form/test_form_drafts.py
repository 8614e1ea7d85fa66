"""Drafts of the application form: one at a time, nobody overwrites anybody, published for good."""

from copy import deepcopy
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.extensions import db
from app.forms import form
from app.ground import clock
from app.ground.actor import Actor
from app.models import AuditLog, FormDefinition
from app.services.form import (
    condition_texts,
    form_definition,
    form_drafts,
    form_edits,
    form_files,
    form_versions,
)
from app.services.form.form_differences import Difference, differences
from app.services.form.form_drafts import Fault, OvertakenError
from app.services.form.form_edits import Body
from app.services.form.form_files import UnreadableError
from app.services.form.form_parts import CONDITION_FACTS, KINDS, RULE_NUMBERS, RULES
from app.services.form.form_sources import SOURCES
from tests.support import factories

FIELD = {"label": "微信号", "kind": "text", "max": 40}


@pytest.fixture
def actor(app: Flask, session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


@pytest.fixture
def draft(actor: Actor) -> FormDefinition:
    return form_drafts.begin(actor=actor)


def add(definition: FormDefinition, actor: Actor, seen: int, **values: Any) -> str:
    """Add a field to the personal data and return its key."""

    def edit(body: Body) -> str:
        return form_edits.put_field(form_edits.section_of(body, "basic"), "", {**FIELD, **values})

    key: str = form_drafts.change(
        definition, edit, what="field_added", label=FIELD["label"], actor=actor, seen=seen
    )
    return key


def keys(definition: FormDefinition, section: str = "basic") -> list[str]:
    return [one["key"] for one in form_edits.section_of(definition.body, section)["fields"]]


def audited() -> list[tuple[str, str]]:
    query = select(AuditLog).where(AuditLog.kind.in_(("form_change", "form_publish")))
    rows = db.session.scalars(query.order_by(AuditLog.id))
    return [(row.subject, row.details["what"]) for row in rows]


# beginning


def test_draft_is_a_copy_of_the_newest_version(draft: FormDefinition) -> None:
    newest = form_versions.published()[-1]

    assert draft.form_version == newest.form_version + 1
    assert list(differences(newest.body, draft.body)) == []
    assert draft.body is not newest.body
    assert form_drafts.faults(draft.body) == []


def test_second_draft_is_refused_naming_who_has_the_first(
    draft: FormDefinition, actor: Actor
) -> None:
    with pytest.raises(Refused, match=f"version {draft.form_version}.*{actor.name}"):
        form_drafts.begin(actor=factories.actor(Role.SYSADMIN))


def test_draft_begun_at_the_same_moment_is_refused(actor: Actor) -> None:
    version = form_versions.published()[-1].form_version + 1

    @event.listens_for(db.session, "before_flush", once=True)
    def somebody_is_faster(*_args: Any) -> None:
        row = {"form_version": version, "title": "申报表", "body": {}, "revision": 1}
        db.session.execute(insert(FormDefinition).values(row))

    with pytest.raises(Refused, match="begun a draft at this moment"):
        form_drafts.begin(actor=actor)


def test_versions_say_what_is_in_use_and_how_many_rest_on_it(draft: FormDefinition) -> None:
    newest = form_versions.published()[-1].form_version
    factories.application(ApplicationState.DRAFT, form_version=newest)

    listed = form_versions.versions()

    assert [(one.definition.form_version, one.is_draft, one.is_newest) for one in listed[:2]] == [
        (draft.form_version, True, False),
        (newest, False, True),
    ]
    assert [one.applications for one in listed[:2]] == [0, 1]


def test_discarded_draft_is_gone(draft: FormDefinition, actor: Actor) -> None:
    form_drafts.discard(draft, actor=actor, seen=draft.revision)

    db.session.expire_all()
    assert form_versions.draft() is None
    assert audited()[-1] == (f"form_definition:{form_versions.published()[-1].form_version + 1}", "discarded")  # fmt: skip


def test_draft_changed_meanwhile_is_not_discarded(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor, 1)

    with pytest.raises(OvertakenError):
        form_drafts.discard(draft, actor=actor, seen=1)


# changing


def test_change_counts_up_is_logged_and_can_be_undone(draft: FormDefinition, actor: Actor) -> None:
    before = deepcopy(draft.body)

    key = add(draft, actor, 1)
    after = keys(draft)
    form_drafts.undo(draft, actor=actor, seen=2)

    assert after[-1] == key
    assert (draft.body, draft.revision, draft.step) == (before, 3, 0)
    subject = f"form_definition:{draft.form_version}"
    assert audited() == [(subject, what) for what in ("begun", "field_added", "undone")]
    with pytest.raises(Refused, match="nothing to undo"):
        form_drafts.undo(draft, actor=actor, seen=3)


def test_change_that_changes_nothing_leaves_no_row(draft: FormDefinition, actor: Actor) -> None:
    form_drafts.change(
        draft, lambda body: None, what="section_changed", label="", actor=actor, seen=1
    )

    assert (draft.revision, len(audited())) == (1, 1)


def test_later_of_two_editors_is_told_who_was_faster(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor, 1)

    with pytest.raises(OvertakenError, match=f"Field added: 微信号 .{actor.name}"):
        add(draft, factories.actor(Role.SYSADMIN), 1, label="QQ号")

    assert keys(draft).count("qq") == 0


def test_published_version_is_not_changed(actor: Actor) -> None:
    newest = form_versions.published()[-1]
    before = deepcopy(newest.body)

    with pytest.raises(OvertakenError, match="is published and cannot be changed"):
        add(newest, actor, newest.revision)

    assert newest.body == before
    assert form_drafts.last_change(newest) is None


# publishing


def test_published_draft_is_what_new_applications_begin_with(
    draft: FormDefinition, actor: Actor
) -> None:
    old = form_definition.newest_version(db.session())
    key = add(draft, actor, 1)

    form_drafts.publish(draft, actor=actor, at=clock.now(), seen=2)

    assert form_definition.newest_version(db.session()) == draft.form_version == old + 1
    new, before = (form_definition.load(db.session(), version) for version in (old + 1, old))
    assert {one.key for one in new.section("basic").fields} - {  # type: ignore[union-attr]  # it has the section
        one.key
        for one in before.section("basic").fields  # type: ignore[union-attr]  # it has the section
    } == {key}
    assert str(form_drafts.last_change(draft)).startswith("Published (")
    with pytest.raises(OvertakenError):
        add(draft, actor, draft.revision, label="再加")


def test_faulty_draft_is_not_published_and_says_where(draft: FormDefinition, actor: Actor) -> None:
    def edit(body: Body) -> None:
        form_edits.put_section(body, "", {"label": "空栏目"})
        basic = form_edits.section_of(body, "basic")
        form_edits.field_of(basic, "nation")["dictionary"] = "nowhere"
        body["commitment"]["text"] = ""

    form_drafts.change(draft, edit, what="section_added", label="", actor=actor, seen=1)
    found = form_drafts.faults(draft.body)
    form_edits.section_of(draft.body, "basic")
    complete = deepcopy(draft.body)
    complete["sections"].pop()
    complete["commitment"]["text"] = "本人承诺"

    assert {(one.section, one.field) for one in found} == {("", ""), (keys_of(draft)[-1], "")}
    assert [(one.section, one.field) for one in form_drafts.faults(complete)] == [
        ("basic", "nation")
    ]
    with pytest.raises(Refused, match="2 things are missing or wrong"):
        form_drafts.publish(draft, actor=actor, at=clock.now(), seen=2)
    assert draft.published_at is None


def keys_of(definition: FormDefinition) -> list[str]:
    return [one["key"] for one in definition.body["sections"]]


def test_fault_without_a_known_place_is_kept(draft: FormDefinition) -> None:
    draft.body = {**draft.body, "sections": []}

    assert form_drafts.faults(draft.body) == [Fault("The form has no section.")]


def test_draft_without_a_difference_is_not_published(draft: FormDefinition, actor: Actor) -> None:
    with pytest.raises(Refused, match="does not differ"):
        form_drafts.publish(draft, actor=actor, at=clock.now(), seen=1)


def test_draft_changed_meanwhile_is_not_published(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor, 1)

    with pytest.raises(OvertakenError):
        form_drafts.publish(draft, actor=actor, at=clock.now(), seen=1)

    assert draft.published_at is None


@pytest.mark.parametrize(("words", "step"), [("改了的承诺", 1), (None, 0)])
def test_version_of_the_commitment_counts_up_with_its_words(
    words: str | None, step: int, draft: FormDefinition
) -> None:
    body = deepcopy(draft.body)
    before = body["commitment"]["version"]
    texts = {**body["commitment"], "title": "申报表", "title_en": "Form"}

    for _again in range(2):
        form_drafts.write_texts(body, {**texts, **({"text": words} if words else {})})

    assert body["commitment"]["version"] == before + step
    assert body["title"] == "申报表"


# sections, fields, rules


def test_key_is_made_from_the_label_and_stays_free() -> None:
    made = [
        form_edits.key_for("Work place", ()),
        form_edits.key_for("Work place", {"work_place"}),
        form_edits.key_for("紧急联系人", ()),
        form_edits.key_for("Materials", ()),
    ]

    again = form_edits.key_for("紧急联系人", {made[2]})
    assert made[0] == "work_place"
    assert made[1].startswith("work_place_")
    assert made[2] == form_edits.key_for("紧急联系人", ()) != again
    assert made[3] != "materials"


@pytest.mark.parametrize("key", ["Nation", "1st", "a-b", "民族", "nation", "data", "x" * 41])
def test_unfit_key_is_refused_at_its_field(key: str, draft: FormDefinition) -> None:
    basic = form_edits.section_of(draft.body, "basic")

    with pytest.raises(Refused) as refusal:
        form_edits.put_field(basic, "", {**FIELD, "key": key})

    assert refusal.value.field == "key"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "choice", "max": None}, "dictionary"),
        ({"dictionary": "nation"}, "dictionary"),
        ({"kind": "tick"}, "max"),
        ({"kind": "tick", "max": None, "min": 1}, "min"),
        ({"min": 50}, "max"),
        ({"is_past": True}, "is_past"),
    ],
)
def test_what_does_not_go_with_the_kind_is_refused(
    values: dict[str, Any], field: str, draft: FormDefinition
) -> None:
    basic = form_edits.section_of(draft.body, "basic")

    with pytest.raises(Refused) as refusal:
        form_edits.put_field(basic, "", {**FIELD, **values})

    assert refusal.value.field == field


def test_more_rows_at_least_than_at_most_are_refused(draft: FormDefinition) -> None:
    values = {"label": "论著", "is_repeated": True, "min_rows": 5, "max_rows": 2}

    with pytest.raises(Refused) as refusal:
        form_edits.put_section(draft.body, "", values)

    assert refusal.value.field == "max_rows"
    once = {"is_repeated": False, "min_rows": 1}
    for fitting in (once, {"min_rows": 1}, {"max_rows": None}, {"min_rows": 25, "max_rows": 25}):
        assert form_edits.put_section(draft.body, "", {**values, **fitting})


@pytest.mark.parametrize(
    ("limits", "field", "says"),
    [
        ({"is_repeated": True, "min_rows": 21, "max_rows": None}, "max_rows", "at most 20"),
        ({"is_repeated": True, "min_rows": 200, "max_rows": None}, "max_rows", "at most 20"),
        ({"is_repeated": False, "min_rows": 2, "max_rows": None}, "min_rows", "filled in once"),
        ({"is_repeated": False, "min_rows": 5, "max_rows": 9}, "min_rows", "filled in once"),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    draft: FormDefinition, limits: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refusal:
        form_edits.put_section(draft.body, "", {"label": "论著", **limits})

    assert refusal.value.field == field


def test_what_says_nothing_is_not_stored(draft: FormDefinition) -> None:
    basic = form_edits.section_of(draft.body, "basic")
    empty = {"help": "", "min": 0, "unit": None, "is_required": False, "shown_when": None}

    key = form_edits.put_field(basic, "", {**FIELD, **empty, "required_when": {}})

    assert form_edits.field_of(basic, key) == {**FIELD, "min": 0, "key": key}


def test_renamed_field_takes_what_refers_to_it_along(draft: FormDefinition) -> None:
    section = form_edits.section_of(draft.body, "education")
    section["row_title"] = "degree"
    last = section["fields"][-1]
    last["required_when"] = {"degree": ["1"], "level": ["21"]}
    form_edits.add_rule(section, {"kind": "unique", "field": "degree"})

    form_edits.put_field(
        section, "degree", {**form_edits.field_of(section, "degree"), "key": "my_degree"}
    )

    form_edits.put_field(
        section, "major", {**form_edits.field_of(section, "major"), "key": "subject"}
    )

    assert section["row_title"] == "my_degree"
    assert last["required_when"] == {"my_degree": ["1"], "level": ["21"]}
    assert section["rules"][-1] == {"kind": "unique", "field": "my_degree"}
    assert form_definition.faults(draft.body) == []


def test_parts_are_moved_copied_and_removed(draft: FormDefinition) -> None:
    sections = draft.body["sections"]
    first, second = keys_of(draft)[:2]

    form_edits.move(sections, first, 1)
    form_edits.move(sections, second, -1)
    twin = form_edits.copy(sections, second)
    after = keys_of(draft)[:3]
    form_edits.remove(sections, second)

    assert after == [second, twin, first]
    assert keys_of(draft)[:2] == [twin, first]
    assert "materials" not in sections[0]
    assert form_definition.faults(draft.body) == []


def test_what_is_gone_is_refused(draft: FormDefinition) -> None:
    section = draft.body["sections"][0]

    for press in (
        lambda: form_edits.section_of(draft.body, "nowhere"),
        lambda: form_edits.field_of(section, "nowhere"),
        lambda: form_edits.move(section["fields"], "nowhere", 1),
        lambda: form_edits.remove_rule(section, 99),
    ):
        with pytest.raises(Refused, match="not in the draft any more"):
            press()


def test_rules_are_added_once_and_removed(draft: FormDefinition) -> None:
    section = {"key": "x", "label": "X", "fields": []}
    rule = {"kind": "unique", "field": "number"}

    form_edits.add_rule(section, rule)
    with pytest.raises(Refused, match="there already"):
        form_edits.add_rule(section, rule)
    form_edits.remove_rule(section, 0)

    assert section["rules"] == []


def test_form_sections_and_rules_have_a_most(draft: FormDefinition) -> None:
    body, section = draft.body, form_edits.section_of(draft.body, "basic")
    body["sections"] += [{"key": f"s{n}", "label": "栏目", "fields": []} for n in range(60)]
    section["fields"] += [{"key": f"f{n}", "label": "字段"} for n in range(100)]
    section["rules"] = [{"kind": "unique", "field": f"f{n}"} for n in range(30)]

    with pytest.raises(Refused, match="at most 60 sections"):
        form_edits.put_section(body, "", {"label": "多"})
    with pytest.raises(Refused, match="at most 100 fields"):
        form_edits.put_field(section, "", FIELD)
    with pytest.raises(Refused, match="at most 30 rules"):
        form_edits.add_rule(section, {"kind": "unique", "field": "last"})


# differences


def test_differences_name_everything_a_draft_changes(draft: FormDefinition) -> None:
    before = deepcopy(draft.body)
    after = draft.body
    basic = form_edits.section_of(after, "basic")
    key = form_edits.put_field(basic, "", FIELD)
    form_edits.field_of(basic, "nation").pop("is_required")
    moved = basic["fields"][0]
    form_edits.move(basic["fields"], moved["key"], 1)
    form_edits.remove(basic["fields"], "politics")
    basic["help"] = "新说明"
    new = form_edits.put_section(after, "", {"label": "其他"})
    form_edits.remove(after["sections"], "summary")
    form_edits.move(after["sections"], "basic", -1)
    after["commitment"] = {**after["commitment"], "text": "新承诺"}

    found = list(differences(before, after))

    summary = form_edits.section_of(before, "summary")["label"]
    politics = form_edits.field_of(form_edits.section_of(before, "basic"), "politics")["label"]
    assert {(one.what, one.section, one.field) for one in found} == {
        ("changed", "", ""),
        ("changed", "basic", ""),
        ("added", "basic", key),
        ("changed", "basic", "nation"),
        ("moved", "basic", basic["fields"][0]["key"]),
        ("removed", "basic", "politics"),
        ("added", new, ""),
        ("moved", "basic", ""),
        ("removed", "summary", ""),
    }
    nation = next(one for one in found if one.field == "nation")
    assert nation.changes == (("is_required", True, None),)
    assert Difference("removed", "summary", summary) in found
    assert Difference("removed", "basic", politics, "politics") in found


def test_published_field_means_what_its_newest_version_says(draft: FormDefinition) -> None:
    later = deepcopy(draft.body)
    form_edits.field_of(form_edits.section_of(later, "basic"), "nation")["kind"] = "text"

    known = form_edits.published_fields([draft.body, later])

    assert known["basic", "nation"]["kind"] == "text"


# files


def test_file_goes_out_and_comes_in_unchanged(draft: FormDefinition, actor: Actor) -> None:
    content = form_files.write(draft.body)

    assert form_files.read(BytesIO(content)) == draft.body
    assert form_files.read(BytesIO(b"\xef\xbb\xbf" + content)) == draft.body


def test_file_becomes_the_draft_and_keeps_the_draft_s_number(
    draft: FormDefinition, actor: Actor
) -> None:
    read = {**deepcopy(draft.body), "version": 77, "title": "外省申报表"}
    form_drafts.discard(draft, actor=actor, seen=1)
    db.session.expire_all()

    begun = form_drafts.begin(actor=actor, body=read)

    assert begun.body["version"] == begun.form_version != 77
    assert begun.title == "外省申报表"
    assert audited()[-1][1] == "imported"


def spoilt(body: Body, *path: Any, to: Any) -> bytes:
    part: Any = body
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to
    return form_files.write(body)


SPOILT: list[tuple[tuple[Any, ...], Any, str]] = [
    (("sections",), [], "no section"),
    (("sections",), "x", "wrong kind"),
    (("sections", 0, "key"), ["basic"], "wrong kind"),
    (("sections", 0, "label"), "<b>x</b>", "sections 1.label"),
    (("sections", 0, "label"), "长" * 61, "at most 60"),
    (("sections", 0, "fields", 0, "key"), "Bad Key", "lower-case letters"),
    (("sections", 0, "fields", 0, "surprise"), 1, "unknown attribute"),
    (("sections", 1, "key"), "applying", "same key"),
    (("sections", 0, "shown_when"), {"moon": ["full"]}, "unknown fact"),
    (("title",), "a\u202eb", "cannot be seen"),
]


@pytest.mark.parametrize(("path", "to", "says"), SPOILT)
def test_spoilt_file_is_refused_with_its_place(
    path: tuple[Any, ...], to: Any, says: str, draft: FormDefinition
) -> None:
    content = spoilt(deepcopy(draft.body), *path, to=to)

    with pytest.raises(UnreadableError) as refusal:
        form_files.read(BytesIO(content))

    assert any(says in line for line in refusal.value.lines), refusal.value.lines


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON file"),
        (b"PK\x03\x04", "no JSON file"),
        (b"[" * 100_000, "no JSON file"),
        (b"[" * 30 + b"]" * 30, "nested more deeply"),
        (b'{"a": 1, "a": 2}', "there twice"),
        (b" " * (1024 * 1024 + 1), "larger than 1 MB"),
        (b"[]", "is an object"),
    ],
)
def test_other_file_is_refused(content: bytes, says: str, app: Flask) -> None:
    with pytest.raises(UnreadableError) as refusal:
        form_files.read(BytesIO(content))

    assert says in refusal.value.lines[0]


# conditions


def test_condition_is_read_from_ticks_and_back() -> None:
    ticks = ["series=05", "level=1", "level=2", "level=1", "zzz"]

    condition = condition_texts.read(ticks)

    assert condition == {"level": ["1", "2"], "series": ["05"], "zzz": [""]}
    assert condition_texts.ticks(condition) == ["level=1", "level=2", "series=05", "zzz="]
    assert condition_texts.read([]) is None
    assert condition_texts.ticks(None) == []


def test_condition_is_said_in_words(app: Flask, session: Session) -> None:
    factories.title(series_code="05")

    said = condition_texts.condition_text({"by": ["unit"], "level": ["1", "9"], "moon": ["full"]})

    assert said == "Who uploads: Unit; Level: Senior (full), 9; moon: full"
    assert condition_texts.condition_text(None) == ""
    assert all(condition_texts.offered(fact) for fact in condition_texts.LABELS)
    assert condition_texts.offered("moon") == []


def test_every_word_of_a_definition_has_its_words() -> None:
    assert form.KINDS.keys() == KINDS
    assert form.SOURCE_WORDS.keys() == SOURCES
    assert form.RULE_WORDS.keys() == RULES.keys()
    named = {
        name for parameters in [*RULES.values(), *RULE_NUMBERS.values()] for name in parameters
    }
    assert named <= form.PARAMETERS.keys()
    assert set(CONDITION_FACTS) <= condition_texts.LABELS.keys()
