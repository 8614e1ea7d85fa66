"""Lists of accounts (system administrator) and of positions (security administrator), with their actions."""

from collections.abc import Callable
from typing import Any

import wtforms
from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from app.engine import Refused
from app.enums import Duty, Role
from app.extensions import appbuilder, db
from app.forms.base import base as forms
from app.forms.base.aliases import Pair
from app.ground import clock
from app.ground.actor import Actor
from app.models import Committee, Position, Unit, User
from app.services.accounts import accounts, guarded_acts, lost_devices, own_roles
from app.services.credentials import lockout, second_factors, sessions
from app.views.accounts import password_resets
from app.views.accounts.asking import ReasonForm, done_or_asked
from app.views.accounts.logs import ActLogView, AuditView
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
STAFF = [(role.value, role.label) for role in Role if role.is_staff]
POSITION_FACTS = ["role", "own_role", "duty", "unit", "committee", "is_active"]


def _own_roles() -> list[Pair]:
    return [(str(one.id), own_roles.label(one.scope)) for one in own_roles.in_use()]


def _own_role(label: Label) -> forms.fields.ChoiceField:
    return forms.choice(
        label,
        _own_roles,
        required=False,
        blank=_("The whole role"),
        help=_("Only some menus and buttons of the role; made under “Own roles”."),
    )


class OwnRoleOfPositionForm(ReasonForm):
    seen = wtforms.HiddenField()
    """The own role that the page was made from, so that of two administrators the second is told."""
    own_role = _own_role(_("Own role"))


class PositionForm(forms.Form):
    account = forms.lookup(_("Account"), "account")
    role = forms.choice(_("Role"), STAFF)
    own_role = _own_role(_("Own role"))
    duty = forms.choice(
        _("Duty"),
        Duty,
        default=Duty.HANDLER,
        help=_(
            "The handler fills in and proposes, the person responsible confirms; two accounts of two people."
        ),
    )
    unit = forms.lookup(
        _("Unit"),
        "unit",
        required=False,
        help=_("For clerks, superior units, committee offices and authorities."),
    )
    committee = forms.lookup(
        _("Committee"), "committee", required=False, help=_("For judges and supervisors.")
    )
    reason = forms.text(
        _("Reason"),
        200,
        required=False,
        help=_(
            "Needed where a second administrator has to agree: for administrators, and for authorities, committee offices, judges and supervisors whose identity nobody has proved."
        ),
    )


class PositionView(SystemView):
    guide = "positions"
    label = _("Positions")
    purpose = _("Grant and withdraw positions; never to oneself.")
    roles = (Role.SECADMIN,)
    how_to = ("make-an-own-role", "see-as-somebody")
    model = Position
    acts = ("create", "withdraw")
    search_columns = ["user", "role", "own_role", "unit", "committee", "is_active"]
    list_columns = ["user.username", "user", *POSITION_FACTS]

    def name_of(self, record: Position) -> str:
        return f"{record.user.get_full_name()} · {record.label}"

    def sections(self, record: Position, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = ["user.username", "user", *POSITION_FACTS]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]

    def row_links(self, record: Position, actor: Actor) -> list[tuple[Label, str]]:
        if not (record.is_active and self.may("create") and record.role in own_roles.BASES):
            return []
        return [(gettext("Change the own role"), self.url("change_own_role", pk=record.id))]

    def links(self, record: Position, actor: Actor) -> list[tuple[Label, str]]:
        if not record.is_active or not record.role.is_staff:
            return []
        offered = self.row_links(record, actor)
        if appbuilder.sm.has_access("can_look", "GrantWhyView"):
            look = url_for("GrantWhyView.look", position=record.id)
            offered.append((gettext("See the program as this position"), look))
        if self.may("withdraw"):
            offered.append((pgettext("position", "Withdraw"), self.url("withdraw", pk=record.id)))
        return offered

    @expose("/add", methods=["GET", "POST"])
    @guarded("create")
    def add_record(self) -> ResponseReturnValue:
        form = PositionForm()
        if request.method == "POST" and form.validate():
            try:
                return self._grant(require_actor(), form.values())
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        return self.form_page(gettext("Grant a position"), form, self.back_url())

    def _grant(self, actor: Actor, typed: dict[str, Any]) -> ResponseReturnValue:
        user, place = db.session.get_one(User, typed["account"]), _place(typed)
        role, duty, own_role = Role(typed["role"]), Duty(typed["duty"]), _key(typed["own_role"])

        def press() -> tuple[str, str]:
            position = accounts.grant_position(
                actor, user, role, duty=duty, own_role=own_role, **place
            )
            said = gettext("Granted: %(name)s.", name=self.name_of(position))
            return said, self.detail_url(position)

        return done_or_asked(
            press,
            lambda reason: guarded_acts.ask_for_position(
                actor,
                user,
                role,
                duty=duty,
                own_role=own_role,
                **place,
                reason=reason,
                at=clock.now(),
            ),
            typed["reason"],
        )

    @expose("/<int:pk>/own-role", methods=["GET", "POST"])
    @guarded("create")
    def change_own_role(self, pk: int) -> ResponseReturnValue:
        """Narrow a position to an own role, or give it another one or the whole role back."""
        actor, form = require_actor(), OwnRoleOfPositionForm()
        position = self.find(pk, actor)
        if not position.is_active or position.role not in own_roles.BASES:
            abort(404)
        if request.method == "GET":
            form.own_role.data = position.own_role_id
            form.seen.data = str(position.own_role_id or "")
        elif form.validate():
            try:
                return self._change_own_role(actor, position, form)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        note = gettext(
            "%(name)s: an own role of “%(role)s” holds from the next page on. Rows and rules stay those of the role.",
            name=self.name_of(position),
            role=str(position.role.label),
        )
        title = gettext("Change the own role")
        return self.form_page(title, form, self.detail_url(position), (note,))

    def _change_own_role(
        self, actor: Actor, position: Position, form: OwnRoleOfPositionForm
    ) -> ResponseReturnValue:
        wanted = _key(form.own_role.data)
        if form.seen.data != str(position.own_role_id or ""):
            form.seen.data = str(position.own_role_id or "")
            sentence = gettext(
                "Meanwhile somebody else gave this position the role “%(role)s”. Look again, then press once more.",
                role=position.role_label,
            )
            raise Refused(sentence, "own_role")

        def press() -> tuple[str, str]:
            accounts.change_own_role(actor, position, wanted)
            said = gettext("Changed: %(name)s.", name=self.name_of(position))
            return said, self.detail_url(position)

        return done_or_asked(
            press,
            lambda reason: guarded_acts.ask_to_change_own_role(
                actor, position, wanted, reason=reason, at=clock.now()
            ),
            form.reason.data,
        )

    @expose("/<int:pk>/withdraw", methods=["GET", "POST"])
    @guarded("withdraw")
    def withdraw(self, pk: int) -> ResponseReturnValue:
        actor = require_actor()
        position = self.find(pk, actor)
        form = ReasonForm() if position.role.is_maintenance else forms.Form()

        def done() -> tuple[str, str]:
            accounts.withdraw_position(actor, position, at=clock.now())
            said = gettext("Withdrawn: %(name)s.", name=self.name_of(position))
            return said, self.detail_url(position)

        if request.method == "POST" and form.validate():
            try:
                return done_or_asked(
                    done,
                    lambda reason: guarded_acts.ask_to_withdraw(
                        actor, position, reason=reason, at=clock.now()
                    ),
                    form.values().get("reason"),
                )
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        note = gettext("Withdraw “%(name)s”? Who works in it is signed out at once.")
        notes = (note % {"name": self.name_of(position)},)
        return self.form_page(
            pgettext("position", "Withdraw"), form, self.detail_url(position), notes
        )


def _key(typed: str | None) -> int | None:
    return int(typed) if typed else None


def _has_to_choose(user: User) -> bool:
    return user.must_change_password or not user.password


def _positions(user: User) -> str:
    return gettext("; ").join(p.label for p in user.positions if p.is_active)


def _is_of_administrator(user: User, act: str) -> bool:
    return act == "disable" and accounts.is_administrator(user)


def _place(typed: dict[str, Any]) -> dict[str, Any]:
    unit, committee = typed["unit"], typed["committee"]
    return {
        "unit": db.session.get_one(Unit, unit) if unit else None,
        "committee": db.session.get_one(Committee, committee) if committee else None,
    }


MENUS = (AccountView, PositionView, AuditView, ActLogView)
