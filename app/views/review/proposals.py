"""Proposed acts that wait for the person responsible (tabs of 1.1.1, 1.1.3 and 1.2.1)."""

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, false

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import Proposal
from app.services.review import proposals
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.case.application import PROPOSED_ACT

CONFIRM = Button(
    "confirm",
    _("Confirm"),
    events={"confirm": _("Confirm"), "send_back": _("Send back to the handler")},
    confirm=_("Decide on %(count)s proposals; what you confirm is done at once."),
)
WITHDRAW = Button(
    "withdraw",
    _("Withdraw the proposal"),
    events={"withdraw": _("Withdraw the proposal")},
    tone="stop",
)


class ProposalView(GuideView):
    """What handlers of the actor's place have proposed; the person responsible confirms one or many."""

    slug = "proposals"
    tab_label = _("To be confirmed")
    purpose = _(
        "Steps that a handler has proposed. The person responsible confirms them, one or many at once, or sends them back; nothing moves before."
    )
    empty = _("No proposal waits for the person responsible.")
    model = Proposal
    scope = staticmethod(scopes.proposals_of_my_desk)
    waiting = ("confirm",)
    buttons = (CONFIRM, WITHDRAW)
    list_columns: ClassVar[list[str | Column]] = [
        "application.number",
        "application.name",
        "application.unit",
        "application.title",
        PROPOSED_ACT,
        "opinion",
        "proposer",
        "proposed_at",
    ]
    search_columns: ClassVar[list[str]] = ["application", "proposer", "proposed_at"]

    def name_of(self, record: Proposal) -> str:
        return str(record.application.name)

    def buttons_for(self, actor: Actor) -> list[Button]:
        """Offer the person responsible to confirm, handlers to withdraw."""
        return [
            one for one in super().buttons_for(actor) if (one.name == CONFIRM.name) is actor.is_head
        ]

    @classmethod
    def waiting_conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Only the person responsible has something to do here."""
        return cls.conditions(actor) if actor.is_head else [false()]

    def sections(self, record: Proposal, actor: Actor) -> list[detail_sections.DetailSection]:
        names = [*self.list_columns, "state", "answer"]
        shown = [detail_sections.pairs("basic", gettext("Proposed act"), record, names)]
        words = proposals.details_in_words(record)
        return (
            [*shown, detail_sections.text("details", gettext("Filled in"), words)]
            if words
            else shown
        )


class UnitProposalView(ProposalView):
    """1.1.1 Proposals of the unit's handlers, for the checks and for reporting."""

    guide = "1.1.1"
    label = _("Proposals of the handlers")
    roles = (Role.UNIT,)


class SuperiorProposalView(ProposalView):
    """1.1.3 Proposals of the superior unit's handlers."""

    guide = "1.1.3"
    label = _("Proposals of the handlers")
    roles = (Role.SUPERIOR,)


class OfficeProposalView(ProposalView):
    """1.2.1 Proposals of the committee office's handlers."""

    guide = "1.2.1"
    label = _("Proposals of the handlers")
    roles = (Role.OFFICE,)
