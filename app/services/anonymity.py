"""What judges do not see of a candidate: never more than masked numbers, and in anonymous meetings no identity."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext

from app.actor import Actor
from app.enums import Role
from app.models import Application, Attachment
from app.services.dossier import Shown

IDENTITY_SECTIONS = frozenset({"applying", "basic", "work", "assessments"})
"""Sections that say who somebody is or where somebody works."""
IDENTITY_KINDS = frozenset(
    {
        "id_card", "photo", "social_insurance", "education", "degree", "current_title", "appointment",
        "assessment", "continuing_education", "commitment", "notice_sheet", "notice_proof",
        "objection_report", "quota_form", "roster",
    }
)  # fmt: skip
PRIVATE_KINDS = frozenset({"id_card"})
"""What no judge needs for a judgement in any meeting."""


def is_hidden(application: Application) -> bool:
    """Return whether judges must not learn who this candidate is."""
    return application.plan is not None and application.plan.is_anonymous


def name_of(application: Application) -> str:
    """Return how judges read of the candidate: by name, or by number in an anonymous meeting."""
    if not is_hidden(application):
        return application.name
    return gettext("Candidate %(number)s", number=application.number)


def sections(application: Application, shown: Sequence[Shown]) -> list[Shown]:
    """Return of a dossier what a judge reads."""
    hidden = is_hidden(application)
    kinds = IDENTITY_KINDS if hidden else PRIVATE_KINDS
    return [
        replace(one, attachments=[file for file in one.attachments if file.kind not in kinds])
        for one in shown
        if not (hidden and one.key in IDENTITY_SECTIONS)
    ]


def hides_file(attachment: Attachment, application: Application, actor: Actor) -> bool:
    """Return whether this file of a candidate does not exist for the judge."""
    if actor.role is not Role.JUDGE:
        return False
    return attachment.kind in (IDENTITY_KINDS if is_hidden(application) else PRIVATE_KINDS)
