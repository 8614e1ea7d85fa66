"""List of accounts (system administrator), with their actions."""

from collections.abc import Callable

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import Position, User
from app.services.accounts import accounts, guarded_acts, lost_devices
from app.services.credentials import lockout, second_factors, sessions
from app.views.accounts import password_resets
from app.views.accounts.asking import ReasonForm, done_or_asked
from app.views.accounts.positions import POSITION_FACTS
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.administration import SystemView
from app.views.base.aliases import Label
from app.views.base.columns import Column, computed
from app.web.security import require_actor


class AccountForm(forms.Form):
    username = forms.text(_("Username"), 32, help=_("Small letters, digits, dots and hyphens."))
    name = forms.text(_("Name"), 64)


class AccountView(SystemView):
    guide = "accounts"
    label = _("Accounts")
    purpose = _("Create, disable and unlock accounts, let their owners choose a new password.")
    roles = (Role.SYSADMIN,)
    model = User
    found_by = ("username", "real_name")
    acts = ("create", "change")
    search_columns = ["username", "real_name", "active"]
    list_columns = [
        "username",
        "real_name",
        Column(
            "positions",
            _("Positions"),
            lambda user: _positions(user),
            load=(
                selectinload(User.positions).joinedload(Position.unit),
                selectinload(User.positions).joinedload(Position.committee),
            ),
        ),
        "active",
    ]

    def name_of(self, record: User) -> str:
        return f"{record.real_name} {record.username}"

    def sections(self, record: User, actor: Actor) -> list[detail_sections.DetailSection]:
        at = clock.now()
        facts = [
            "username",
            "real_name",
            "active",
            computed("locked", _("Sign-in locked"), lambda u: lockout.is_locked(u.username, at=at)),
            computed("first", _("Password still to be chosen"), _has_to_choose),
            computed("changed", _("Password of"), lambda u: u.password_changed_at),
        ]
        live = sessions.live_sessions_of(record.id, at=at)
        return [
            detail_sections.pairs("basic", gettext("Details"), record, facts),
            detail_sections.table_of(
                "positions", gettext("Positions"), record.positions, POSITION_FACTS
            ),
            detail_sections.table_of(
                "sessions",
                gettext("Live sessions"),
                live,
                ["created_at", "seen_at", "address", "agent"],
            ),
        ]

    def links(self, record: User, actor: Actor) -> list[tuple[Label, str]]:
        if not self.may("change"):
            return []
        names = ["disable" if record.active else "enable"]
        names += ["unlock"] if lockout.is_locked(record.username, at=clock.now()) else []
        acts = [
            (ACTS[name][0], self.url("change_account", pk=record.id, act=name)) for name in names
        ]
        acts.append((gettext("Reset the password"), self.url("reset", pk=record.id)))
        if second_factors.device_of(record.id) is not None:
            acts.append(
                (gettext("Remove the lost device"), self.url("remove_device", pk=record.id))
            )
        return acts

    @expose("/add", methods=["GET", "POST"])
    @guarded("create")
    def add_record(self) -> ResponseReturnValue:
        form = AccountForm()
        if request.method == "POST" and form.validate():
            try:
                user = accounts.create_account(require_actor(), **form.values())
                return password_resets.begin(
                    require_actor(),
                    user,
                    gettext("First password of a new account"),
                    self.detail_url,
                )
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        return self.form_page(gettext("Create an account"), form, self.back_url())

    @expose("/<int:pk>/reset", methods=["GET", "POST"])
    @guarded("change")
    def reset(self, pk: int) -> ResponseReturnValue:
        """Send the owner a code for a new password, or ask a second administrator for a sealed slip."""
        actor, form = require_actor(), password_resets.ResetForm()
        user = self.find(pk, actor)
        title, back = gettext("Reset the password"), self.detail_url(user)
        note = password_resets.explain(user)
        if request.method == "POST" and form.validate():
            try:
                return password_resets.begin(actor, user, form.reason.data, self.detail_url)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        return self.form_page(title, form, back, (note,))

    @expose("/<int:pk>/second-factor", methods=["GET", "POST"])
    @guarded("change")
    def remove_device(self, pk: int) -> ResponseReturnValue:
        """Ask a second administrator to agree that the lost device of an account is removed."""
        actor, form = require_actor(), password_resets.ResetForm()
        user = self.find(pk, actor)
        back = self.detail_url(user)
        if request.method == "POST" and form.validate():
            try:
                lost_devices.ask_removal(actor, user, reason=form.reason.data, at=clock.now())
                db.session.commit()
                flash(gettext("A second administrator was asked to agree."), "success")
                return redirect(back, 303)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        note = gettext(
            "%(name)s has lost the device of the second factor. A second administrator has to agree; then every"
            " session ends, the person is told and sets up a new device at the next sign-in.",
            name=user.get_full_name(),
        )
        return self.form_page(gettext("Remove the lost device"), form, back, (note,))

    @expose("/<int:pk>/<any(disable, enable, unlock):act>", methods=["GET", "POST"])
    @guarded("change")
    def change_account(self, pk: int, act: str) -> ResponseReturnValue:
        """Disable, enable or unlock an account, after a confirmation."""
        actor = require_actor()
        user = self.find(pk, actor)
        title, question, press = ACTS[act]
        form = ReasonForm() if _is_of_administrator(user, act) else forms.Form()

        def done() -> tuple[str, str]:
            press(actor, user)
            said = gettext("Done: %(act)s, %(name)s.", act=title, name=user.username)
            return said, self.detail_url(user)

        if request.method == "POST" and form.validate():
            try:
                return done_or_asked(
                    done,
                    lambda reason: guarded_acts.ask_to_disable(
                        actor, user, reason=reason, at=clock.now()
                    ),
                    form.values().get("reason"),
                )
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        note = str(question) % {"name": self.name_of(user)}
        return self.form_page(str(title), form, self.detail_url(user), (note,))


Press = Callable[[Actor, User], None]
ACTS: dict[str, tuple[Label, Label, Press]] = {
    "disable": (
        _("Disable"),
        _("Disable the account %(name)s? Its sessions end at once; nothing it did is changed."),
        lambda actor, user: accounts.disable(actor, user, at=clock.now()),
    ),
    "enable": (_("Enable"), _("Enable the account %(name)s again?"), accounts.enable),
    "unlock": (
        _("Unlock"),
        _("Let %(name)s try to sign in again at once?"),
        accounts.unlock,
    ),
}


def _has_to_choose(user: User) -> bool:
    return user.must_change_password or not user.password


def _positions(user: User) -> str:
    return gettext("; ").join(p.label for p in user.positions if p.is_active)


def _is_of_administrator(user: User, act: str) -> bool:
    return act == "disable" and accounts.is_administrator(user)


MENUS = (AccountView,)
