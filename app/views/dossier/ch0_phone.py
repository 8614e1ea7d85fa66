"""职称申报 on the phone (guide: 首页 – 人才人事 – 职称申报), as an installable web app.

The application is the same as on the web; the phone shows one section per step.
"""

from typing import ClassVar

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import Role
from app.ground import clock
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.dossier import hall_pages
from app.views.dossier.ch0_personal import Hall
from app.views.dossier.hall_base import Crumbs
from app.web.security import require_actor

ICONS = (("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"))
KEPT = (
    "vendor/bootstrap/bootstrap.min.css",
    "vendor/bootstrap/bootstrap.bundle.min.js",
    "shell.css",
    "hall.css",
    "shell.js",
    "js/forms.js",
    "js/lookup.js",
    "js/phone.js",
    "seal.svg",
)
"""Static files that the service worker caches on the first visit."""


class Phone(Hall):
    """The applicant's pages under /m, with the breadcrumbs and button labels of the phone."""

    route_base = "/m"
    path: ClassVar[tuple[Label, ...]] = (_("Talent and personnel"),)
    words: ClassVar[dict[str, Label]] = {
        "save": _("Save for now"),
        "upload": _("Upload material"),
        "next": _("Next step"),
        "submit": _("Submit"),
    }
    is_phone = True

    @expose("/")
    @guarded("list")
    def start(self) -> ResponseReturnValue:
        """Show the start page (首页): links to all pages, pending applications, unread messages."""
        return self._show(
            "phone/start.html",
            waiting=hall_pages.waiting(self, Hall, require_actor(), clock.now()),
        )

    @expose("/talent/")
    @guarded("list")
    def talent(self) -> ResponseReturnValue:
        """Show the page 人才人事 of the guide's path."""
        return self._show("phone/talent.html")

    @expose("/titles/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        """Show the page 职称申报 with the person's applications."""
        return super().list()

    def crumbs(self) -> Crumbs:
        """Return the breadcrumbs of the phone's pages."""
        return [
            (gettext("Home"), self.url("start")),
            (self.path[0], self.url("talent")),
            (self.label, self.url("list")),
        ]


class PhoneApp(BaseView):
    """Web app manifest, service worker and offline page; the same for everybody, so without sign-in."""

    route_base = "/m/app"
    roles: ClassVar[tuple[Role, ...]] = ()
    base_permissions: list[str] = []

    @expose("/manifest.webmanifest")
    def manifest(self) -> ResponseReturnValue:
        """Answer the web app manifest: name, icons and start page of the installed app."""
        name = gettext("Professional title application and review")
        answer = make_response(
            {
                "id": "/m/",
                "name": name,
                "short_name": gettext("Title application"),
                "lang": "zh-Hans-CN",
                "start_url": url_for("Phone.start"),
                "scope": url_for("Phone.start"),
                "display": "standalone",
                "background_color": "#ffffff",
                "theme_color": "#1d5fa8",
                "icons": [_icon(size, purpose) for size, purpose in ICONS],
            }
        )
        answer.mimetype = "application/manifest+json"
        return answer

    @expose("/worker.js")
    def worker(self) -> ResponseReturnValue:
        """Answer the service worker: it caches static files and shows the offline page without a network."""
        kept = [url_for("static", filename=name) for name in KEPT]
        offline = url_for("PhoneApp.offline")
        script = render_template("phone/worker.js", kept=[*kept, offline], offline=offline)
        answer = Response(script, mimetype="text/javascript")
        answer.headers["Service-Worker-Allowed"] = url_for("Phone.start")
        return answer

    @expose("/offline")
    def offline(self) -> ResponseReturnValue:
        """Answer the page shown when the server cannot be reached."""
        return render_template("phone/offline.html")


def _icon(size: str, purpose: str) -> dict[str, str]:
    side, tail = size.partition("x")[0], "-maskable" if purpose == "maskable" else ""
    source = url_for("static", filename=f"phone/icon-{side}{tail}.png")
    return {"src": source, "sizes": size, "type": "image/png", "purpose": purpose}
