"""What an applicant uploads: kinds by condition, limits, doubles, replacing, removing and putting back, order."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import settings
from app.engine import Refused
from app.enums import ApplicationState, ApplyMode, Employment, Level, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Attachment
from app.services.dossier import dossier, materials
from app.services.dossier.materials import Added, Asked
from app.services.files import attached_files
from app.services.files.attached_files import CheckedFile
from tests.services.dossiers import owner_of, pdf, picture
from tests.support import factories


def judged(content: bytes = b"", name: str = "论文.pdf", **limits: Any) -> CheckedFile:
    return attached_files.receive(BytesIO(content or pdf()), name, **limits)


def add(application: Application, kind: str, *sent: CheckedFile, **values: Any) -> Added:
    given: dict[str, Any] = {"secret": "no", "actor": owner_of(application.person)} | values
    return materials.add(application, kind, sent, at=clock.now(), **given)


def asked(application: Application) -> dict[str, Asked]:
    found = materials.asked(application, dossier.form_of(application))
    return {one.kind.code: one for one in found}


def names(application: Application, kind: str = "paper") -> list[str]:
    return [one.name for one in attached_files.attachments_of(application, kind)]


def paper(application: Application, pages: int = 1, name: str = "论文.pdf") -> Attachment:
    return add(application, "paper", judged(pdf(pages), name)).attachments[0]


# adding


def test_add_keeps_the_files_in_their_section(app: Flask) -> None:
    application = factories.application()

    made = paper(application)

    form = dossier.form_of(application)
    assert (made.kind, made.name) == ("paper", "论文.pdf")
    assert made.section == form.section_of_material("paper")


def test_add_refuses_more_files_than_the_kind_takes(app: Flask) -> None:
    application = factories.application()
    sent = [judged(picture(size=(n, 9)), f"{n}.png") for n in (8, 9)]

    with pytest.raises(Refused, match="takes 1 files at most"):
        add(application, "photo", *sent)


def test_add_refuses_a_kind_of_the_unit(app: Flask) -> None:
    with pytest.raises(Refused, match="not asked for here"):
        add(factories.application(), "notice_proof", judged())


def test_add_refuses_nothing(app: Flask) -> None:
    with pytest.raises(Refused, match="Choose a file"):
        add(factories.application(), "paper")


def test_add_refuses_somebody_else(app: Flask) -> None:
    with pytest.raises(Refused, match="Only the applicant"):
        add(factories.application(), "paper", judged(), actor=Actor(role=Role.UNIT))


def test_add_refuses_when_the_material_is_frozen(app: Flask) -> None:
    with pytest.raises(Refused, match="cannot be changed now"):
        add(factories.application(ApplicationState.IN_NOTICE), "paper", judged())


def test_a_photo_must_be_a_picture(app: Flask) -> None:
    types = asked(factories.application())["photo"].types

    with pytest.raises(Refused, match="is no JPG, PNG file"):
        judged(pdf(), "照片.pdf", kinds=types)


def test_a_kind_never_takes_more_than_all_kinds_may(app: Flask) -> None:
    one = asked(factories.application())["paper"]
    one.kind.max_mb = 40

    assert one.max_mb == settings.get("upload_max_mb")


# secret material


@pytest.mark.parametrize(
    ("answer", "words"),
    [("yes", "Hand it in on paper"), ("", "first tick"), ("maybe", "first tick")],
)
def test_add_refuses_what_may_be_secret(app: Flask, answer: str, words: str) -> None:
    application = factories.application()

    with pytest.raises(Refused, match=words):
        add(application, "paper", judged(), secret=answer)

    assert names(application) == []


# doubles


def test_the_same_content_is_not_added_twice_under_a_kind(app: Flask) -> None:
    application = factories.application()
    paper(application)

    with pytest.raises(
        Refused, match=r"“again\.pdf” is there already under this kind, as “论文\.pdf”"
    ):
        add(application, "paper", judged(pdf(1), "again.pdf"))


def test_doubles_are_told_and_the_others_added(app: Flask) -> None:
    application = factories.application()
    sent = [judged(pdf(1), "a.pdf"), judged(pdf(2), "b.pdf"), judged(pdf(1), "c.pdf")]

    added = add(application, "paper", *sent)

    assert [one.name for one in added.attachments] == ["a.pdf", "b.pdf"]
    assert len(added.doubles) == 1
    assert "“c.pdf”" in added.doubles[0]


def test_the_same_content_may_prove_two_things(app: Flask) -> None:
    application = factories.application()
    first = paper(application)

    second = add(application, "book", judged()).attachments[0]

    assert second.file_id == first.file_id


# replacing, removing, order


def test_a_file_takes_the_place_of_another_in_one_press(app: Flask) -> None:
    application = factories.application()
    old = paper(application, 1, "旧.pdf")
    paper(application, 2, "第二.pdf")

    add(application, "paper", judged(pdf(3), "新.pdf"), replaces=old.id)

    assert names(application) == ["新.pdf", "第二.pdf"]
    assert old.removed_at is not None


def test_replacing_works_when_the_kind_is_full(app: Flask) -> None:
    application = factories.application()
    old = add(application, "photo", judged(picture(size=(8, 9)), "旧.png")).attachments[0]

    add(application, "photo", judged(picture(size=(9, 9)), "新.png"), replaces=old.id)

    assert names(application, "photo") == ["新.png"]


def test_replacing_refuses_a_file_of_another_kind_or_application(app: Flask) -> None:
    application = factories.application()
    book = add(application, "book", judged()).attachments[0]
    foreign = factories.attachment(factories.application(), "paper")

    for key in (book.id, foreign.id, 10**6):
        with pytest.raises(Refused, match="not there any more"):
            add(application, "paper", judged(pdf(2)), replaces=key)


def test_replacing_takes_exactly_one_file(app: Flask) -> None:
    application = factories.application()
    old = paper(application)

    with pytest.raises(Refused, match="exactly one file"):
        add(application, "paper", judged(pdf(2)), judged(pdf(3)), replaces=old.id)


def test_a_removed_file_comes_back_into_its_place(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    first = paper(application, 1, "一.pdf")
    paper(application, 2, "二.pdf")

    materials.remove(application, first.id, actor=actor, at=clock.now())
    assert names(application) == ["二.pdf"]
    materials.restore(application, first.id, actor=actor)

    assert names(application) == ["一.pdf", "二.pdf"]


def test_remove_refuses_a_file_of_another_application(app: Flask) -> None:
    application = factories.application()
    foreign = factories.attachment(factories.application(), "paper")

    with pytest.raises(Refused, match="not there any more"):
        materials.remove(
            application, foreign.id, actor=owner_of(application.person), at=clock.now()
        )


def test_restore_refuses_what_was_never_removed_or_is_somebody_elses(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    there = paper(application)
    foreign = factories.attachment(factories.application(), "paper")
    foreign.removed_at = clock.now()

    for key in (there.id, foreign.id):
        with pytest.raises(Refused, match="not removed here"):
            materials.restore(application, key, actor=actor)


def test_restore_refuses_when_the_kind_is_full(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    old = add(application, "photo", judged(picture(size=(8, 9)), "旧.png")).attachments[0]
    add(application, "photo", judged(picture(size=(9, 9)), "新.png"), replaces=old.id)

    with pytest.raises(Refused, match="does not fit any more"):
        materials.restore(application, old.id, actor=actor)


def test_restore_refuses_the_same_content_once_more(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    first = paper(application)
    materials.remove(application, first.id, actor=actor, at=clock.now())
    paper(application)

    with pytest.raises(Refused, match="there already"):
        materials.restore(application, first.id, actor=actor)


def test_restore_is_refused_once_handed_in(session: Session) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    first = paper(application)
    materials.remove(application, first.id, actor=actor, at=clock.now())
    application.state = ApplicationState.AT_UNIT
    session.flush()

    with pytest.raises(Refused, match="cannot be changed now"):
        materials.restore(application, first.id, actor=actor)


def test_a_file_moves_up_and_new_ones_come_last(app: Flask) -> None:
    application = factories.application()
    actor = owner_of(application.person)
    made = [paper(application, n, f"{n}.pdf") for n in (1, 2, 3)]

    materials.move_up(application, made[2].id, actor=actor)
    materials.move_up(application, made[0].id, actor=actor)
    paper(application, 4, "4.pdf")

    assert names(application) == ["1.pdf", "3.pdf", "2.pdf", "4.pdf"]


# which kinds


def test_asked_follows_the_way_of_applying_and_the_batch(app: Flask) -> None:
    batch = factories.batch(required_materials=["degree"])
    application = factories.application(batch=batch)

    found = asked(application)

    assert found["degree"].is_required
    assert "exceptional" not in found
    assert "notice_sheet" not in found


@pytest.mark.parametrize("mode", ["exceptional", "green", "transfer", "grassroots"])
def test_every_special_way_asks_for_its_proof(app: Flask, mode: str) -> None:
    application = factories.application(mode=ApplyMode(mode))

    assert asked(application)[{"green": "green_channel"}.get(mode, mode)].is_required


@pytest.mark.parametrize(("level", "is_required"), [(Level.SENIOR, True), (Level.CLERK, False)])
def test_a_high_level_asks_for_the_title_held(app: Flask, level: Level, is_required: bool) -> None:
    application = factories.application(level=level)

    assert asked(application)["current_title"].is_required is is_required


@pytest.mark.parametrize(
    ("series", "kind"), [("04", "clinical"), ("22", "teaching"), ("12", "work_pieces")]
)
def test_a_series_asks_for_its_own_proofs(app: Flask, series: str, kind: str) -> None:
    application = factories.application(
        title_code=factories.title(Level.ASSOCIATE, series).code, series_code=series
    )

    assert kind in asked(application)
    assert kind not in asked(factories.application())


def test_social_insurance_is_asked_of_enterprises_only(app: Flask) -> None:
    inside = factories.application(person=factories.person(employment=Employment.ENTERPRISE))
    public = factories.application(person=factories.person(employment=Employment.PUBLIC_POST))

    assert asked(inside)["social_insurance"].is_required
    assert "social_insurance" not in asked(public)
