"""Saving sections with their database: revisions, undo, what a page sends, the number of statements."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.models import Application, Section
from app.services.dossier import dossier, filling, sent_rows
from app.services.dossier.filling import SaveResult, SectionState
from app.services.dossier.merging import Change
from tests.services import dossiers
from tests.services.dossiers import owner_of
from tests.support import factories

FOUR_BYTES = "\U00020000\U00030000厂\U0001f600"


@pytest.fixture
def draft(app: Flask) -> Application:
    return factories.application()


def save(application: Application, key: str, change: Change, seen: int | None = None) -> SaveResult:
    now = filling.section_state(application, key)
    return filling.save(
        application,
        key,
        change,
        actor=owner_of(application.person),
        at=clock.now(),
        seen=now.revision if seen is None else seen,
    )


def added(**rows: dict[str, str]) -> Change:
    return Change(added=rows)


def units(now: SectionState) -> list[Any]:
    return [row["unit"] for row in now.rows.values()]


def be_faster(application: Application, *rows: dict[str, str]) -> None:
    """Store section `work` and count the version up, as another press does whose end is not seen yet."""
    quietly = {"synchronize_session": False}
    kept = {"rows": list(rows), "revision": Section.revision + 1}
    db.session.execute(update(Section).values(kept), execution_options=quietly)
    counted = {"version": Application.version + 1}
    db.session.execute(update(Application).values(counted), execution_options=quietly)


def test_save_that_was_overtaken_goes_onto_what_is_there_then(draft: Application) -> None:
    save(draft, "work", added(n1={"unit": "甲"}))
    be_faster(draft, {"unit": "甲", "work": "桥梁设计"})

    saved = save(draft, "work", added(n2={"unit": "乙"}), seen=1)

    assert units(saved.now) == ["甲", "乙"]
    assert saved.now.rows["n1"]["work"] == "桥梁设计"
    assert (saved.now.revision, saved.is_merged) == (3, True)


def test_one_try_is_refused_when_overtaken(draft: Application) -> None:
    save(draft, "work", added(n1={"unit": "甲"}))
    be_faster(draft, {"unit": "甲"})
    typed = {"actor": owner_of(draft.person), "at": clock.now(), "seen": 1}

    with pytest.raises(dossier.Meanwhile):
        filling.save_once(draft, "work", added(n2={"unit": "乙"}), **typed)


def test_save_counts_revisions_and_keeps_the_ids_of_rows(draft: Application) -> None:
    save(draft, "work", added(n1={"unit": "甲"}))

    saved = save(draft, "work", added(n2={"unit": "乙"}))

    assert (saved.now.revision, list(saved.now.rows), units(saved.now)) == (
        2,
        ["n1", "n2"],
        ["甲", "乙"],
    )
    assert filling.section_state(draft, "work").rows == saved.now.rows


def test_save_of_nothing_new_changes_nothing(draft: Application) -> None:
    save(draft, "work", added(n1={"unit": "甲"}))
    dossiers.commit(draft)
    version = draft.version

    saved = save(draft, "work", Change(fields={"n1": {"unit": ("甲", "甲 ")}}))

    assert (saved.now.revision, draft.version) == (1, version)
    assert draft.committed_at is not None


def test_save_takes_the_commitment_back(draft: Application) -> None:
    dossiers.commit(draft)

    save(draft, "work", added(n1={"unit": "甲"}))

    assert draft.committed_at is None


def test_save_stores_what_can_be_read_and_names_the_rest(draft: Application) -> None:
    saved = save(draft, "work", added(n1={"unit": "甲", "started": "2019-13"}))

    assert units(saved.now) == ["甲"]
    assert list(saved.faults) == [("n1", "started")]


def test_save_says_that_somebody_else_saved_between(draft: Application) -> None:
    save(draft, "work", added(n1={"unit": "甲"}))
    save(draft, "work", Change(fields={"n1": {"duty": ("", "总工")}}))

    saved = save(draft, "work", Change(fields={"n1": {"unit": ("甲", "乙")}}), seen=1)

    assert saved.is_merged
    assert (saved.now.rows["n1"]["unit"], saved.now.rows["n1"]["duty"]) == ("乙", "总工")


def test_save_knows_rows_stored_without_ids_by_their_place(draft: Application) -> None:
    dossiers.fill(draft, work=[{"unit": "甲"}, {"unit": "乙"}])

    saved = save(draft, "work", Change(fields={"r1": {"unit": ("乙", "丙")}}))

    assert units(saved.now) == ["甲", "丙"]


def test_save_normalises_and_keeps_rare_characters(draft: Application) -> None:
    saved = save(draft, "work", added(n1={"unit": f" ＡＢ{FOUR_BYTES}　"}))

    assert units(saved.now) == [f"AB{FOUR_BYTES}"]
    assert units(filling.section_state(draft, "work")) == [f"AB{FOUR_BYTES}"]


def test_save_refuses_more_rows_than_allowed(draft: Application) -> None:
    section = dossier.form_of(draft).section("work")
    assert section is not None
    most = {f"n{number}": {"unit": "甲"} for number in range(section.max_rows + 1)}

    with pytest.raises(Refused, match=f"{section.max_rows + 1}.*{section.max_rows}"):
        save(draft, "work", Change(added=most))

    assert filling.section_state(draft, "work").revision == 0


def test_save_is_refused_once_handed_in(app: Flask) -> None:
    draft = factories.application(ApplicationState.AT_UNIT)

    with pytest.raises(Refused):
        save(draft, "work", added(n1={"unit": "甲"}))


def test_save_is_refused_to_everybody_else(draft: Application) -> None:
    other = owner_of(factories.person())

    with pytest.raises(Refused):
        filling.save(draft, "work", added(n1={"unit": "甲"}), actor=other, at=clock.now(), seen=0)


def test_put_back_undoes_the_last_removal(draft: Application) -> None:
    save(draft, "work", added(n1={"unit": "甲"}, n2={"unit": "乙"}, n3={"unit": "丙"}))
    before = filling.section_state(draft, "work").rows["n2"]
    gone = {key: "" if value in (None, False) else str(value) for key, value in before.items()}
    assert save(draft, "work", Change(gone={"n2": gone})).now.can_put_back == 1

    now = filling.restore_removed_rows(draft, "work", actor=owner_of(draft.person), at=clock.now())

    assert (units(now), list(now.rows)) == (["甲", "乙", "丙"], ["n1", "n2", "n3"])


def test_put_back_says_when_there_is_nothing(draft: Application) -> None:
    with pytest.raises(Refused, match="nothing to put back"):
        filling.restore_removed_rows(draft, "work", actor=owner_of(draft.person), at=clock.now())


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        "x",
        {"set": 3},
        {"set": {"n1": 3}},
        {"set": {"n1": {"unit": "甲"}}},
        {"set": {"n1": {"unit": [1, 2]}}},
        {"set": {"../": {"unit": ["", "甲"]}}},
        {"add": {"n1": {"unit": None}}},
        {"add": {"x" * 21: {"unit": "甲"}}},
        {"gone": ["n1"]},
        {"order": [1, 2]},
        {"order": 7},
        {"add": {f"n{number}": {} for number in range(501)}},
    ],
)
def test_change_of_refuses_what_no_page_sends(draft: Application, sent: Any) -> None:
    section = dossier.form_of(draft).section("work")
    assert section is not None

    assert sent_rows.change_of(section, sent) is None


def test_change_of_passes_over_fields_the_form_does_not_have(draft: Application) -> None:
    section = dossier.form_of(draft).section("work")
    assert section is not None

    change = sent_rows.change_of(section, {"add": {"n1": {"unit": "甲", "id": "7", "_id": "x"}}})

    assert change == Change(added={"n1": {"unit": "甲"}})


def test_typed_by_id_gives_rows_without_an_id_the_one_at_their_place(
    draft: Application, session: Session
) -> None:
    section = dossier.form_of(draft).section("papers")
    assert section is not None
    typed = [
        {"title": "甲"},
        {"_id": "n7", "title": "乙"},
        {"_id": "n7", "title": "丙"},
        {"title": "丁"},
    ]

    rows = sent_rows.typed_by_id(section, typed, ["a"])

    assert list(rows)[:2] == ["a", "n7"]
    assert [row["title"] for row in rows.values()] == ["甲", "乙", "丙", "丁"]
    assert rows["a"]["is_representative"] == ""
