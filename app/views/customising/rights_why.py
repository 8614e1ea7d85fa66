"""The page that says why somebody can open a menu or press a button, or what refuses first."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import inspect, select

from app.enums import Role
from app.extensions import db
from app.forms.base import base as forms
from app.forms.base.aliases import Pair
from app.ground import clock
from app.models import User
from app.services.customising import explaining
from app.services.customising.explaining import Answer, Asked, Refuses
from app.services.customising.rights import Right
from app.services.ground.audit import audit
from app.validators import characters
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.base.base import PageView
from app.views.customising.looking import LookPages
from app.views.customising.rights_catalogue import items
from app.views.frame.menu_tree import current_menu
from app.web.security import require_actor


def _offered() -> list[Pair]:
    return [
        (f"{right.target}:{right.key}", LazyString(lambda right=right: f"{right.menu} · {right.label}"))
        for right in items().values()
    ]  # fmt: skip


class WhyForm(forms.Form):
    account = forms.lookup(_("Account"), "account")
    right = forms.choice(_("Menu, button"), _offered)
    record = forms.text(
        _("Record"),
        40,
        required=False,
        help=_("Number of the application or of the record; empty if no record is meant."),
    )


class GrantWhyView(LookPages, PageView):
    """Answers per position of an account; a question about a record is written into the audit log."""

    route_base = "/g/permissions-why"
    guide = "permissions-why"
    label = _("Why can somebody, why not?")
    purpose = _(
        "Whether somebody may open a menu or press a button, or the first thing that refuses, and where it is changed."
    )
    roles = (Role.SECADMIN,)
    how_to = ("why-not", "see-as-somebody")

    @expose("/", methods=["GET", "POST"])
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        form, found = WhyForm(), None
        if request.method == "POST" and form.validate():
            found = self._answers(form)
        page = {"title": self.label, "purpose": self.purpose, "form": form, "answers": found}
        is_refused = request.method == "POST" and found is None
        return render_template("rights/why.html", page=page), 422 if is_refused else 200

    def _answers(self, form: WhyForm) -> Sequence[Page] | None:
        view, _colon, key = form.right.data.partition(":")
        right, user = items()[view, key], db.session.get(User, form.account.data)
        if user is None:
            form.account.errors = [gettext("There is no such account; choose one from the list.")]
            return None
        asked = Asked(right)
        if typed := characters.plain(form.record.data):
            try:
                asked = _about(right, typed)
            except LookupError as missing:
                form.record.errors = [str(missing)]
                return None
            details = {"view": view, "permission": key, "name": typed}
            audit("rights_question", actor=require_actor(), subject=user.username, details=details)
            db.session.commit()
        found = explaining.answers(user, asked, at=clock.now())
        return [_row(one, right) for one in found]


def _about(right: Right, typed: str) -> Asked:
    """Return the question about a record. Raises LookupError with a sentence where there is none to ask about."""
    view = next(view for view in current_menu().views() if view.__name__ == right.target)
    model = getattr(view, "model", None)
    if model is None or not hasattr(view, "scope") or not hasattr(model, "state"):
        raise LookupError(gettext("This menu has no records with states; leave the field empty."))
    if getattr(view, "names_judges", False) or Role.JUDGE in view.roles:
        raise LookupError(
            gettext("Who judges what is confidential: records of judges are not looked at here. Leave the field empty.")
        )  # fmt: skip
    record = _found(model, typed)
    if record is None:
        raise LookupError(gettext("There is no record “%(number)s” in this menu.", number=typed))
    name = right.key.removeprefix("can_")
    button = next((one for one in view.buttons if one.name == name), None)
    events = list(button.events) if button and not button.is_page else []
    return Asked(right, record, view.scope, events)


def _found(model: type[Any], typed: str) -> Any:
    by_id = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    if "number" in inspect(model).columns:
        by_number = select(model).where(model.number == characters.number(typed))
        if (found := db.session.scalars(by_number).first()) is not None:
            return found
    return db.session.get(model, by_id)


def _row(answer: Answer, right: Right) -> Page:
    """Return an answer with where its refusal is changed, and the address if the reader changes it."""
    url, where = None, WHERE.get(answer.refuses) if answer.refuses else None
    if answer.refuses is Refuses.TICK and answer.role and not right.why_never(answer.role):
        url = url_for("GrantView.list", q=str(right.menu), role=answer.scope)
    elif answer.refuses is Refuses.POSITION:
        url = url_for("PositionView.list")
    elif answer.refuses is Refuses.TICK:
        where = None
    look = url_for("GrantWhyView.look", position=answer.position_id) if answer.is_in_force else None
    return {"answer": answer, "where": where, "url": url, "look": look}


WHERE = {
    Refuses.ACCOUNT: _("The system administrator enables accounts under “Accounts”."),
    Refuses.POSITION: _("Grant a position in “Positions”"),
    Refuses.TICK: _("Change it in “Menu permissions”"),
    Refuses.SCOPE: _("What a position sees follows from its unit, committee or region; grant a position there."),
    Refuses.STATE: _("The record has to be brought on by whoever holds it; nobody can skip a step."),
    Refuses.DEADLINE: _("The human resources authority extends it under 1.4.2, “Extensions”, with its document."),
    Refuses.GUARD: _(
        "Who handles the record sees the particulars at the button; a rule of the procedure cannot be switched off here."
    ),
}  # fmt: skip
