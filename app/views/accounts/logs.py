"""The logs as the auditor reads them: searched and exported, never changed."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from app.engine import T, Workflow
from app.enums import Role
from app.ground.actor import Actor
from app.models import AuditLog, TransitionLog
from app.services.ground import audit
from app.views.base import detail_sections
from app.views.base.administration import SystemView
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
    "sealed_ballot": _p("record", "Ballot"),
    "seat": _p("record", "Seat"),
}
"""What the kinds of records are called whose steps are logged."""


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
}
"""What the particulars of an audited act are called."""


class LogView(SystemView):
    """A log: read, searched, exported, never changed."""

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
        """Offer the kinds by their names; the log stores their codes."""
        super()._init_properties()
        for field in self.search_fields:
            if field.name == "kind":
                field.kind, field.choices = "select", list(audit.KINDS.items())

    def name_of(self, record: Any) -> str:
        return (
            f"{audit.KINDS.get(record.kind, record.kind)} · {record.actor_name or record.subject}"
        )

    def sections(self, record: Any, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = [
            *self.list_columns,
            computed("details", _("Particulars"), lambda r: _said(r.details)),
        ]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]


class ActLogView(LogView):
    guide = "acts"
    label = _("Log of acts")
    purpose = _("Every step of every case: who, when, from which state to which.")
    model = TransitionLog
    search_columns = ["at", "subject_type", "event", "actor_name", "actor_role", "unit_name"]
    # without the opinion: it may speak of the applicant, and the auditor reads no business data
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
        "actor_role",
        "unit_name",
    ]

    def _init_properties(self) -> None:
        """Offer kinds of records and acts by their names; the log stores their codes."""
        super()._init_properties()
        offered = {"subject_type": list(SUBJECTS.items()), "event": event_choices()}
        for field in self.search_fields:
            if field.name in offered:
                field.kind, field.choices = "select", offered[field.name]

    def name_of(self, record: Any) -> str:
        return str(record.receipt)

    def sections(self, record: Any, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, list(self.list_columns))]


def rows_of(subject_type: str) -> dict[str, T]:
    """Return the transition rows of a kind of record."""
    return next(
        (f.rows for m, f in Workflow.registry.items() if m.__tablename__ == subject_type), {}
    )


def event_label(log: TransitionLog) -> str:
    row = rows_of(log.subject_type).get(log.event)
    return str(row.label) if row else log.event


def state_label(log: TransitionLog, state: str) -> str:
    """Return the name of a state in which the record of `log` was or came to be."""
    for row in rows_of(log.subject_type).values():
        for known in (*row.source, *row.targets):
            if known == state:
                return str(known.label)  # type: ignore[attr-defined]  # states are Labelled
    return state


def event_choices() -> list[tuple[str, Any]]:
    """Return every act with its name; one code that means several acts names all of them."""
    labels: dict[str, list[Any]] = {}
    for flow in Workflow.registry.values():
        for row in flow.rows.values():
            labels.setdefault(row.event, []).append(row.label)
    return [(event, _joined(names)) for event, names in labels.items()]


def _joined(names: list[Any]) -> Any:
    return LazyString(lambda: gettext(", ").join(dict.fromkeys(map(str, names))))


def _said(details: dict[str, Any]) -> str:
    return gettext("; ").join(
        f"{FACTS.get(key, key)}{gettext(': ')}{_fact(value)}"
        for key, value in details.items()
        if value is not None
    )


def _subject(row: AuditLog) -> str:
    """Return whom or what an act concerned; for permissions and switches that is a role."""
    return _fact(row.subject) if row.kind in ("switch", "grant", "revoke") else row.subject


def _fact(value: Any) -> str:
    """Return a logged value in words where it is a code of ours."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    words = {role.value: str(role.label) for role in Role} | {"web": gettext("Web")}
    return words.get(str(value), str(value))
