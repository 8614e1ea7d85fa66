"""The register of persons: everybody who may apply, each with an account."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.enums import Employment, IdKind, Role
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import Person, User
from app.services.accounts import persons
from app.validators import mask_id
from app.views.accounts import password_resets
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.administration import SystemView
from app.views.base.columns import computed
from app.web.security import require_actor


class PersonForm(forms.Form):
    name = forms.text(_("Name"), 50)
    id_kind = forms.choice(_("ID kind"), IdKind, default=IdKind.RESIDENT.value)
    id_number = forms.text(_("ID number"), 40)
    phone = forms.text(_("Mobile"), 20)
    employment = forms.choice(_("Employment"), Employment)
    unit_id = forms.lookup(
        _("Unit"), "unit", required=False, help=_("Empty for people without an employer.")
    )
    username = forms.text(_("Username"), 32, help=_("Small letters, digits, dots and hyphens."))


class PersonView(SystemView):
    guide = "persons"
    label = _("Persons")
    purpose = _("Everybody who may apply, once, under the ID number.")
    empty = _("Persons appear here once they are registered.")
    roles = (Role.SYSADMIN,)
    model = Person
    found_by = ("name", "id_number")
    acts = ("create",)
    search_columns = ["name", "id_kind", "unit", "employment"]
    list_columns = [
        "name",
        "id_kind",
        computed("id_number", _("ID number"), lambda person: mask_id(person.id_number)),
        "unit",
        "employment",
        "user.username",
        "banned_until",
    ]

    def sections(self, record: Person, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = [*self.list_columns[:6], "sex", "birth_date", "banned_until", "ban_reason"]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]

    @expose("/add", methods=["GET", "POST"])
    @guarded("create")
    def add_record(self) -> ResponseReturnValue:
        form = PersonForm()
        if request.method == "POST" and form.validate():
            try:
                actor = require_actor()
                person = persons.register(actor, form.values(), at=clock.now())
                pk, user = person.id, db.session.get_one(User, person.user_id)
                return password_resets.begin(
                    actor,
                    user,
                    gettext("First password of a new account"),
                    lambda user: self.url("show", pk=pk),
                )
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        return self.form_page(gettext("Register a person"), form, self.back_url())


MENUS = (PersonView,)
