"""What was handed in is kept, with every hand-in, and is what staff go on seeing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ApplicationState, Role, Sex
from app.ground import clock
from app.models import Application, Attachment, Submission, TransitionLog
from app.services.dossier import dossier, submissions
from app.services.files import attached_files
from tests.services import dossiers
from tests.services.dossiers import owner_of
from tests.support import factories


def ready(state: ApplicationState = ApplicationState.DRAFT, **values: Any) -> Application:
    """Make an application that can be handed in."""
    unit = factories.unit()
    person = factories.person(unit=unit, sex=Sex.MALE)
    application = factories.application(state, unit=unit, person=person, **values)
    factories.route(application.committee, unit)
    filled = application.state
    application.state = ApplicationState.DRAFT
    dossiers.fill(application)
    dossiers.upload(application)
    dossiers.commit(application)
    application.state = filled
    return application


def hand_in(application: Application, event: str = "submit") -> TransitionLog:
    dossiers.commit(application)
    return engine.fire(application, event, actor=owner_of(application.person), at=clock.now())


def change(application: Application, key: str, rows: list[dict[str, Any]]) -> None:
    saved = dossier.stored(application)[key]
    dossier.save_section(
        application,
        key,
        rows,
        actor=owner_of(application.person),
        at=clock.now(),
        seen_revision=saved.revision,
    )


def test_submit_keeps_the_rows_and_the_files(app: Flask, session: Session) -> None:
    application = ready()

    log = hand_in(application)

    kept = session.scalars(select(Submission)).one()
    assert (kept.event, kept.handed_in_at) == ("submit", log.at)
    assert kept.sections["work"] == dossier.stored(application)["work"].rows
    assert {one["digest"] for one in kept.files} == {
        one.file.digest for one in attached_files.attachments_of(application)
    }
    assert all(one["section"] and one["name"] for one in kept.files)


def test_refused_submit_keeps_nothing(app: Flask, session: Session) -> None:
    application = ready()
    actor = owner_of(application.person)
    dossier.touch(application)

    with pytest.raises(Refused):
        engine.fire(application, "submit", actor=actor, at=clock.now())

    assert session.scalar(select(func.count(Submission.id))) == 0


def test_every_hand_in_is_kept(app: Flask) -> None:
    application = ready(
        ApplicationState.RETURNED, returned_sections={"work": "请核对", "": "请核对"}
    )

    hand_in(application, "resubmit")
    application.state = ApplicationState.RETURNED
    change(application, "work", [dossiers.ROWS["work"][0] | {"work": "隧道设计"}])
    hand_in(application, "resubmit")

    first, second = submissions.submissions_of(application)
    assert (first.event, second.event) == ("resubmit", "resubmit")
    assert first.sections["work"][0]["work"] != second.sections["work"][0]["work"]
    assert submissions.latest(application) is second


def test_staff_see_the_last_hand_in_while_it_is_changed(app: Flask) -> None:
    application = ready()
    hand_in(application)
    application.state, application.returned_sections = ApplicationState.RETURNED, {"": "请修改"}
    change(application, "work", [dossiers.ROWS["work"][0] | {"work": "半途修改"}])

    held = submissions.for_staff(application)

    assert held is not None
    assert held.sections["work"][0]["work"] == dossiers.ROWS["work"][0]["work"]


def test_staff_see_the_present_text_once_it_is_handed_in(app: Flask) -> None:
    application = ready()
    hand_in(application)

    assert submissions.for_staff(application) is None


def test_removed_file_of_a_hand_in_stays_readable(app: Flask) -> None:
    application = ready()
    hand_in(application)
    held = submissions.latest(application)
    assert held is not None
    removed = attached_files.attachments_of(application)[0]
    attached_files.detach(removed, clock.now())

    shown = submissions.attachments(application, submissions.content(held))

    assert removed in shown
    assert submissions.is_kept(removed)


def test_new_file_is_not_seen_before_it_is_handed_in(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    user = factories.user(person=person)
    application = factories.application(ApplicationState.RETURNED, person=person)
    factories.add(
        Submission(
            application_id=application.id,
            event="submit",
            handed_in_at=clock.now() - timedelta(days=1),
            sections={},
            files=[],
        )
    )
    own: Attachment = factories.attachment(application, "education", name="新.pdf")
    proof: Attachment = factories.attachment(application, "proof", name="公示证明.pdf")
    own.added_by, proof.added_by = user.id, factories.user().id

    assert submissions.is_unseen(own)
    assert not submissions.is_unseen(proof)
    application.state = ApplicationState.AT_UNIT
    assert not submissions.is_unseen(own)


def test_answer_to_a_supplement_is_kept(app: Flask) -> None:
    from app.models import Correction

    application = ready(
        ApplicationState.IN_CORRECTION, returned_sections={"kind:education": "请重新上传"}
    )
    factories.add(
        Correction(
            application_id=application.id,
            items=[{"section": "kind:education", "text": "请重新上传"}],
            deadline=factories.in_days(5),
            asked_at=clock.now(),
        )
    )

    hand_in(application, "answer_correction")

    assert [one.event for one in submissions.submissions_of(application)] == ["answer_correction"]
    assert application.returned_sections == {}


@pytest.mark.parametrize("role", [Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS])
def test_deleted_draft_is_seen_by_its_owner_alone(app: Flask, role: Role) -> None:
    from app import scopes

    unit = factories.unit()
    application = factories.application(ApplicationState.DISCARDED, unit=unit)
    place = {"committee": application.committee} if role is Role.OFFICE else {"unit": unit}
    staff = factories.actor(role, **place)

    def seen(who: Any) -> list[Application]:
        query = select(Application).where(scopes.visible(Application, who))
        return list(app.extensions["sqlalchemy"].session.scalars(query))

    assert seen(staff) == []
    assert seen(owner_of(application.person)) == [application]
