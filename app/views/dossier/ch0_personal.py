"""The applicant's pages on the web (guide: 个人); `ch0_phone` serves the same pages for phones."""

from typing import ClassVar

from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.ground import clock
from app.models import Application
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.dossier import hall_overview, hall_pages, hall_todos
from app.views.dossier.ch0_own import OwnCertificates, OwnData
from app.views.dossier.hall_choosing import Choosing
from app.views.dossier.hall_documents import Documents
from app.views.dossier.hall_filling import Filling
from app.views.dossier.hall_interview import InterviewPages
from app.views.dossier.hall_materials import Uploading
from app.views.dossier.hall_prefill import Prefilling
from app.views.dossier.hall_recusal import Recusing
from app.views.dossier.hall_submission import SubmissionPages
from app.web.security import require_actor


class Hall(
    Choosing, Filling, Prefilling, Uploading, SubmissionPages, InterviewPages, Documents, Recusing
):
    """职称申报 on the web, under /me; `Phone` serves the same pages under /m."""

    route_base = "/me"
    label = _("Title application")
    purpose = _("Your applications, what is next, and the batches you can apply in.")
    roles = (Role.APPLICANT,)
    model = Application
    scope = staticmethod(scopes.own_person)
    todos = hall_todos.TODOS
    path: ClassVar[tuple[Label, ...]] = (
        _("Talent and personnel"),
        _("Professional and technical staff"),
        _("Title review"),
    )
    words: ClassVar[dict[str, Label]] = {
        "save": _("Save the application"),
        "upload": _("Upload application material"),
        "next": _("Save and next"),
        "submit": _("Submit"),
    }

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        """Show the person's applications and the open batches."""
        return self._show("me/home.html", home=hall_pages.home(self, require_actor(), clock.now()))

    @expose("/application/<int:pk>/")
    @guarded("show")
    def show(self, pk: int) -> ResponseReturnValue:
        """Show one application."""
        actor = require_actor()
        application = self.find(pk, actor)
        return self._show(
            "me/application.html",
            case=hall_overview.overview(self, application, actor, clock.now()),
            application=application,
        )


MENUS = (Hall, OwnCertificates, OwnData)
