"""The detail page of one case: head, sections beside their material, timeline, the act that is waiting."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy import select

from app.engine import Workflow
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Attachment, TransitionLog
from app.services.review import first_checks, signatures
from app.views.base import acting
from app.views.base.columns import Cell, cell_of, resolve
from app.views.base.state_colours import tone_of

if TYPE_CHECKING:
    from app.views.base.base import GuideView

KNOW_THE_JUDGES = (Role.OFFICE, Role.SUPERVISOR)


@dataclass
class DetailSection:
    """A section of the page: pairs, a table, a text or files.

    `flag` is the short mark beside its name, `notes` say why it was returned, `check` is its row of the first
    check, `is_folded` leaves its content out where only changes are looked at.
    """

    key: str
    label: Any
    kind: str
    pairs: list[tuple[Any, Cell]] = field(default_factory=list)
    columns: list[Any] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    count: int | None = None
    flag: Any = None
    notes: list[tuple[Any, str]] = field(default_factory=list)
    check: Any = None
    is_folded: bool = False


def labelled(model: type[Any]) -> list[str]:
    """Return the attribute paths of the labelled columns of `model`, relations instead of their keys."""
    mapper, keys = model.__mapper__, []
    by_column = {
        next(iter(r.local_columns)): r.key
        for r in mapper.relationships
        if r.direction.name == "MANYTOONE"
    }
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if "label" in column.info:
            keys.append(by_column.get(column, attribute.key))
    return keys


def pairs(key: str, label: Any, record: Any, names: list[Any]) -> DetailSection:
    """Return a section of label–value pairs for attribute paths or columns of `record`."""
    columns = [resolve(type(record), name) for name in names]
    return DetailSection(key, label, "pairs", pairs=[(c.label, c.cell(record)) for c in columns])


def table_of(key: str, label: Any, records: list[Any], names: list[Any]) -> DetailSection:
    """Return a section that lists `records` with the given columns."""
    columns = [resolve(type(records[0]), name) for name in names] if records else []
    rows = [[c.cell(record) for c in columns] for record in records]
    return DetailSection(
        key, label, "table", columns=[c.label for c in columns], rows=rows, count=len(rows)
    )


def text(key: str, label: Any, content: str) -> DetailSection:
    return DetailSection(key, label, "text", text=content)


def files_of(
    record: Any, key: str = "files", label: Any = None, section: str | None = None
) -> DetailSection:
    """Return the files attached to `record` as a section with previews."""
    query = select(Attachment).where(
        Attachment.subject_type == record.__tablename__,
        Attachment.subject_id == record.id,
        Attachment.removed_at.is_(None),
    )
    if section is not None:
        query = query.where(Attachment.section == section)
    attachments = db.session.scalars(query.order_by(Attachment.id)).unique().all()
    files = [file_entry(attachment) for attachment in attachments]
    return DetailSection(key, label or gettext("Files"), "files", files=files, count=len(files))


def file_entry(attachment: Attachment) -> dict[str, Any]:
    """Return one attachment as the templates draw it."""
    url = url_for("Files.download", pk=attachment.id)
    return {
        "id": attachment.id,
        "name": attachment.name,
        "kind": attachment.kind,
        "url": url,
        "pages_url": f"{url}/page/",
        "media_type": attachment.file.media_type,
        "size_text": _size(attachment.file.size),
        "pages": attachment.file.pages,
    }


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def timeline(
    record: Any, *, own: int | None = None, names_judges: bool = False
) -> list[dict[str, Any]]:
    """Return what happened to `record`, oldest first, from the append-only log.

    `own` is the account of an applicant who reads it: of others only the unit is named then. Judges are named
    to the office and the supervisor alone (Order 40, art. 25).
    """
    logs = db.session.scalars(
        select(TransitionLog)
        .where(
            TransitionLog.subject_type == record.__tablename__,
            TransitionLog.subject_id == record.id,
        )
        .order_by(TransitionLog.id)
    ).all()
    rows = Workflow.registry[type(record)].rows
    return [
        {
            "label": rows[log.event].label if log.event in rows else log.event,
            "at": log.at,
            "who": _who(log, own, names_judges),
            "unit": log.unit_name,
            "opinion": log.opinion,
            "more": [] if own else _signed(log),
            "receipt": log.receipt,
            "is_now": False,
            "is_next": False,
        }
        for log in logs
    ]


def _who(log: TransitionLog, own: int | None, names_judges: bool) -> str:
    if log.actor_id is None:
        return gettext("the system")
    if log.actor_role is Role.JUDGE and not names_judges:
        return str(log.actor_role.label)
    return log.actor_name if own in (None, log.actor_id) else ""


def _signed(log: TransitionLog) -> list[str]:
    words = (signatures.words(log.details), first_checks.words(log.details))
    return [one for one in words if one]


def case(view: "GuideView", record: Any, actor: Actor) -> dict[str, Any]:
    """Return what detail.html draws for `record`."""
    state = getattr(record, "state", None)
    previous, following = _neighbours(view, record, actor)
    sections, acts = view.sections(record, actor), _acts(view, record, actor)
    _lay_checks(sections, acts)
    return {
        "title": view.name_of(record),
        "state": {"label": state.label, "tone": tone_of(state)} if state is not None else None,
        "facts_line": facts(record),
        "prev_url": previous,
        "next_url": following,
        "back_url": view.list_url({}),
        "head": view.head(record, actor),
        "sections": sections,
        "changes": view.changes(record),
        "acts": acts,
        "timeline": _timeline(record, actor) if state is not None else [],
        "links": _links(view, record, actor),
        "scripts": view.scripts,
    }


def _timeline(record: Any, actor: Actor) -> list[dict[str, Any]]:
    return timeline(record, names_judges=actor.role in KNOW_THE_JUDGES)


def _lay_checks(sections: list[DetailSection], acts: list[dict[str, Any]]) -> None:
    """Put the rows of a first check beside the sections they are about; the form itself stays where it is."""
    for act in acts:
        entries = getattr(act["form"], "checks", None)
        if act["why_not"] or not entries:
            continue
        rows = {entry.form.key.data: entry for entry in entries}
        for section in sections:
            section.check = rows.get(section.key)
        act["is_beside"] = True


def facts(record: Any) -> str:
    """Return number, holder and deadline in one line, as far as the record has them."""
    parts = [str(getattr(record, "number", "") or "")]
    if holder := getattr(record, "holder", None):
        parts.append(gettext("now with %(unit)s", unit=holder.name))
    if due := getattr(record, "due_at", None):
        parts.append(gettext("until %(day)s", day=f"{clock.local(due):%Y-%m-%d %H:%M}"))
    return " · ".join(part for part in parts if part)


def _links(view: "GuideView", record: Any, actor: Actor) -> list[dict[str, Any]]:
    links = [{"label": label, "url": url} for label, url in view.links(record, actor)]
    if view.may_change(record, actor):
        links.insert(0, {"label": gettext("Edit"), "url": view.url("edit", pk=record.id)})
    return links


def _acts(view: "GuideView", record: Any, actor: Actor) -> list[dict[str, Any]]:
    acts = []
    for button in view.buttons_for(actor):
        if not view.is_waiting_for(record, button):
            continue
        events = acting.outcomes(view.model, button, actor)
        form, url = (
            _act_form(view, record, button, events, actor),
            view.url("act", button=button.name),
        )
        acts.append(
            {
                "name": button.name,
                "label": button.label,
                "tone": button.tone,
                "url": url if form is not None else f"{url}?pk={record.id}",
                "form": form,
                "row": f"{record.id}:{record.version}",
                "back": request.path,
                "why_not": acting.why_not_any(record, events, actor, clock.now()),
                "confirm": str(button.confirm) % {"count": 1} if button.confirm else None,
            }
        )
    return acts


def _act_form(
    view: "GuideView", record: Any, button: Any, events: dict[str, Any], actor: Actor
) -> Any:
    """Return the form shown beside the case; None for a form too large for that (`has_own_page`)."""
    kind = acting.form_class(view.model, button, events)
    if getattr(kind, "has_own_page", False):
        return None
    form = kind(formdata=None, prefix="")
    if hasattr(form, "bind"):
        form.bind([record], actor)
    return form


def _neighbours(view: "GuideView", record: Any, actor: Actor) -> tuple[str | None, str | None]:
    keys = view.rows(actor).with_only_columns(view.model.id)
    above = keys.where(view.model.id > record.id).order_by(view.model.id.asc()).limit(1)
    below = keys.where(view.model.id < record.id).order_by(view.model.id.desc()).limit(1)
    urls = []
    for query in (above, below):
        key = db.session.execute(query).scalar()
        urls.append(view.url("show", pk=key) if key else None)
    return urls[0], urls[1]


__all__ = [
    "DetailSection",
    "case",
    "cell_of",
    "file_entry",
    "files_of",
    "labelled",
    "pairs",
    "table_of",
    "text",
    "timeline",
]
