"""Downloads of the applicant's own dossier: the printed 评审表 (PDF) and an Excel workbook."""

from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.ground import clock, in_force
from app.models import Application
from app.services.dossier import dossier
from app.views.base.access import guarded
from app.views.case.dossier_downloads import form_file, workbook_file
from app.views.dossier.hall_base import HallPage
from app.web.security import require_actor


class Documents(HallPage):
    """Download the present content of an application, submitted or not."""

    @expose("/application/<int:pk>/form.pdf")
    @guarded("show")
    @in_force.in_program_words()
    def form_pdf(self, pk: int) -> ResponseReturnValue:
        """Download the own 评审表 as PDF."""
        application = self.find(pk, require_actor())
        return form_file(application, _unmasked_sections(application), clock.now(), is_own=True)

    @expose("/application/<int:pk>/dossier.xlsx")
    @guarded("show")
    def dossier_xlsx(self, pk: int) -> ResponseReturnValue:
        """Download all own sections as an Excel workbook."""
        application = self.find(pk, require_actor())
        return workbook_file(application, _unmasked_sections(application), clock.now())

    def papers(self, application: Application) -> list[tuple[str, str]]:
        """Return (label, address) of both downloads, for the page of the application."""
        return [
            (gettext("Review form (PDF)"), self.url("form_pdf", pk=application.id)),
            (gettext("All sections (Excel)"), self.url("dossier_xlsx", pk=application.id)),
        ]


def _unmasked_sections(application: Application) -> list[dossier.Shown]:
    return dossier.display(application, is_masked=False)
