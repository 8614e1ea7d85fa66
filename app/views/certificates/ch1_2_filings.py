"""Menu 1.2.7: filing the result of a meeting; the authority's agreement issues the certificates."""

from datetime import datetime
from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app import scopes
from app.enums import Role
from app.extensions import db
from app.forms.results import ApprovalForm, FilingForm
from app.ground.actor import Actor
from app.models import Filing
from app.services.certificates import filings
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column, cell_of
from app.views.base.declarations import Add, Button, Change
from app.views.meeting import meeting_link
from app.views.results import rank_lists
from app.views.results.result_sections import candidate_section, recomputed_section


def build_filing(data: dict[str, Any], actor: Actor, at: datetime) -> Filing:
    """Return an unsaved filing of one meeting from the form data."""
    return Filing(
        plan_id=data["plan_id"],
        document_number=data["document_number"],
        summary=data["summary"],
        reported_at=at,
    )


def change_filing(record: Filing, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write the form data into a returned filing."""
    record.document_number, record.summary = data["document_number"], data["summary"]


class FilingView(GuideView):
    """1.2.7 评审结果申请备案: the office files a result, the authority agrees or returns it."""

    guide = "1.2.7"
    label = _("Filing of review results")
    purpose = _(
        "One filing for one meeting, after its notice has ended without an open objection. The authority "
        "computes everything again; its agreement issues the certificates."
    )
    empty = _("No result has been filed yet.")
    roles = (Role.OFFICE, Role.HRSS)
    model = Filing
    scope = staticmethod(lambda actor: scopes.visible(Filing, actor))
    list_columns: ClassVar[list[str | Column]] = [
        "document_number",
        meeting_link.linked(Filing, "plan"),
        "plan.committee",
        "reported_at",
        "approval_number",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["document_number", "plan", "reported_at", "state"]
    add = Add(_p("filing", "File"), FilingForm, "file", build_filing)
    change = Change(
        _("File again"),
        FilingForm,
        "refile",
        load=lambda record: {"document_number": record.document_number, "summary": record.summary},
        apply=change_filing,
    )
    buttons = (
        Button(
            "audit",
            _("Audit"),
            events={"agree": _("Agree"), "return": _("Return for changes")},
            form=ApprovalForm,
            confirm=_("Decide on %(count)s filings; agreeing issues the certificates."),
        ),
    )

    todos = (
        Todo("decide", _("To be decided"), ("agree",)),
        Todo("refile", _("Returned, to be changed"), ("refile",)),
    )

    def name_of(self, record: Filing) -> str:
        return record.document_number

    def links(self, record: Filing, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Prove this result"), url_for("ResultProof.show", pk=record.plan_id))]

    def sections(self, record: Filing, actor: Actor) -> list[detail_sections.DetailSection]:
        names = [
            "document_number",
            "plan",
            "plan.committee",
            "reported_at",
            "approval_number",
            "state",
        ]
        figures = ["members", "present", "voted_on", "senior_cap", "associate_cap"]
        papers = detail_sections.files_of(record, record.plan, kinds=filings.attachment_labels())
        filing = detail_sections.pairs("filing", gettext("Filing"), record, names)
        head = filings.log_head(db.session(), record)
        filing.pairs.append((gettext("Head of the log chain when filed"), cell_of(head)))
        return [
            filing,
            detail_sections.pairs("meeting", gettext("Meeting"), record.plan, figures),
            detail_sections.text("summary", gettext("Summary of the meeting"), record.summary),
            recomputed_section(record),
            *(rank_lists.sections(record.plan) or [candidate_section(record.plan)]),
            papers,
        ]
