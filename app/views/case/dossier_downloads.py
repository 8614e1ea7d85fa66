"""Downloads of a dossier: the printed review form (评审表, PDF) and an Excel workbook."""

from collections.abc import Sequence
from datetime import datetime

from flask import Response
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.extensions import db
from app.ground import clock, in_force
from app.ground.actor import Actor
from app.models import Application
from app.services.certificates import reviewer_boxes
from app.services.dossier import dossier_export, review_form
from app.services.dossier.dossier import Shown
from app.services.exports import workbook
from app.services.ground.audit import audit
from app.services.review import custody
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.case import case_changes
from app.web.security import require_actor

PDF = "application/pdf"


class DossierDownloadView(GuideView):
    """Download routes of the menus that show applications; files hold the dossier as last submitted."""

    @expose("/<int:pk>/form.pdf")
    @guarded("show")
    @in_force.in_program_words()
    def form_pdf(self, pk: int) -> ResponseReturnValue:
        """Show the review form; whoever has the application in hand gets it with full numbers."""
        actor = require_actor()
        application = self.find(pk, actor)
        is_full = custody.has_in_hand(application, actor)
        if is_full:
            audit("full_form", actor=actor, subject=f"application:{application.id}")
            db.session.commit()
        shown = case_changes.submitted_sections(application, is_masked=not is_full)
        return form_file(application, shown, clock.now())

    @expose("/<int:pk>/dossier.xlsx")
    @guarded("show")
    def dossier_xlsx(self, pk: int) -> ResponseReturnValue:
        application = self.find(pk, require_actor())
        return workbook_file(application, case_changes.submitted_sections(application), clock.now())

    def links(self, record: Application, actor: Actor) -> list[tuple[Label, str]]:
        return [
            *super().links(record, actor),
            (gettext("Review form (PDF)"), self.url("form_pdf", pk=record.id)),
            (gettext("All sections (Excel)"), self.url("dossier_xlsx", pk=record.id)),
        ]


def form_file(
    application: Application, shown: Sequence[Shown], at: datetime, *, is_own: bool = False
) -> Response:
    """Return the review form as a PDF response that the browser displays."""
    boxes = reviewer_boxes.boxes(application, is_own=is_own)
    content = review_form.review_form_pdf(application, shown, boxes, at=at)
    return workbook.attachment(content, f"{application.number}.pdf", PDF, is_shown=True)


def workbook_file(application: Application, shown: Sequence[Shown], at: datetime) -> Response:
    """Return the Excel workbook as a download response."""
    content = dossier_export.dossier_xlsx(application, shown, at=at)
    return workbook.attachment(content, f"{application.number}.xlsx", workbook.XLSX)
