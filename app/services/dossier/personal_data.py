"""Export of a person's own stored data (Personal Information Protection Law, art. 45).

A streamed ZIP archive with data.json for programs, an HTML page to read and the uploaded files under their
own names. It contains no data of other people: for those who handled a case it names the unit, never the
person.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import IO, Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import func, select

from app import settings
from app.engine import Refused, workflow_of
from app.enums import Labelled, MessageKind
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import (
    Application,
    Attachment,
    AuditLog,
    Certificate,
    Correction,
    EmploymentChange,
    Expert,
    LoginSession,
    MaterialKind,
    Message,
    MessageChoice,
    Person,
    Position,
    Relation,
    Reminder,
    TransitionLog,
)
from app.services.dossier import dossier, submissions
from app.services.files import attached_files
from app.services.ground.audit import KINDS, audit

KIND = "my_data"
DAY = timedelta(days=1)
AT_ONCE = 100
CHUNK = 256 * 1024
TEMPLATE = "me/my_data.html"


def log_export(actor: Actor, at: datetime) -> int:
    """Write the export to the audit log and return the id of the actor's person; the caller commits.

    Raises Refused if the account has no person, or after `my_data_per_day` exports within 24 hours.
    """
    if actor.person_id is None:
        raise Refused(gettext("Your account has no personal data yet."))
    most = settings.get("my_data_per_day")
    query = select(func.count(AuditLog.id)).where(
        AuditLog.kind == KIND,
        AuditLog.is_success.is_(True),
        AuditLog.actor_id == actor.user_id,
        AuditLog.at > at - DAY,
    )
    if int(db.session.scalar(query) or 0) >= most:
        raise Refused(
            gettext(
                "You have downloaded your data %(most)s times today. Try again tomorrow.", most=most
            )
        )
    audit(KIND, actor=actor, subject=f"person:{actor.person_id}")
    return actor.person_id


class _WriteBuffer:
    """Write target between the ZIP writer and the response: `take` returns and clears its content."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing; ZipFile requires this method."""

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def archive(person_id: int) -> Iterator[bytes]:
    """Yield the ZIP archive in chunks of bytes.

    Memory holds at most one application and one chunk of a file at a time.
    """
    buffer = _WriteBuffer()
    person = db.session.get_one(Person, person_id)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[call-overload]  # ZipFile needs only write and flush
        for name, parts in (("data.json", _json(person)), (_page_name(), _page(person))):
            with packed.open(name, "w") as entry:
                for text in parts:
                    entry.write(text.encode())
                    yield buffer.take()
        for path, attachment in _files(person):
            yield from _write_file(packed, buffer, path, attachment)
    yield buffer.take()


def _write_file(
    packed: zipfile.ZipFile, buffer: _WriteBuffer, path: str, attachment: Attachment
) -> Iterator[bytes]:
    try:
        source: IO[bytes] = attached_files.open_path(attachment).open("rb")
    except FileNotFoundError:
        return
    entry = zipfile.ZipInfo(path, clock.local(attachment.added_at).timetuple()[:6])
    with source, packed.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)
            yield buffer.take()


def _json(person: Person) -> Iterator[str]:
    yield "{"
    for place, (key, value) in enumerate(_data_parts(person)):
        yield f"{',' if place else ''}\n{json.dumps(key)}: "
        if isinstance(value, dict):
            yield json.dumps(value, ensure_ascii=False, indent=1)
            continue
        yield "["
        for number, one in enumerate(value):
            yield ("," if number else "") + json.dumps(one, ensure_ascii=False, indent=1)
        yield "]"
    yield "\n}\n"


def _page(person: Person) -> Iterator[str]:
    template = current_app.jinja_env.get_template(TEMPLATE)
    yield from template.generate(
        name=person.name,
        made_at=_text(clock.now()),
        parts=dict(_data_parts(person)),
        title=_page_title(),
    )


def _page_title() -> str:
    return gettext("My data archive")


def _page_name() -> str:
    return f"{_page_title()}.html"


def _data_parts(person: Person) -> Iterator[tuple[str, Any]]:
    yield "person", _pairs(person, skip=("user_id",))
    yield (
        "positions",
        (one.label for one in _rows(Position, Position.user_id == (person.user_id or 0))),
    )
    changes = _rows(EmploymentChange, EmploymentChange.person_id == person.id)
    yield "employment_changes", (_pairs(one) for one in changes)
    yield "applications", (_application(one) for one in _applications(person))
    yield (
        "certificates",
        (_pairs(one) for one in _rows(Certificate, Certificate.person_id == person.id)),
    )
    yield "pools", (_pairs(one) for one in _rows(Expert, Expert.person_id == person.id))
    yield "relations", (_pairs(one) for one in _rows(Relation, Relation.person_id == person.id))
    yield (
        "messages",
        (_pairs(one) for one in _rows(Message, Message.user_id == (person.user_id or 0))),
    )
    choices = _rows(MessageChoice, MessageChoice.user_id == (person.user_id or 0))
    yield "message_settings", (_choice(one) for one in choices)
    sessions = _rows(LoginSession, LoginSession.user_id == (person.user_id or 0))
    yield "sign_ins", (_pairs(one, skip=("user_id",)) for one in sessions)
    yield (
        "account_events",
        (_event(one) for one in _rows(AuditLog, AuditLog.actor_id == (person.user_id or 0))),
    )


def _rows(model: Any, condition: Any) -> Iterable[Any]:
    """Yield the rows of `model` that meet `condition`, reading AT_ONCE rows per query."""
    last = 0
    while True:
        query = select(model).where(condition, model.id > last).order_by(model.id).limit(AT_ONCE)
        found = db.session.scalars(query).unique().all()
        yield from found
        if len(found) < AT_ONCE:
            return
        last = found[-1].id


def _applications(person: Person) -> Iterable[Application]:
    return _rows(Application, Application.person_id == person.id)


def _pairs(record: Any, *, skip: tuple[str, ...] = ()) -> dict[str, str]:
    """Return {label: text} of the labelled columns of a record; foreign keys as the related record's name."""
    mapper, found = type(record).__mapper__, {}
    relations = {
        next(iter(one.local_columns)): one.key
        for one in mapper.relationships
        if one.direction.name == "MANYTOONE"
    }
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if "label" in column.info and attribute.key not in skip:
            value = getattr(record, relations.get(column, attribute.key))
            found[str(column.info["label"])] = _text(value)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Labelled):
        return str(value.label)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "name", None) or value)


def _application(application: Application) -> dict[str, Any]:
    return {
        "data": _pairs(application, skip=("holder_id", "person_id", "rules_unmet")),
        "sections": _sections(application),
        "files": [
            one.name
            for one in attached_files.attachments_of(application)
            if _is_own(application, one)
        ],
        "hand_ins": [
            {
                "at": _text(one.handed_in_at),
                "act": str(workflow_of(application).rows[one.event].label),
                "files": [file["name"] for file in one.files],
            }
            for one in submissions.submissions_of(application)
        ],
        "supplement": [
            _pairs(one, skip=("items",))
            | {gettext("Items to be supplied"): gettext("; ").join(i["text"] for i in one.items)}
            for one in _rows(Correction, Correction.application_id == application.id)
        ],
        "reminders": [
            _pairs(one, skip=("application_id", "state")) | {gettext("Sent"): _text(one.created_at)}
            for one in _rows(Reminder, Reminder.application_id == application.id)
        ],
        "timeline": [_timeline_entry(application, log) for log in _logs(application)],
    }


def _sections(application: Application) -> list[dict[str, Any]]:
    labels, saved = dossier.labels(application), dossier.stored(application)
    return [
        {
            "section": section.label,
            "rows": [
                {
                    one.label: dossier.value_text(one, row.get(one.key), labels)
                    for one in section.typed_fields
                }
                for row in saved[section.key].rows
            ],
        }
        for section in dossier.form_of(application).sections
        if section.key in saved
    ]


def _logs(application: Application) -> Iterable[TransitionLog]:
    about = (TransitionLog.subject_type == Application.__tablename__) & (
        TransitionLog.subject_id == application.id
    )
    return _rows(TransitionLog, about)


def _timeline_entry(application: Application, log: TransitionLog) -> dict[str, str]:
    """Return a log row for the export.

    `by` is the unit that acted, never its staff's name; for the applicant's own act it is the applicant.
    """
    rows = workflow_of(application).rows
    is_own = log.actor_id is not None and log.actor_id == application.person.user_id
    return {
        "at": _text(log.at),
        "act": str(rows[log.event].label) if log.event in rows else log.event,
        "by": application.name if is_own else log.unit_name,
        "opinion": log.opinion,
        "receipt": log.receipt,
    }


def _choice(choice: MessageChoice) -> dict[str, str]:
    chosen = [one.partition(".") for one in choice.silenced]
    hours = (choice.quiet_from, choice.quiet_to)
    return {
        gettext("Switched off"): gettext("; ").join(
            f"{MessageKind(kind).label} ({channel})" for kind, _dot, channel in chosen
        ),
        gettext("Quiet hours"): "–".join(f"{hour:02d}:00" for hour in hours if hour is not None),
    }


def _event(log: AuditLog) -> dict[str, str]:
    return {
        "at": _text(log.at),
        "kind": str(KINDS.get(log.kind, log.kind)),
        "succeeded": _text(log.is_success),
        "address": log.address,
    }


def _files(person: Person) -> Iterator[tuple[str, Attachment]]:
    """Yield (path in the archive, attachment) of the person's files; paths are unique."""
    kinds = {one.code: one.name for one in db.session.scalars(select(MaterialKind))}
    taken: set[str] = set()
    for application in _applications(person):
        for one in attached_files.attachments_of(application):
            if not _is_own(application, one):
                continue
            folder = f"{gettext('Material')}/{application.number}/{kinds.get(one.kind, one.kind)}"
            path = _unique_path(f"{folder}/{attached_files.clean_name(one.name)}", taken)
            taken.add(path)
            yield path, one


def _is_own(application: Application, attachment: Attachment) -> bool:
    """Say whether the file is the applicant's own, unlike the unit's proof of its notice, for example."""
    return attachment.added_by in (None, application.person.user_id)


def _unique_path(path: str, taken: set[str]) -> str:
    stem, dot, suffix = path.rpartition(".")
    number, tried = 2, path
    while tried in taken:
        tried = f"{stem} ({number}){dot}{suffix}"
        number += 1
    return tried
