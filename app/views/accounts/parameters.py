"""The page on which a system administrator changes the named numbers."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import settings
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.models import Consent
from app.services.accounts import parameters
from app.services.ground import versions
from app.validators import Invalid
from app.views.accounts.asking import done_or_asked
from app.views.base.access import guarded
from app.views.base.base import PageView
from app.web.security import require_actor


class ParameterView(PageView):
    """GET the named numbers; POST one of them."""

    route_base = "/g/parameters"
    guide = "parameters"
    label = _("Parameters")
    purpose = _(
        "Numbers that change by decree. A change holds from the next request on; one that makes signing in less"
        " safe needs a second administrator, who reads the reason."
    )
    roles = (Role.SYSADMIN,)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        return self._page()

    @expose("/<string:key>", methods=["POST"])
    @guarded("edit")
    def edit(self, key: str) -> ResponseReturnValue:
        if key not in settings.NUMBERS:
            abort(404)
        try:
            return self._store(key, request.form.get("value", ""), request.form.get("seen", ""))
        except (Refused, Invalid) as invalid:
            return self._refused(key, str(invalid))
        except (StaleDataError, IntegrityError):
            return self._refused(key, "")

    def _store(self, key: str, typed: str, seen: str) -> ResponseReturnValue:
        actor = require_actor()

        def press() -> tuple[str, str]:
            parameters.change(actor, key, typed, seen=seen)
            said = gettext("Saved: %(name)s.", name=settings.NUMBERS[key].label)
            return said, url_for("ParameterView.list")

        def ask(reason: str) -> Consent:
            return parameters.ask(actor, key, typed, seen=seen, reason=reason, at=clock.now())

        return done_or_asked(press, ask, request.form.get("reason", "").strip())

    def _refused(self, key: str, sentence: str) -> ResponseReturnValue:
        """Show the page again with what was typed; no `sentence` means that somebody else saved first."""
        db.session.rollback()
        value, typed = settings.display_value(key), request.form.get("value", "")
        sentence = sentence or versions.outdated_refusal(key).sentence
        kept = "" if typed == value else gettext("Stored now: %(value)s", value=value)
        refused = {
            "key": key,
            "typed": typed,
            "reason": request.form.get("reason", ""),
            "sentence": sentence,
            "kept": kept,
        }
        return self._page(refused), 422

    def _page(self, refused: dict[str, str] | None = None) -> str:
        rows = [(number, settings.display_value(key)) for key, number in settings.NUMBERS.items()]
        return self.render_template(
            "parameters.html", page=self, rows=rows, may_edit=self.may("edit"), refused=refused
        )


MENUS = (ParameterView,)
