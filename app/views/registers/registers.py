"""Pages for the registers of units and committees, kept by administrators."""

from collections.abc import Callable
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select, true

from app.enums import Role
from app.extensions import db
from app.forms.registers import CommitteeForm, MoveUnitForm, UnitForm
from app.ground.actor import Actor
from app.models import Committee, Region, Unit
from app.services.registers import committees, units
from app.services.registers.unit_tree import UnitTree
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Change
from app.views.base.tree import TreeView


def _everything(actor: Actor) -> ColumnElement[bool]:
    return true()


def _region_name(record: Unit | Committee) -> str:
    """Return the name of a record's region; the table of regions is read once per request."""
    if "region_names" not in g:
        g.region_names = dict(db.session.execute(select(Region.code, Region.name)).tuples().all())
    return str(g.region_names.get(record.region_code, record.region_code))


def _facts(model: type[Unit] | type[Committee]) -> list[str | Column]:
    return [REGION if name == "region_code" else name for name in detail_sections.labelled(model)]


REGION = Column("region_code", _("Region"), _region_name)


def _form_loader(names: tuple[str, ...], code: str) -> Callable[[Any], dict[str, Any]]:
    return lambda record: {
        name: getattr(record, name) for name in (code, "parent_id", *names) if hasattr(record, name)
    }


class UnitForChange(UnitForm):
    credit_code = None


class CommitteeForChange(CommitteeForm):
    code = None


class UnitView(TreeView):
    guide = "units"
    label = _("Units")
    purpose = _("The register that every form picks units from.")
    empty = _("Units appear here once they are registered.")
    roles = (Role.SYSADMIN,)
    model = Unit
    found_by = ("name", "credit_code")
    scope = staticmethod(_everything)
    list_columns = [
        "name",
        "credit_code",
        "kind",
        REGION,
        "parent",
        "is_self_review",
        "is_active",
    ]
    search_columns = ["name", "credit_code", "kind", "region_code", "parent", "is_active"]
    add = Add(_("New"), form=UnitForm, event="", build=lambda data, actor, at: units.build(data))
    change = Change(
        _("Edit"), form=UnitForChange, event="", load=_form_loader(units.COLUMNS, "credit_code"),
        apply=lambda unit, data, actor, at: units.write(unit, data),
    )  # fmt: skip
    move = Change(
        _("Move"), form=MoveUnitForm, event="", load=lambda unit: {"parent_id": unit.parent_id},
        apply=lambda unit, data, actor, at: units.move(unit, data["parent_id"]),
        notes=(_("All units below it move along. Review trees of committees stay as they are."),),
        verb=_("Move"),
    )  # fmt: skip

    known_from_tree = ("parent",)

    def tree(self, actor: Actor) -> UnitTree:
        return UnitTree()

    def right_below(self, tree: UnitTree, key: int | None) -> ColumnElement[bool]:
        return Unit.parent_id.is_(None) if key is None else Unit.parent_id == key

    def record_at(self, tree: UnitTree, key: int, actor: Actor) -> Unit:
        unit: Unit = self.find(key, actor)
        return unit

    def key_of(self, record: Unit) -> int:
        return int(record.id)

    def sections(self, record: Unit, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, _facts(Unit))]


class CommitteeView(GuideView):
    guide = "committees"
    label = _("Committees")
    purpose = _("Approved review committees with series, level and validity.")
    empty = _("Committees appear here once they are registered.")
    roles = (Role.SYSADMIN,)
    model = Committee
    found_by = ("name", "code")
    scope = staticmethod(_everything)
    list_columns = [
        "code",
        "name",
        "series",
        "level",
        "unit",
        "valid_from",
        "valid_to",
        "min_size",
        "is_active",
    ]
    search_columns = ["name", "code", "series", "level", "unit", "is_active"]
    add = Add(
        _("New"), form=CommitteeForm, event="", build=lambda data, actor, at: committees.build(data)
    )
    change = Change(
        _("Edit"), form=CommitteeForChange, event="", load=_form_loader(committees.COLUMNS, "code"),
        apply=lambda committee, data, actor, at: committees.write(committee, data),
    )  # fmt: skip

    def sections(self, record: Committee, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, _facts(Committee))]


MENUS = (UnitView, CommitteeView)
