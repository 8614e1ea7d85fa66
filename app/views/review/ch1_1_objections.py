"""Objections to a unit's notice (1.1.1), at superior units (1.1.3) and at authorities (1.1.4)."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app import scopes
from app.engine import Refused
from app.enums import NoticeState, Role
from app.extensions import db
from app.forms.review import ObjectionForm, ReceivedObjectionForm, SettleForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Notice, NoticeItem, Objection
from app.services.review import objections
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button


def build_objection(data: dict[str, Any], actor: Actor, at: datetime) -> Objection:
    """Return an unsaved objection from the form data: a choice offered by the form, or a number in scope."""
    number = data.get("number")
    item = (
        _item_of_number(number, actor)
        if number
        else db.session.get_one(NoticeItem, data["item_id"])
    )
    return objections.draft(
        notice=item.notice,
        application_id=item.application_id,
        content=data["content"],
        received_at=data["received_at"],
        author=data["author"] or None,
        contact=data["contact"] or None,
        is_about_staff=data.get("is_about_staff", False),
    )


def _item_of_number(number: str, actor: Actor) -> NoticeItem:
    """Return the latest place in a notice of the application with this number, if the actor may see either."""
    named = (
        select(NoticeItem)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .join(Application, Application.id == NoticeItem.application_id)
        .where(
            Application.number == number,
            Notice.state != NoticeState.CANCELLED,
            scopes.visible(Notice, actor) | scopes.visible(Application, actor),
        )
        .order_by(Notice.id.desc())
    )
    found = db.session.scalars(named.limit(1)).first()
    if found is None:
        raise Refused(
            gettext(
                "No application with this number stands in a notice within your scope. Check the number."
            ),
            "number",
        )
    return found


TAKE_OVER = Button(
    "take_over",
    _("Take over"),
    events={"take_over": _("Take over")},
    confirm=_("Take over %(count)s objections; your unit then inquires and settles them."),
    tone="",
)
SETTLE = Button(
    "settle",
    _("Settle"),
    events={
        "reject": _("Not upheld, goes on"),
        "uphold_return": _("Upheld, return for changes"),
        "uphold_end": _("Upheld, end for this year"),
    },
    form=SettleForm,
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
    waiting: ClassVar[tuple[str, ...]] = ("reject",)
    list_columns: ClassVar[list[str | Column]] = [
        "application",
        "notice.title",
        "received_at",
        "due_on",
        "unit",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["received_at", "due_on", "state"]
    add: ClassVar[Add | None] = Add(_("New"), ObjectionForm, "register", build_objection)
    buttons: ClassVar[tuple[Button, ...]] = (SETTLE,)

    @classmethod
    def conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """List settled objections too."""
        return [cls.scope(actor)]

    @classmethod
    def waiting_conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Count the open objections that the actor's own body has to settle."""
        return [
            cls.scope(actor),
            scopes.objections_in_hand(actor),
            cls.model.state.in_(cls.waiting_states()),
        ]

    def is_waiting_for(self, record: Objection, button: Button, actor: Actor) -> bool:
        """Offer to settle what the own body has in hand, and to take over what another one has."""
        is_in_hand = objections.handles(record, record.application, actor)
        is_offered = is_in_hand is (button.name != TAKE_OVER.name)
        return is_offered and super().is_waiting_for(record, button, actor)

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
            "unit",
            "is_about_staff",
            "recorded_unit",
            "state",
        ]
        if objections.handles(record, record.application, actor):
            names += ["author", "contact"]
        shown = [
            detail_sections.pairs("basic", gettext("Objection"), record, names),
            detail_sections.text("content", gettext("Content"), record.content),
        ]
        if record.findings:
            shown.append(detail_sections.text("findings", gettext("Findings"), record.findings))
        return [*shown, detail_sections.files_of(record, label=gettext("Evidence"))]


class ComplaintView(ObjectionView):
    """1.1.3 Objections that a superior unit received or has in hand, and all of the units below it."""

    guide = "1.1.3"
    slug = "complaints"
    label = _("Objections and complaints")
    tab_label = _("Objections and complaints")
    purpose = _(
        "Objections that your unit inquires into, and those of the units below yours, which it may take over: nobody inquires into their own case."
    )
    empty = _("No objection against an application of a unit below yours has been registered.")
    roles = (Role.SUPERIOR,)
    scope = staticmethod(scopes.objections_of_units_below)
    list_columns: ClassVar[list[str | Column]] = [
        "application",
        "notice.unit",
        "received_at",
        "due_on",
        "unit",
        "state",
    ]
    add: ClassVar[Add | None] = Add(_("New"), ReceivedObjectionForm, "register", build_objection)
    buttons = (SETTLE, TAKE_OVER)


class AuthorityComplaintView(ComplaintView):
    """1.1.4 Objections that an authority received or has in hand, and all of its region."""

    guide = "1.1.4"
    slug = "complaints"
    label = _("Complaints at the authority")
    tab_label = _("Complaints")
    purpose = _(
        "Objections that the authority inquires into: about a committee's office, about units without a superior, about filed results. It may take over any objection of its region."
    )
    empty = _("No objection has been registered in your region.")
    roles = (Role.HRSS,)
    scope = staticmethod(scopes.objections_of_my_region)
