"""Removes what judges must not see: private data always, the identity in anonymous meetings."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from flask_babel import gettext

from app.enums import Role
from app.ground.actor import Actor
from app.models import Application, Attachment
from app.services.dossier import dossier
from app.services.dossier.dossier import Shown
from app.services.form.form_parts import SectionDef

IDENTITY_SECTIONS = frozenset({"applying", "basic", "work", "assessments"})
"""Sections that reveal the identity or the workplace of a candidate."""
IDENTITY_KINDS = frozenset(
    {
        "id_card", "photo", "social_insurance", "education", "degree", "current_title", "appointment",
        "assessment", "continuing_education", "commitment", "notice_sheet", "notice_proof",
        "objection_report", "quota_form", "roster",
    }
)  # fmt: skip
PRIVATE_KINDS = frozenset({"id_card", "social_insurance", "roster"})
"""Kinds of attachments hidden in every meeting, because they show ID numbers or other people."""
PRIVATE_FIELDS = frozenset({"id_number", "phone", "email", "address"})
IDENTITY_FIELDS = frozenset({"hired_by", "unit", "unit_name", "witness", "department"})
"""Fields, by key or source, hidden in anonymous meetings like IDENTITY_KINDS and IDENTITY_SECTIONS."""


def is_hidden(application: Application) -> bool:
    """Return whether the candidate's identity is hidden from judges (anonymous meeting)."""
    return application.plan is not None and application.plan.is_anonymous


def name_of(application: Application) -> str:
    """Return the candidate's name as judges see it: the application number in an anonymous meeting."""
    if not is_hidden(application):
        return application.name
    return gettext("Candidate %(number)s", number=application.number)


def sections(application: Application, shown: Sequence[Shown]) -> list[Shown]:
    """Return the sections of a dossier a judge may see, without hidden columns and attachments."""
    hidden = is_hidden(application)
    form = dossier.form_of(application)
    return [
        _without_hidden(one, form.section(one.key), hidden=hidden)
        for one in shown
        if not (hidden and one.key in IDENTITY_SECTIONS)
    ]


def _without_hidden(shown: Shown, section: SectionDef | None, *, hidden: bool) -> Shown:
    keys = PRIVATE_FIELDS | (IDENTITY_FIELDS if hidden else frozenset())
    labels = (
        {one.label for one in section.fields if {one.key, one.source} & keys} if section else set()
    )
    kinds = IDENTITY_KINDS if hidden else PRIVATE_KINDS
    visible = [place for place, label in enumerate(shown.columns) if label not in labels]
    return replace(
        shown,
        columns=[shown.columns[place] for place in visible],
        rows=[[row[place] for place in visible] for row in shown.rows],
        attachments=[file for file in shown.attachments if file.kind not in kinds],
    )


def file_name(attachment: Attachment, application: Application) -> str:
    """Return the file name as judges see it.

    File names contain names of people, so anonymous meetings show the numbers of application and attachment.
    """
    if not is_hidden(application):
        return attachment.name
    suffix = PurePath(attachment.name).suffix
    return f"{application.number}-{attachment.id}{suffix}"


def hides_file(attachment: Attachment, application: Application, actor: Actor) -> bool:
    """Return whether the actor is a judge who must not see this file of a candidate."""
    if actor.role is not Role.JUDGE:
        return False
    return attachment.kind in (IDENTITY_KINDS if is_hidden(application) else PRIVATE_KINDS)
