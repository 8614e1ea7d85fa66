"""Menu 1.2.5, tab 纸质投票: rounds of online meetings that were voted on paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import scopes
from app.enums import Role
from app.extensions import db
from app.forms.paper_rounds import PaperForm
from app.ground.actor import Actor
from app.models import Plan, Round, RoundCandidate
from app.services.results import offline_results, paper_rounds
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button
from app.views.meeting import meeting_link


def build_round(data: dict[str, Any], actor: Actor, at: datetime) -> Round:
    """Return an unsaved paper round from the form data."""
    plan = db.session.get_one(Plan, data["plan_id"])
    return paper_rounds.draft(db.session(), plan, data["entry"], data["places"], at)


class PaperRoundView(GuideView):
    """纸质投票: rounds of online meetings voted on paper; a second person confirms the figures."""

    guide = "1.2.5"
    slug = "paper"
    label = _("Rounds held on paper")
    tab_label = _("Votes on paper")
    purpose = _(
        "Rounds that were voted on paper, of online meetings and the further ones of offline meetings: the office "
        "enters the figures from the signed sheet, a second person confirms them."
    )
    empty = _("No round has been held on paper.")
    roles = (Role.OFFICE,)
    names_judges = True
    model = Round
    scope = staticmethod(
        lambda actor: scopes.rounds_of_my_committees(actor) & Round.is_on_paper.is_(True)
    )
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Round, "plan"), meeting_link.round_title(), "members", "present", "closed_at", "counted_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "state"]
    todos = (
        Todo(
            "confirm",
            _("To be confirmed"),
            ("confirm_paper",),
            whose=lambda actor: Round.entered_by != actor.user_id,
        ),
    )
    add = Add(
        _("Enter a round held on paper"),
        PaperForm,
        "enter_paper",
        build_round,
        notes=(
            _(
                "Choose the meeting first. Candidates whose three fields stay empty were not voted on in "
                "this round."
            ),
        ),
    )
    buttons = (
        Button(
            "confirm",
            _("Check"),
            {
                "confirm_paper": _("Confirm the round held on paper"),
                "drop_paper": _("Drop the round held on paper"),
            },
            confirm=_("Confirm %(count)s round; its figures cannot be changed afterwards."),
        ),
    )

    def act_sections(
        self, button: Button, records: Sequence[Round], actor: Actor
    ) -> list[detail_sections.DetailSection]:
        """Return what the second person confirms: figures, all votes, and what follows from them."""
        if len(records) != 1:
            return []
        said = offline_results.consequence(db.session(), records[0].plan, records[0]).sentence
        due = detail_sections.text("due", gettext("What follows from the votes"), said)
        return [due, *self.sections(records[0], actor)]

    def act_result(self, event: str, records: Sequence[Round]) -> str:
        """Return what follows from the confirmed rounds."""
        if event != "confirm_paper":
            return ""
        plans = dict.fromkeys(one.plan for one in records)
        return " ".join(offline_results.consequence(db.session(), plan).sentence for plan in plans)

    def sections(self, record: Round, actor: Actor) -> list[detail_sections.DetailSection]:
        names = [
            "plan",
            meeting_link.round_title(),
            "places",
            "members",
            "present",
            "closed_at",
            "frozen_hash",
            "state",
        ]
        votes = db.session.scalars(
            select(RoundCandidate)
            .where(RoundCandidate.round_id == record.id)
            .options(joinedload(RoundCandidate.application))
            .order_by(RoundCandidate.position)
        )
        columns = ["position", "application", "eligible", "yes", "no", "abstain", "note"]
        return [
            detail_sections.pairs("round", gettext("Round"), record, names),
            detail_sections.table_of("votes", gettext("Votes"), list(votes), columns),
            detail_sections.files_of(record),
        ]


def links_to(plan: Plan) -> list[tuple[Label, str]]:
    """Return the links to the form and the Excel template of the round that is due in `plan`."""
    return [
        (
            gettext("Enter a round held on paper"),
            url_for("PaperRoundView.add_record", plan=plan.id),
        ),
        (
            gettext("Excel template of the round"),
            url_for("ResultView.round_template", pk=plan.id),
        ),
    ]
