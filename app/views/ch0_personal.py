"""The personal hall (guide: 个人): my applications on the web and on the phone."""

from typing import Any, ClassVar

from flask_appbuilder import expose
from flask_babel import lazy_gettext as _

from app import clock
from app.enums import Role
from app.security import the_actor
from app.views import hall_pages
from app.views.base import guarded
from app.views.ch0_own import Messages, OwnCertificates, OwnData
from app.views.hall_choosing import Choosing
from app.views.hall_filling import Filling
from app.views.hall_handing_in import HandingIn
from app.views.hall_materials import Uploading


class Hall(Choosing, Filling, Uploading, HandingIn):
    """职称申报 in the web hall; the phone's pages are the same under /m."""

    route_base = "/me"
    label = _("Title application")
    purpose = _("Your applications, what is next, and the batches you can apply in.")
    roles = (Role.APPLICANT,)
    path: ClassVar[tuple[Any, ...]] = (
        _("Talent and personnel"),
        _("Professional and technical staff"),
        _("Title review"),
    )
    words: ClassVar[dict[str, Any]] = {
        "save": _("Save the application"),
        "upload": _("Upload application material"),
        "next": _("Save and next"),
        "submit": _("Submit"),
    }

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return self._show("me/home.html", home=hall_pages.home(self, the_actor(), clock.now()))

    @expose("/application/<int:pk>/")
    @guarded("show")
    def show(self, pk: int) -> Any:
        actor = the_actor()
        application = self.find(pk, actor)
        return self._show(
            "me/application.html",
            case=hall_pages.overview(self, application, actor, clock.now()),
            application=application,
        )


class Phone(Hall):
    """职称申报 on the phone: the same application, one section per step, the phone's words."""

    route_base = "/m"
    path = (_("Talent and personnel"),)
    words: ClassVar[dict[str, Any]] = {
        "save": _("Save for now"),
        "upload": _("Upload material"),
        "next": _("Next step"),
        "submit": _("Submit"),
    }
    is_phone = True


MENUS = (Hall, OwnCertificates, OwnData)
PLAIN = (Phone, Messages)
