"""Read-only lists of the audit log and the transition log for the auditor, with search and export."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from app.engine import Transition, Workflow
from app.enums import Role
from app.ground.actor import Actor
from app.models import AuditLog, TransitionLog
from app.services.ground import audit
from app.views.accounts import log_day
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.administration import SystemView
from app.views.base.aliases import Label
from app.views.base.columns import Column, computed

SUBJECTS = {
    "application": _p("record", "Application"),
    "assessment": _p("record", "Judge's sheet"),
    "batch": _p("record", "Batch"),
    "certificate": _p("record", "Certificate"),
    "draw": _p("record", "Draw"),
    "expert": _p("record", "Expert"),
    "filing": _p("record", "Filing"),
    "interview": _p("record", "Interview"),
    "key_holder": _p("record", "Code for the ballot box"),
    "notice": _p("record", "Notice"),
    "objection": _p("record", "Objection"),
    "opinion": _p("record", "Opinion"),
    "plan": _p("record", "Review plan"),
    "quota": _p("record", "Post quota"),
    "recusal": _p("record", "Recusal"),
    "round": _p("record", "Round of votes"),
    "route_node": _p("record", "Place in the review tree"),
    "route_change": _p("record", "Change of a review tree"),
    "sealed_ballot": _p("record", "Ballot"),
    "seat": _p("record", "Seat"),
}
"""Labels of the kinds of records in the transition log, by table name."""

FACTS = {
    "session": _("Session number"),
    "kind": _p("session", "Kind"),
    "position": _("Position number"),
    "role": _("Role"),
    "unit": _("Number of the unit"),
    "committee": _("Number of the committee"),
    "view": _("Menu"),
    "permission": _("Permission"),
    "from": _p("parameter", "Before"),
    "to": _p("parameter", "After"),
    "name": _p("thing", "Name"),
    "created": _("Newly created"),
    "applications": _("Applications"),
    "rules": _("Conditions for applying"),
    "valid_from": _("Takes effect"),
    "remark": _("Remark"),
    "cancelled": _p("parameter", "Cancelled before its day"),
    "second": _("Number of the second administrator"),
}
"""Labels of the detail keys in the audit log."""


class LogView(SystemView):
    """Base view of a log: read-only, with search and export."""

    can_export = True
    roles = (Role.AUDITOR,)
    empty = _("Nothing was written yet.")


class AuditView(LogView):
    guide = "audit"
    label = _("Audit log")
    purpose = _("Sign-ins, refusals, grants and changes of accounts.")
    model = AuditLog
    search_columns = ["at", "kind", "actor_name", "subject", "is_success"]
    list_columns = [
        "at",
        Column("kind", _("Kind"), lambda row: str(audit.KINDS.get(row.kind, row.kind))),
        "is_success",
        "actor_name",
        Column("subject", _("Object of the act"), lambda row: _subject(row)),
        "address",
    ]

    def _init_properties(self) -> None:
        """Offer the kinds with their labels in the search; the log stores their codes."""
        super()._init_properties()
        for field in self.search_fields:
            if field.name == "kind":
                field.kind, field.choices = "select", list(audit.KINDS.items())

    def name_of(self, record: AuditLog) -> str:
        return (
            f"{audit.KINDS.get(record.kind, record.kind)} · {record.actor_name or record.subject}"
        )

    def sections(self, record: AuditLog, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = [
            *self.list_columns,
            computed("details", _("Particulars"), lambda r: _details_text(r.details)),
        ]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]


class ActLogView(LogView):
    guide = "acts"
    label = _("Log of acts")
    purpose = _("Every step of every case: who, when, from which state to which.")
    model = TransitionLog
    search_columns = ["at", "subject_type", "event", "actor_name", "actor_role", "unit_name"]
    # no opinion column: it may contain facts about the applicant, which the auditor must not read
    list_columns = [
        "at",
        Column(
            "subject_type",
            _("Record"),
            lambda log: str(SUBJECTS.get(log.subject_type, log.subject_type)),
        ),
        "subject_id",
        Column("event", _("Act"), lambda log: event_label(log)),
        Column("source", _("From"), lambda log: state_label(log, log.source)),
        Column("target", _("To"), lambda log: state_label(log, log.target)),
        Column(
            "actor_name",
            _("Name"),
            lambda log: log.actor_name if log.actor_id else gettext("the system"),
        ),
        Column("actor_role", _("Role"), lambda log: _role_of(log), order=TransitionLog.actor_role),
        "unit_name",
    ]

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Daily report"), self.url("day"))]

    @expose("/day")
    @guarded("list")
    def day(self) -> ResponseReturnValue:
        """Show the printed report of one day, with the head of the log chain."""
        return log_day.page(self.back_url(), act_names)

    def _init_properties(self) -> None:
        """Offer kinds of records and events with their labels in the search; the log stores their codes."""
        super()._init_properties()
        offered = {"subject_type": list(SUBJECTS.items()), "event": event_choices()}
        for field in self.search_fields:
            if field.name in offered:
                field.kind, field.choices = "select", offered[field.name]

    def name_of(self, record: TransitionLog) -> str:
        return str(record.receipt)

    def sections(self, record: TransitionLog, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, list(self.list_columns))]


def _role_of(log: TransitionLog) -> str:
    """Return the role in which somebody acted, an own role with its base role."""
    role, own = str(log.actor_role.label), log.details.get("own_role")
    return gettext("%(name)s (own role of %(base)s)", name=own, base=role) if own else role


def rows_of(subject_type: str) -> dict[str, Transition]:
    """Return the transitions {event: row} of a kind of record, named by its table."""
    return next(
        (f.rows for m, f in Workflow.registry.items() if m.__tablename__ == subject_type), {}
    )


def event_label(log: TransitionLog) -> str:
    row = rows_of(log.subject_type).get(log.event)
    return str(row.label) if row else log.event


def act_names(subject_type: str, event: str) -> tuple[str, str]:
    """Return the labels of a kind of record and of an event on it; the codes if they are unknown."""
    row = rows_of(subject_type).get(event)
    return str(SUBJECTS.get(subject_type, subject_type)), str(row.label) if row else event


def state_label(log: TransitionLog, state: str) -> str:
    """Return the label of `state` in the workflow of the record of `log`; the code if it is unknown."""
    for row in rows_of(log.subject_type).values():
        for known in (*row.source, *row.targets):
            if known == state:
                return str(known.label)  # type: ignore[attr-defined]  # states are Labelled
    return state


def event_choices() -> list[tuple[str, Label]]:
    """Return every event as (code, label); a code used by several workflows gets all their labels."""
    labels: dict[str, list[Label]] = {}
    for flow in Workflow.registry.values():
        for row in flow.rows.values():
            labels.setdefault(row.event, []).append(row.label)
    return [(event, _joined_labels(names)) for event, names in labels.items()]


def _joined_labels(names: list[Label]) -> LazyString:
    return LazyString(lambda: gettext(", ").join(dict.fromkeys(map(str, names))))


def _details_text(details: dict[str, Any]) -> str:
    return gettext("; ").join(
        f"{FACTS.get(key, key)}{gettext(': ')}{_value_label(value)}"
        for key, value in details.items()
        if value is not None
    )


def _subject(row: AuditLog) -> str:
    """Return the subject of an audited act; for permissions and switches of position that is a role."""
    return _value_label(row.subject) if row.kind in ("switch", "grant", "revoke") else row.subject


def _value_label(value: Any) -> str:
    """Return the label of a logged value if it is a known code, otherwise the value as text."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    words = {role.value: str(role.label) for role in Role} | {"web": gettext("Web")}
    return words.get(str(value), str(value))


MENUS = (AuditView, ActLogView)
