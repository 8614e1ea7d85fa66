"""Template data of the applicant's pages: home, application cards, open batches, steps, messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from app import engine
from app.enums import FINAL, ApplicationState, Stage
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Interview, Message, Person
from app.services.dossier import (
    application_choices,
    completeness,
    dossier,
    return_reasons,
)
from app.services.dossier.completeness import Missing
from app.services.form import form_definition
from app.services.form.form_definition import MATERIALS, Form, SectionDef
from app.services.messages import message_links
from app.services.registers import deadlines
from app.services.registers.deadlines import Deadline
from app.todos.declared import Menu
from app.views.base import countdown
from app.views.base.aliases import Label, Page
from app.views.base.state_colours import tone_of
from app.views.dossier import hall_interview_card, hall_todos
from app.views.dossier.hall_base import HallPage

MESSAGES = 100
NEXT: dict[ApplicationState, Label] = {
    ApplicationState.DRAFT: _("Fill in the sections, upload the material and submit."),
    ApplicationState.AT_UNIT: _(
        "Your unit checks the application. Until it does so you can take it back."
    ),
    ApplicationState.RETURNED: _("Correct what is named below and submit again."),
    ApplicationState.CHECKED: _("Your unit puts the application into public notice."),
    ApplicationState.IN_NOTICE: _(
        "The notice runs for at least five working days; then your unit reports upwards."
    ),
    ApplicationState.DISPUTED: _("Your unit inquires into an objection."),
    ApplicationState.NOTICE_OVER: _("Your unit recommends and reports upwards."),
    ApplicationState.AT_SUPERIOR: _("The superior unit checks and passes on."),
    ApplicationState.AT_OFFICE: _("The committee's office checks the qualification."),
    ApplicationState.IN_CORRECTION: _(
        "Supply everything that was asked for, once and in time; otherwise it counts as given up."
    ),
    ApplicationState.CORRECTED: _("The committee's office checks what you supplied."),
    ApplicationState.QUALIFIED: _("The committee meets; nothing is to be done by you."),
    ApplicationState.IN_REVIEW: _("The committee reviews; nothing is to be done by you."),
    ApplicationState.PASSED: _("The result will be put into public notice."),
    ApplicationState.IN_RESULT_NOTICE: _(
        "The result is in public notice for at least five working days."
    ),
    ApplicationState.RESULT_DISPUTED: _("An objection to the result is inquired into."),
    ApplicationState.RESULT_CLEAR: _("The result is handed in for filing."),
    ApplicationState.IN_FILING: _(
        "The human resources authority decides on the filing; then the certificate is issued."
    ),
    ApplicationState.CERTIFIED: _("The certificate is ready under “My certificates”."),
    ApplicationState.FAILED: _("The review was not passed. You may apply again next year."),
    ApplicationState.ENDED: _(
        "Ended for this year; the reason stands in the timeline. You may apply again next year."
    ),
    ApplicationState.LAPSED: _(
        "The supplement was missed, so it ended for this year. You may apply again next year."
    ),
    ApplicationState.CANCELLED: _(
        "The pass was cancelled, after an objection or because of a bar; the reason stands in the timeline."
    ),
    ApplicationState.WITHDRAWN: _(
        "You withdrew it. While the window is open you can begin another one."
    ),
    ApplicationState.DISCARDED: _("Deleted by you. It can be restored until the batch closes."),
}


@dataclass(frozen=True)
class Step:
    """One step of filling in: a section of the form, or the upload of material."""

    key: str
    label: str
    url: str
    is_done: bool
    gaps: int
    reason: str
    why_closed: str | None


def home(view: HallPage, actor: Actor, at: datetime) -> Page:
    """Return the person's applications with the next step of each, deleted drafts, and the open batches."""
    mine = _found(Application.person_id == actor.person_id) if actor.person_id else []
    person = _person(actor)
    kept = [one for one in mine if one.state is not ApplicationState.DISCARDED]
    return {
        "lacks_unit": person is not None and person.unit_id is None,
        "applications": _cards(view, kept, actor, at),
        "discarded": [
            discarded(one, until, actor, at)
            for one, until in _deleted_drafts(mine, person)
            if not until.is_over(at)
        ],
        "offers": offers(view, actor, at, mine),
    }


def waiting(view: HallPage, menu: Menu, actor: Actor, at: datetime) -> list[Page]:
    """Return the cards of the applications that wait for their owner: those that `menu` counts."""
    return _cards(view, _found(hall_todos.waits(menu, actor)), actor, at)


def _found(condition: ColumnElement[bool]) -> Sequence[Application]:
    query = (
        select(Application)
        .where(condition)
        .options(
            joinedload(Application.holder),
            joinedload(Application.title),
            joinedload(Application.batch),
            joinedload(Application.committee),
        )
        .order_by(Application.id.desc())
    )
    return db.session.scalars(query).all()


def _cards(view: HallPage, shown: Sequence[Application], actor: Actor, at: datetime) -> list[Page]:
    is_reviewed = any(one.state is ApplicationState.IN_REVIEW for one in shown)
    invited = hall_interview_card.interviews_under_review(actor) if is_reviewed else {}
    return [card(view, one, at) | interview_parts(invited.get(one.id), actor, at) for one in shown]


def interview_parts(slot: Interview | None, actor: Actor, at: datetime) -> Page:
    """Return what the interview says on the card of its application, nothing if there is none."""
    if slot is None:
        return {"interview": None}
    shown = hall_interview_card.card(slot, actor, at)
    return {"interview": shown} | ({"next": shown["next"]} if shown["next"] else {})


def _deleted_drafts(
    mine: Sequence[Application], person: Person | None
) -> list[tuple[Application, Deadline]]:
    """Return the deleted drafts, each with the day until which the person may still apply in its batch."""
    found = [one for one in mine if one.state is ApplicationState.DISCARDED]
    if not found or person is None:
        return []
    units = {one.unit_id for one in found}
    known = deadlines.of_batches(
        db.session(), list({one.batch for one in found}), deadlines.concern(person.id, units)
    )
    return [(one, known.deadline(deadlines.case_of(one), Stage.APPLY)) for one in found]


def discarded(application: Application, until: Deadline, actor: Actor, at: datetime) -> Page:
    """Return a deleted draft: until when it can be restored, and why it cannot be restored now."""
    return {
        "record": application,
        "until": until.moment,
        "why_not": engine.why_not(application, "restore", actor=actor, at=at),
    }


def card(view: HallPage, application: Application, at: datetime) -> Page:
    """Return the card of one application on the applicant's home page."""
    return {
        "record": application,
        "url": view.url("show", pk=application.id),
        "state": application.state.label,
        "tone": tone_of(application.state),
        "holder": holder_text(application),
        "next": NEXT.get(application.state, ""),
        "countdown": countdown.countdown_to(application.due_at, at),
        "is_mine": application.state in dossier.EDITABLE_STATES,
    }


def offers(
    view: HallPage, actor: Actor, at: datetime, own: Sequence[Application] | None = None
) -> Page:
    """Return the open batches with the time left, and the reason if none can be used.

    `own`: all applications of the person, where they are at hand.
    """
    person = _person(actor)
    if person is None:
        return {
            "rows": [],
            "why_none": gettext(
                "Your account has no personal data yet. Ask your unit, or register again."
            ),
        }
    found = application_choices.offers(db.session(), person, at, own)
    return {
        "why_none": application_choices.why_none(person, found, at),
        "rows": [
            {
                "batch": one.batch,
                "why_not": one.why_not,
                "last": one.deadline.day,
                "extended": deadlines.extended_text(one.deadline),
                "left": _window_text(one, at),
                "countdown": _window_countdown(one, at),
                "url": view.url("apply", batch=one.batch.id),
                "levels": gettext(", ").join(
                    str(level.label) for level in application_choices.levels(one.batch)
                ),
            }
            for one in found
        ],
    }


def holder_text(application: Application) -> str:
    """Return the name of the unit that holds the application, "you" for the applicant, or an empty text."""
    if application.holder is not None:
        return str(application.holder.name)
    return gettext("you") if application.held_since and application.state not in FINAL else ""


def _window_text(offer: application_choices.Offer, at: datetime) -> str:
    if at < clock.start_of_day(offer.batch.apply_start):
        return gettext("begins on %(day)s", day=offer.batch.apply_start)
    return countdown.left_text(offer.deadline.moment, at)


def _window_countdown(offer: application_choices.Offer, at: datetime) -> countdown.Countdown | None:
    if at < clock.start_of_day(offer.batch.apply_start):
        return None
    return countdown.countdown_to(offer.deadline.moment, at)


def _person(actor: Actor) -> Person | None:
    if actor.person_id is None:
        return None
    return db.session.get(Person, actor.person_id, options=[joinedload(Person.unit)])


def steps(
    view: HallPage, application: Application, form: Form, gaps: Sequence[Missing]
) -> list[Step]:
    """Return the steps of filling in, in their order."""
    saved = dossier.stored(application)
    made = [
        Step(
            one.key,
            one.label,
            view.url("section", pk=application.id, key=one.key),
            one.key in saved and not _gaps_of(gaps, one),
            _gaps_of(gaps, one),
            return_reasons.section_text(application, one.key),
            dossier.why_closed(application, one.key),
        )
        for one in form.sections
    ]
    lacking = sum(gap.section == MATERIALS for gap in gaps)
    material = Step(
        MATERIALS,
        gettext("Upload application material"),
        view.url("material", pk=application.id),
        application.state not in dossier.EDITABLE_STATES or lacking == 0,
        lacking,
        "\n".join(
            why
            for key, one in return_reasons.reasons_of(application).items()
            if (why := one.text) and (key == MATERIALS or key.startswith(return_reasons.KIND))
        ),
        None,
    )
    return [*made, material]


def _gaps_of(gaps: Sequence[Missing], section: SectionDef) -> int:
    own = sum(gap.section == section.key for gap in gaps)
    sources = {one.source for one in section.fields if one.source}
    return own + sum(gap.section == completeness.PERSON and gap.field in sources for gap in gaps)


def source_pairs(section: SectionDef, application: Application) -> list[tuple[str, str]]:
    """Return a section's prefilled values as (label, text), unmasked except the ID number."""
    return [
        (
            one.label,
            dossier.source_text(one, application, is_masked=one.source == "id_number") or "—",
        )
        for one in section.fields
        if one.source
    ]


def offered(form: Form) -> form_definition.Offered:
    """Return the choices that the dictionaries offer for the fields of `form`."""
    return form_definition.offered(db.session(), form)


def messages_of(actor: Actor) -> list[Page]:
    """Return the latest messages of the account, new ones marked."""
    query = (
        select(Message)
        .where(Message.user_id == actor.user_id)
        .order_by(Message.id.desc())
        .limit(MESSAGES)
    )
    return [
        {
            "is_new": one.read_at is None,
            "url": one.url,
            "title": one.subject,
            "at": one.sent_at,
            "parts": list(message_links.parts(one.body)),
        }
        for one in db.session.scalars(query)
    ]
