"""List of positions (security administrator), with their actions."""

from typing import Any

import wtforms
from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.enums import Duty, Role
from app.extensions import appbuilder, db
from app.forms.base import base as forms
from app.forms.base.aliases import Pair
from app.ground import clock
from app.ground.actor import Actor
from app.models import Committee, Position, Unit, User
from app.services.accounts import accounts, guarded_acts, own_roles
from app.views.accounts.asking import ReasonForm, done_or_asked
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.administration import SystemView
from app.views.base.aliases import Label
from app.web.security import require_actor

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


def _place(typed: dict[str, Any]) -> dict[str, Any]:
    unit, committee = typed["unit"], typed["committee"]
    return {
        "unit": db.session.get_one(Unit, unit) if unit else None,
        "committee": db.session.get_one(Committee, committee) if committee else None,
    }


MENUS = (PositionView,)
