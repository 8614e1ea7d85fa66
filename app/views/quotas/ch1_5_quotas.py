"""Menus 1.5.1 and 1.5.2: public institutions apply for post quotas, their superiors grant them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from app import scopes
from app.engine import Act
from app.enums import QuotaKind, Role
from app.extensions import db
from app.forms import quotas as forms
from app.forms.base.columns import column_values, model_columns
from app.ground import clock
from app.ground.actor import Actor
from app.models import Quota
from app.services.quotas import quotas
from app.todos.declared import Todo
from app.views.base import columns, detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Add, Button, Change, TakenOver, take_back
from app.views.base.detail_sections import DetailSection

VACANT = computed("vacant", _("Vacant posts"), lambda row: row.vacant, "number")
LEFT = computed("left", _("Posts left"), lambda row: row.granted - row.used, "number")
COLUMNS: list[str | Column] = [
    "review_year", "level", "specialty", "kind", "posts", "held", VACANT, "asked", "granted", "used", LEFT,
    "state",
]  # fmt: skip
SEARCHED = ["review_year", "level", "specialty", "kind", "state"]


def build_quota(data: dict[str, Any], actor: Actor, at: datetime) -> Quota:
    """Return a new quota line for the actor's own unit from the form of 新增 (add)."""
    quota = Quota(unit_id=actor.unit_id)
    write_quota(quota, data, actor, at)
    return quota


def write_quota(quota: Quota, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write the form values into `quota`."""
    for key, value in model_columns(data, Quota).items():
        setattr(quota, key, value)


def quota_faults(data: dict[str, Any], actor: Actor, at: datetime) -> Iterable[tuple[str, str]]:
    """Return what the rules say to a line that is not complete."""
    return quotas.faults(Act(build_quota(data, actor, at), "ask", actor, at, details=data))


def last_quota(actor: Actor, like: Quota | None) -> TakenOver | None:
    """Return what a new line takes over from `like`, or from the unit's next line not asked for this year."""
    year = clock.local_date(clock.now()).year
    last = like or _not_asked_again(actor, year)
    if last is None:
        return None
    names = ("level", "specialty_code", "posts", "held", "kind")
    values = {name: getattr(last, name) for name in names}
    return TakenOver(quota_name(last), {"review_year": max(year, last.review_year), **values})


def _not_asked_again(actor: Actor, year: int) -> Quota | None:
    """Return the newest earlier line for vacant posts that has none of `year` for its level and specialty."""
    newer = aliased(Quota)
    is_there = select(newer.id).where(
        newer.unit_id == Quota.unit_id,
        newer.review_year >= year,
        newer.level == Quota.level,
        newer.specialty_code == Quota.specialty_code,
        newer.kind == Quota.kind,
    )
    query = select(Quota).where(
        scopes.quotas_of_own_unit(actor),
        Quota.kind == QuotaKind.VACANCY,
        Quota.review_year < year,
        ~is_there.exists(),
    )
    return db.session.scalars(query.order_by(Quota.review_year.desc(), Quota.id).limit(1)).first()


def quota_name(quota: Quota) -> str:
    """Return year, specialty and level of a line."""
    return f"{quota.review_year} {quota.specialty.name} {quota.level.label}"


def quota_sections(record: Quota) -> list[DetailSection]:
    """Return the detail sections: the line, the balance of its unit, level and specialty, the proof."""
    total = quotas.balance(record.unit_id, record.review_year, record.level, record.specialty_code)
    balance = [
        (gettext("Posts granted"), columns.cell_of(total.granted)),
        (gettext("Posts used"), columns.cell_of(total.used)),
        (gettext("Posts left"), columns.cell_of(total.left)),
    ]
    names = ["unit", *COLUMNS, "note"]
    return [
        detail_sections.pairs("basic", gettext("Post quota"), record, names),
        DetailSection(
            "balance",
            gettext("Balance of this year, level and specialty, all grounds"),
            "pairs",
            pairs=balance,
        ),
        detail_sections.files_of(record, label=gettext("Report on the special case")),
    ]


QUOTA_TAKE_BACK = take_back(
    _(
        "Take back %(count)s quota lines to change them? Nobody above sees them until they are asked for again."
    )
)


class QuotaBaseView(GuideView):
    """Base view of the lists of quota lines."""

    model = Quota

    def name_of(self, record: Quota) -> str:
        return quota_name(record)

    def sections(self, record: Quota, actor: Actor) -> list[DetailSection]:
        return quota_sections(record)


class QuotaView(QuotaBaseView):
    """Menu 1.5.1: a public institution applies for posts by level and specialty."""

    guide = "1.5.1"
    label = _("Application for post quotas")
    purpose = _(
        "Posts your unit asks for, by review year, level and specialty. People can only be reported upwards "
        "where posts were granted."
    )
    empty = _("Your unit has not asked for posts yet. Only public institutions need to.")
    roles = (Role.UNIT,)
    scope = staticmethod(scopes.quotas_of_own_unit)
    list_columns: ClassVar[list[str | Column]] = COLUMNS
    search_columns: ClassVar[list[str]] = SEARCHED
    add = Add(
        _("New"),
        forms.QuotaForm,
        "ask",
        build_quota,
        last=last_quota,
        faults=quota_faults,
        has_drafts=True,
    )
    change = Change(_("Edit"), forms.QuotaForm, "revise", column_values, write_quota)
    buttons = (QUOTA_TAKE_BACK,)
    todos = (Todo("revise", _("Returned or taken back, to be changed"), ("revise",)),)
    can_export = True


def reviewed_quotas(actor: Actor) -> ColumnElement[bool]:
    return scopes.visible(Quota, actor)


QUOTA_AUDIT = Button(
    "audit",
    _("Audit"),
    events={"approve": _("Audit passed"), "refuse": _("Audit not passed")},
    form=forms.GrantForm,
    confirm=_("Decide on %(count)s quota lines."),
    when=scopes.quotas_in_my_charge,
)


class QuotaQueryView(QuotaBaseView):
    """Tab of 1.5.2: all quota lines of the subordinate units, decided or not, with the posts left."""

    guide = "1.5.2"
    slug = "all"
    label = _("Audit of post quotas")
    tab_label = _("All quota lines")
    purpose = _("All posts asked for and granted in your area, with what is used and left.")
    empty = _("No unit of your area has asked for posts yet.")
    roles = (Role.SUPERIOR, Role.HRSS)
    scope = staticmethod(reviewed_quotas)
    list_columns: ClassVar[list[str | Column]] = ["unit", *COLUMNS]
    search_columns: ClassVar[list[str]] = ["unit", *SEARCHED]
    can_export = True


class QuotaReviewView(QuotaQueryView):
    """Menu 1.5.2: the superior unit or the authority decides on the posts applied for."""

    guide = "1.5.2"
    slug = ""
    label = _("Audit of post quotas")
    tab_label = _("To be checked")
    purpose = _(
        "Posts asked for that wait for a decision. At most as many are granted as were asked for; more than "
        "the vacancy only with a special ground and its proof."
    )
    empty = _("No quota line waits for a decision.")
    waiting = ("approve",)
    buttons = (QUOTA_AUDIT,)
    can_export = False
    tabs = (QuotaQueryView,)
