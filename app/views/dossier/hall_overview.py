"""Page of one application: its stages, who holds it, return reasons, receipt and possible acts."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from app import engine
from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Correction, MaterialKind, TransitionLog
from app.services.dossier import (
    completeness,
    dossier,
    new_application,
    return_reasons,
    submission_diff,
    submissions,
)
from app.services.dossier.submission_diff import SectionChange
from app.services.form.form_definition import MATERIALS
from app.services.registers import deadlines
from app.services.review import first_checks
from app.views.base import case_timeline
from app.views.base.aliases import Label, Page
from app.views.case import gaps, reminders, rule_pages
from app.views.dossier import hall_interview_card, hall_pages, hall_recusal_card
from app.views.dossier.hall_base import HallPage

SUBMIT_EVENTS = {
    ApplicationState.DRAFT: "submit",
    ApplicationState.RETURNED: "resubmit",
    ApplicationState.IN_CORRECTION: "answer_correction",
}
"""Workflow event of the button 提交, by state in which the applicant can submit."""
SENT = ("submit", "resubmit", "answer_correction")
STAGES: tuple[tuple[Label, tuple[ApplicationState, ...]], ...] = (
    (
        _("Filling in"),
        (ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.DISCARDED),
    ),
    (_("First check"), (ApplicationState.AT_UNIT,)),
    (
        _("Public notice"),
        (ApplicationState.CHECKED, ApplicationState.IN_NOTICE, ApplicationState.DISPUTED),
    ),
    (_("Recommendation and report"), (ApplicationState.NOTICE_OVER,)),
    (_("Superior review"), (ApplicationState.AT_SUPERIOR,)),
    (
        _("Qualification check"),
        (ApplicationState.AT_OFFICE, ApplicationState.IN_CORRECTION, ApplicationState.CORRECTED),
    ),
    (_("Review"), (ApplicationState.QUALIFIED, ApplicationState.IN_REVIEW)),
    (
        _("Notice of the result"),
        (
            ApplicationState.PASSED,
            ApplicationState.IN_RESULT_NOTICE,
            ApplicationState.RESULT_DISPUTED,
        ),
    ),
    (_("Filing"), (ApplicationState.RESULT_CLEAR, ApplicationState.IN_FILING)),
    (_("Certificate"), (ApplicationState.CERTIFIED, ApplicationState.REVOKED)),
)
"""All stages of an application in order, with the states that belong to each."""
SUPERIOR = 4
"""Index in `WAY` of the stage that applications without superior units skip."""


def overview(view: HallPage, application: Application, actor: Actor, at: datetime) -> Page:
    """Return the context of an application's page: stages, steps, gaps, holder, receipt, timeline, acts."""
    form = dossier.form_of(application)
    is_open = application.state in dossier.EDITABLE_STATES
    findings = completeness.evaluate_rules(application, at) if is_open else []
    lacking = completeness.missing(application, at, findings) if is_open else []
    warnings = completeness.warnings(application, at, findings) if is_open else []
    sent = _last_sent(application)
    slot = hall_interview_card.interview_of(application, actor)
    return {
        **hall_pages.card(view, application, at),
        **hall_pages.interview_parts(slot, actor, at),
        **_deadline(application),
        "way": stages(application),
        "steps": hall_pages.steps(view, application, form, lacking),
        "missing": [(gap, gaps.gap_url(view, application, gap)) for gap in lacking],
        "warnings": [(one, gaps.gap_url(view, application, one)) for one in warnings],
        "rules": rule_pages.rule_lines(view, application, at),
        "reminder": reminders.card(application, actor, at, view.url("show", pk=application.id)),
        "timeline": case_timeline.timeline(application, own=actor.user_id),
        "receipt": sent.receipt if sent else "",
        "receipt_url": view.url("receipt", pk=application.id) if sent else None,
        "reasons": reasons(view, application),
        "correction": correction(view, application),
        "acts": acts(application, actor, at),
        "earlier": new_application.earlier(application)
        if application.state is ApplicationState.DRAFT
        else None,
        "facts": facts(application),
        "recusal": hall_recusal_card.card(application, actor, at),
    }


def _deadline(application: Application) -> Page:
    """Return until when the present stage lasts, in words, and the extension that says so."""
    until = deadlines.of(application)
    return {
        "deadline": deadlines.words(until),
        "extended": deadlines.extended_text(until) if until else "",
    }


def stages(application: Application) -> list[Page]:
    """Return the stages from filling in to the certificate: done, current, or where it stopped."""
    here = _stage(application.state)
    is_stopped = here is None
    if here is None:
        here = _stage(_last_source(application)) or 0
    shown = [
        place
        for place in range(len(STAGES))
        if place != SUPERIOR or application.route or application.submitted_at is None
    ]
    return [
        {
            "label": STAGES[place][0],
            "is_done": place < here or application.state is ApplicationState.CERTIFIED,
            "is_now": place == here,
            "is_stopped": is_stopped and place == here,
        }
        for place in shown
    ]


def _stage(state: ApplicationState | str) -> int | None:
    return next((place for place, (_label, states) in enumerate(STAGES) if state in states), None)


def _last_source(application: Application) -> str:
    """Return the state before the last transition: where an application stood when it ended."""
    query = _logs(application).with_only_columns(TransitionLog.source).limit(1)
    return db.session.scalar(query) or ApplicationState.DRAFT.value


def _logs(application: Application) -> Select[tuple[TransitionLog]]:
    return (
        select(TransitionLog)
        .where(
            TransitionLog.subject_type == Application.__tablename__,
            TransitionLog.subject_id == application.id,
        )
        .order_by(TransitionLog.id.desc())
    )


def _last_sent(application: Application) -> TransitionLog | None:
    found: TransitionLog | None = db.session.scalars(
        _logs(application).where(TransitionLog.event.in_(SENT)).limit(1)
    ).one_or_none()
    return found


def facts(application: Application) -> list[tuple[str, Label]]:
    """Return the choices made when the application was begun, as (label, value)."""
    return [
        (gettext("Batch"), application.batch.name),
        (gettext("Committee"), application.committee.name),
        (gettext("Way of applying"), application.mode.label),
        (gettext("Series"), application.series.name),
        (gettext("Level"), application.level.label),
        (gettext("Title applied for"), application.title.name),
        (gettext("Specialty"), application.specialty.name),
        (gettext("Unit"), application.unit.name),
    ]


def reasons(view: HallPage, application: Application) -> list[Page]:
    """Return the reasons of the last return, each with links to its section and to the fields named."""
    named = return_reasons.reasons_of(application)
    if not any(one.text for one in named.values()):
        return []
    labels = _labels(application)
    places = dict(pair for rows in first_checks.places_of(application).values() for pair in rows)
    changed = submission_diff.changes_since_submission(application)
    return [
        {
            "label": labels.get(key, ""),
            "text": one.text,
            "url": _place_url(view, application, key) if key in labels else None,
            "fields": [
                {
                    "label": places.get(place, place),
                    "text": text,
                    "url": f"{_place_url(view, application, key)}#{_present_name(place, changed.get(key))}",
                }
                for place, text in one.fields.items()
            ],
        }
        for key, one in named.items()
        if one.text
    ]


def _present_name(place: str, changed: SectionChange | None) -> str:
    """Return the present name of a field of the last submission: rows may have moved since."""
    parts = place.split("-", 2)
    if changed is None or len(parts) != 3 or not parts[1].isdigit():
        return place
    now = changed.places.get(int(parts[1]))
    return place if now is None else f"rows-{now}-{parts[2]}"


def _labels(application: Application) -> dict[str, str]:
    """Return the names of sections and of kinds of material, by the keys a return or supplement uses."""
    form = dossier.form_of(application)
    named = {one.key: one.label for one in form.sections} | {MATERIALS: gettext("Other material")}
    codes = return_reasons.kinds_named(application)
    if codes:
        query = select(MaterialKind.code, MaterialKind.name).where(MaterialKind.code.in_(codes))
        named |= {f"{return_reasons.KIND}{code}": name for code, name in db.session.execute(query)}
    return named


def _place_url(view: HallPage, application: Application, key: str) -> str:
    if key.startswith(return_reasons.KIND):
        return f"{view.url('material', pk=application.id)}#kind-{key.removeprefix(return_reasons.KIND)}"
    if key == MATERIALS:
        return str(view.url("material", pk=application.id))
    return str(view.url("section", pk=application.id, key=key))


def correction(view: HallPage, application: Application) -> Page | None:
    """Return the supplement asked for now: its deadline and its items with links; None if none is due."""
    if application.state is not ApplicationState.IN_CORRECTION:
        return None
    query = select(Correction).where(Correction.application_id == application.id)
    asked = db.session.scalars(query).one_or_none()
    if asked is None:
        return None
    labels = _labels(application)
    entries = [_item(view, application, labels, item) for item in asked.items]
    until = deadlines.of(application)
    return {"deadline": until.day if until else asked.deadline, "entries": entries}


def _item(
    view: HallPage, application: Application, labels: Mapping[str, str], item: Mapping[str, str]
) -> Page:
    key = item.get("section") or MATERIALS
    return {
        "label": labels.get(key, ""),
        "text": item["text"],
        "url": _place_url(view, application, key),
    }


def receipt(view: HallPage, application: Application, at: datetime) -> Page | None:
    """Return the printed receipt of the last submission, None if nothing was submitted."""
    sent = _last_sent(application)
    if sent is None:
        return None
    card = hall_pages.card(view, application, at)
    return {
        "number": sent.receipt,
        "act": engine.workflow_of(application).rows[sent.event].label,
        "pairs": [
            (gettext("Receipt"), sent.receipt),
            (gettext("Application number"), application.number),
            (gettext("Name"), application.name),
            *facts(application),
            (gettext("Handed in"), _local_time(sent.at)),
            (gettext("Now with"), card["holder"] or "—"),
            (gettext("Since"), _local_time(application.held_since)),
            (gettext("Until"), _local_time(application.due_at)),
            (gettext("State"), card["state"]),
        ],
        "next": card["next"],
        "held": _submitted_parts(application),
    }


def _submitted_parts(application: Application) -> list[tuple[str, int, list[str]]]:
    """Return the content of the last submission: (section label, number of rows, file names)."""
    kept = submissions.latest(application)
    if kept is None:
        return []
    files: dict[str, list[str]] = {}
    for file in kept.files:
        files.setdefault(file["section"], []).append(file["name"])
    lines = [
        (label, len(kept.sections.get(key, [])), files.get(key, []))
        for key, label in _labels(application).items()
    ]
    return [line for line in lines if line[1] or line[2]]


def _local_time(value: datetime | None) -> str:
    return "—" if value is None else clock.text(value)


def acts(application: Application, actor: Actor, at: datetime) -> list[Page]:
    """Return the applicant's acts in the present state, each with the reason why it is refused now."""
    flow = engine.workflow_of(application)
    is_mere_draft = application.state is ApplicationState.DRAFT and application.submitted_at is None
    last = "discard" if is_mere_draft else "give_up"
    events = [SUBMIT_EVENTS.get(application.state), "take_back", last, "restore"]
    return [
        {
            "event": event,
            "label": flow.rows[event].label,
            "ask": ASKS.get(event),
            "why_not": engine.why_not(application, event, actor=actor, at=at),
        }
        for event in events
        if event and application.state in flow.rows[event].source
    ]


ASKS: dict[str, Label] = {
    "take_back": _(
        "Take the application back to change it? You can submit it again while the window is open."
    ),
    "give_up": _("Give up the application? It ends for good; you may begin another one this year."),
    "discard": _("Delete the draft? You can restore it until the batch closes."),
}
