"""评审专家: a person's own pool memberships, and the relations declared for recusal."""

from datetime import datetime
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.extensions import db
from app.forms import experts as forms
from app.ground.actor import Actor
from app.models import Expert, Relation
from app.services.experts import declared_relations, expert_entries
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import computed
from app.views.base.declarations import Add, Button
from app.views.base.detail_sections import DetailSection
from app.views.experts import expert_sections
from app.views.experts.expert_sections import END_LEAVE, LEAVE
from app.web.security import require_actor

WITHDRAW = Button(
    "withdraw",
    _("Withdraw the application"),
    events={"withdraw": _("Withdraw the application")},
    confirm=_("Withdraw %(count)s applications to pools."),
    tone="stop",
)
OUT = Button(
    "leave_pool",
    _("Leave the pool"),
    events={"leave_pool": _("Leave the pool")},
    form=forms.ReasonForm,
    confirm=_("Leave %(count)s pools. You may apply again later."),
    tone="stop",
)


def build_own(data: dict[str, Any], actor: Actor, at: datetime) -> Expert:
    """Return the unsaved pool membership for which the person applies."""
    return expert_entries.membership_applied_for(actor, data, at=at)


class MyExpertView(GuideView):
    """The person's own pool memberships: apply, withdraw, take leave, leave the pool."""

    guide = "my-experts"
    label = _("Review expert")
    purpose = _(
        "Apply to the pool of a committee; your unit recommends, the committee's office admits. In the pool you"
        " may be drawn as a judge. Keep that to yourself, and declare your relations."
    )
    empty = _("You have not applied to any pool.")
    model = Expert
    hides_handlers = True
    roles = (Role.APPLICANT,)
    scope = staticmethod(scopes.experts_of_own_person)
    list_columns = [
        "committee",
        "title",
        "specialty",
        "term_from",
        "term_to",
        expert_sections.ON_LEAVE,
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["committee", "state"]
    buttons = (WITHDRAW, LEAVE, END_LEAVE, OUT)
    add = Add(
        _("Apply"),
        forms.ApplyForm,
        "apply",
        build_own,
        notes=(
            _(
                "Judges hold a title of the committee's series and highest level, held and employed for three"
                " years, and are not beyond the retirement age. Who was once removed from a pool cannot apply."
            ),
        ),
    )

    def name_of(self, record: Expert) -> str:
        return str(record.committee.name)

    def sections(self, record: Expert, actor: Actor) -> list[DetailSection]:
        return [expert_sections.membership(record), expert_sections.conditions(record)]


def build_relation(data: dict[str, Any], actor: Actor, at: datetime) -> Relation:
    """Return the unsaved relation that the expert declares."""
    return declared_relations.declared(actor, data, at=at)


def _has_number(relation: Relation) -> bool:
    return relation.id_index is not None


class RelationView(GuideView):
    """Relations declared by the expert; only the expert sees them, and they cause recusals."""

    guide = "my-relations"
    label = _("Declared relations")
    purpose = _(
        "People whose cases you must not judge: relatives, teachers and students, co-authors, partners of projects."
        " Whoever of them becomes a candidate is kept from you."
    )
    empty = _("You have declared no relation.")
    model = Relation
    roles = (Role.APPLICANT,)
    scope = staticmethod(scopes.relations_of_own_person)
    list_columns = [
        "kind", "name", computed("id_number", _("ID number given"), _has_number), "note", "declared_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["kind", "name"]
    add = Add(_("Declare"), forms.RelationForm, "", build_relation, is_named=False)

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "remove"]

    def sections(self, record: Relation, actor: Actor) -> list[DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, list(self.list_columns))]

    def links(self, record: Relation, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Remove"), self.url("remove", pk=record.id))] if self.may("remove") else []

    @expose("/<int:pk>/remove", methods=["GET", "POST"])
    @guarded("remove")
    def remove(self, pk: int) -> ResponseReturnValue:
        """Show a confirmation form; on its submission remove the relation."""
        actor = require_actor()
        record = self.find(pk, actor)
        form = forms.RemoveForm()
        if request.method == "POST" and form.validate():
            declared_relations.remove(db.session(), actor, record)
            db.session.commit()
            flash(gettext("The relation was removed."), "success")
            return redirect(self.back_url(), 303)
        page = {
            "title": gettext("Remove"),
            "purpose": self.label,
            "form": form,
            "sections": [],
            "notes": gettext(
                "Remove the relation with %(name)s? Then their cases are no longer kept from you.",
                name=record.name,
            ),
            "submit_label": gettext("Remove"),
            "back_url": self.detail_url(record),
            "version": None,
        }
        return render_template("form.html", page=page), 200 if request.method == "GET" else 422


MENUS = (MyExpertView, RelationView)
