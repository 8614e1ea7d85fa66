"""Objections to a unit's notice (1.1.1), and complaints about its head at the superior unit (1.1.3)."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.extensions import db
from app.forms.review import ObjectionForm, SettleForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import NoticeItem, Objection
from app.services.review import objections
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button


def build_objection(data: dict[str, Any], actor: Actor, at: datetime) -> Objection:
    """Return an unsaved objection from the form data; the form offers only notices of the own unit."""
    item = db.session.get_one(NoticeItem, data["item_id"])
    return objections.draft(
        notice=item.notice,
        application_id=item.application_id,
        content=data["content"],
        received_at=data["received_at"],
        author=data["author"] or None,
        contact=data["contact"] or None,
        is_about_leader=data.get("is_about_leader", False),
    )


class ObjectionView(GuideView):
    """1.1.1 Objections to the unit's notices."""

    guide = "1.1.1"
    slug = "objections"
    label = _("Objections during the notice")
    tab_label = _("Objections")
    purpose = _(
        "Objections that came in while a notice hung. The application waits until the objection is settled with written findings."
    )
    empty = _("No objection has been registered.")
    roles = (Role.UNIT,)
    model = Objection
    scope = staticmethod(scopes.objections_of_own_unit)
    list_columns: ClassVar[list[str | Column]] = [
        "application",
        "notice.title",
        "received_at",
        "due_on",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["received_at", "due_on", "state"]
    add: ClassVar[Add | None] = Add(_("New"), ObjectionForm, "register", build_objection)
    buttons = (
        Button(
            "settle",
            _("Settle"),
            events={
                "reject": _("Not upheld, goes on"),
                "uphold_return": _("Upheld, return for changes"),
                "uphold_end": _("Upheld, end for this year"),
            },
            form=SettleForm,
        ),
    )

    def name_of(self, record: Objection) -> str:
        return str(record.application.name)

    def is_late(self, record: Objection) -> bool:
        """Return whether the objection is overdue and has no findings yet."""
        return bool(record.due_on < clock.local_date(clock.now())) and record.findings == ""

    def sections(self, record: Objection, actor: Actor) -> list[detail_sections.DetailSection]:
        """Return the objection's sections; only its handler sees who raised it."""
        names = [
            "application",
            "application.number",
            "notice.title",
            "received_at",
            "due_on",
            "state",
        ]
        if objections.handles(record, record.notice, actor):
            names += ["author", "contact"]
        shown = [
            detail_sections.pairs("basic", gettext("Objection"), record, names),
            detail_sections.text("content", gettext("Content"), record.content),
        ]
        if record.findings:
            shown.append(detail_sections.text("findings", gettext("Findings"), record.findings))
        return [*shown, detail_sections.files_of(record, label=gettext("Evidence"))]


class ComplaintView(ObjectionView):
    """1.1.3 Complaints about heads of subordinate units, passed up by those units."""

    guide = "1.1.3"
    slug = "complaints"
    label = _("Complaints handed up")
    tab_label = _("Complaints handed up")
    purpose = _(
        "Objections that concern the head of a unit below yours. Your unit inquires and settles them with written findings."
    )
    empty = _("No complaint has been handed up to your unit.")
    roles = (Role.SUPERIOR,)
    scope = staticmethod(scopes.objections_handed_up)
    list_columns: ClassVar[list[str | Column]] = [
        "application",
        "notice.unit",
        "received_at",
        "due_on",
        "state",
    ]
    add: ClassVar[Add | None] = None
