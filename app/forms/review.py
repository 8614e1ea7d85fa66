"""Forms of chapters 1.1 and 1.6: notices, objections, returns with reasons, recommendations, places in a tree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from app.engine import Refused
from app.enums import ApplicationState, Level, NoticeKind, NoticeState
from app.extensions import db
from app.forms.base.aliases import Records
from app.forms.base.base import (
    PHRASES,
    ActForm,
    Form,
    RowForm,
    SignedForm,
    area,
    choice,
    day,
    hour,
    lookup,
    many,
    offer_in_rows,
    rows,
    text,
    tick,
    upload,
)
from app.forms.base.fields import ChoiceField, FieldList
from app.forms.base.file_fields import FileField
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Committee, Notice, NoticeItem, StoredFile
from app.services.dossier import return_reasons
from app.services.files import attached_files
from app.services.form import form_definition
from app.services.review import first_checks, notices, routing, sending_back
from app.validators import Invalid

TELEPHONE = re.compile(r"[0-9+() -]{5,24}(转[0-9]{1,6})?", re.ASCII)
MOST_ITEMS = 500
MOST_PLACES = 400
"""With more filled fields than this, only sections are offered; the reason then names the field."""


@dataclass(frozen=True)
class StoredUpload:
    """An uploaded file that is stored, with its original name."""

    stored: StoredFile
    name: str


def telephone(value: str) -> str:
    """Return the number of an office, landline or mobile, as typed, or raise `Invalid`."""
    if not TELEPHONE.fullmatch(value):
        raise Invalid(_("Enter a telephone number like 0731-12345678 or 13800000000."))
    return value


def store_upload(field: FileField) -> None:
    """Store the files sent in `field`; raise ValidationError at the field if one is refused."""
    field.judge(partial(_store, kinds=field.kinds, max_mb=field.max_mb))


def _store(sent: FileStorage, kinds: Sequence[str], max_mb: int | None) -> StoredUpload:
    name = sent.filename or ""
    return StoredUpload(attached_files.store(sent.stream, name, kinds=kinds, max_mb=max_mb), name)


def form_sections() -> list[tuple[str, str]]:
    """Return the sections of the application form, as choices."""
    session = db.session()
    form = form_definition.load(session, form_definition.newest_version(session))
    return [(section.key, section.label) for section in form.sections]


class SectionReason(RowForm):
    """Reason why one section, or one field of it, is returned."""

    section = choice(_("Section"), form_sections, required=False)
    reason = text(_("What is to be changed"), 300, required=False, render_kw=PHRASES)


def place_choices(record: Application) -> list[tuple[str, str]]:
    """Return the sections of an application, each followed by its filled fields, as choices."""
    places = first_checks.places_of(record)
    names = first_checks.sections_of(record)
    with_fields = sum(len(one) for one in places.values()) <= MOST_PLACES
    found = []
    for key, label in names.items():
        found.append((key, label))
        for place, field in places.get(key, []) if with_fields else []:
            found.append((f"{key}/{place}", f"{label} · {field}"))
    return found


def reasons_by_section(typed: list[tuple[str, str]]) -> dict[str, Any]:
    """Combine (section or section/place, reason) pairs into the stored form of a return, in typed order."""
    found: dict[str, Any] = {}
    for where, why in typed:
        key, _slash, place = where.partition("/")
        known = (
            return_reasons.read({key: found[key]})[key]
            if key in found
            else return_reasons.Reason("")
        )
        words = "\n".join(part for part in (known.text, why) if part)
        fields = {**known.fields, **({place: why} if place else {})}
        found[key] = {"reason": words, "fields": fields} if fields else words
    return found


def reasons_when(rule: str) -> FieldList:
    """Return a field of reasons by section, shown only when `rule` is true in the page."""
    return rows(
        _("Sections concerned"),
        SectionReason,
        max_rows=20,
        render_kw={"data-add-label": _("Add a section"), "data-show-when": rule},
    )


class ReviewForm(SignedForm):
    """Pass or return: the opinion, and reasons by section for a return."""

    reasons = reasons_when("decision=refuse")

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer sections and fields of a single application; for several, sections only."""
        super().bind(records, actor)
        if len(records) == 1 and isinstance(records[0], Application):
            pairs = place_choices(records[0])
            offer_in_rows(self.reasons, SectionReason, "section", _("Section or field"), pairs)

    def validate_reasons(self, field: wtforms.Field) -> None:
        for row in field.entries:
            if bool(row.form.section.data) != bool(row.form.reason.data):
                raise ValidationError(
                    gettext("Choose the section and say what is to be changed there, in every row.")
                )

    def values(self, **options: Any) -> dict[str, Any]:
        values = super().values(**options)
        typed = values.pop("reasons", None) or []
        named = [(row["section"], row["reason"]) for row in typed if row["section"]]
        values["sections"] = reasons_by_section(named)
        return values


def station_when(rule: str) -> ChoiceField:
    """Return a field for the station to which a case goes back, shown only when `rule` is true in the page."""
    return choice(
        _("Back to"),
        [],
        required=False,
        help=_(
            "Only stations that the case has passed. From there it takes the usual way up again."
        ),
        render_kw={"data-show-when": rule, "data-must": "1"},
    )


class SuperiorReviewForm(ReviewForm):
    """Pass, return to the applicant, or send back to an earlier station of the route."""

    reasons = reasons_when("decision=refuse&way=superior_return")
    station = station_when("decision=refuse&way=superior_send_back")

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the stations that a single application has passed; for several, those at their own units."""
        super().bind(records, actor)
        self.station.offered = sending_back.choices(records)


class SettleForm(ReviewForm):
    """Findings on an objection, and reasons by section if the application is returned."""

    leader = None
    reasons = reasons_when("decision=uphold_return")


class ReportForm(SignedForm):
    """The unit's recommendation with the proof of its notice."""

    recommendation = area(
        _("Recommendation of the unit"),
        1000,
        help=_("Stands in the file of every chosen person."),
        render_kw=PHRASES,
    )
    proof = upload(
        _("Proof of the notice"),
        required=False,
        help=_("A signed statement or a photograph; needed unless it is there already."),
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Mark the proof as required for a single application that has none yet."""
        super().bind(records, actor)
        if len(records) == 1 and not routing.has_proof(db.session(), records[0].id):
            self.proof.render_kw = {**(self.proof.render_kw or {}), "data-must": "1"}

    def validate_proof(self, field: wtforms.Field) -> None:
        store_upload(field)


class NoticeForm(Form):
    """A new notice; its last day is computed."""

    title = text(_("Title of the notice"), 120)
    application_ids = many(_("Applications"), [])
    place = text(
        _("Place of the notice"),
        200,
        help=_("Where it hangs, for example the hall or the intranet."),
    )
    contact = text(_("Contact for objections"), 64)
    phone = text(_("Telephone"), 32, check=telephone)
    starts_on = day(
        _("First day"),
        help=_("The last day is computed by the official calendar; this day does not count."),
    )
    accept_late = tick(_("Open it even though its people can then no longer be reported"))

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the unit's applications that passed the first check."""
        waiting = (
            select(Application)
            .where(
                Application.unit_id == actor.unit_id, Application.state == ApplicationState.CHECKED
            )
            .order_by(Application.name, Application.id)
            .limit(MOST_ITEMS)
        )
        found = db.session.scalars(waiting).all()
        self.application_ids.offered = [
            (one.id, f"{one.name}（{one.number}，{one.title.name}）") for one in found
        ]
        self.notes = [self._earliest_end()]
        if not found:
            self.notes.append(
                gettext("No application has passed the first check; there is nobody to name yet.")
            )

    def _earliest_end(self) -> str:
        try:
            last = notices.last_day(NoticeKind.UNIT, clock.local_date(clock.now()))
        except Refused as refusal:
            return refusal.sentence
        return gettext(
            "Posted today, the notice would hang until the end of %(day)s.", day=last.isoformat()
        )


class ObjectionForm(Form):
    """A received objection; it may be anonymous."""

    item_id: Any = choice(_("Concerned"), [])
    content = area(_("Objection"), 2000, min_length=4)
    author = text(
        _("Raised by"),
        64,
        required=False,
        help=_("Leave empty if nobody signed. Only the handler sees it."),
    )
    contact = text(_("How to reach the person"), 64, required=False)
    received_on = day(_("Received on"))
    received_time = hour(_("Time"), help=_("For example 16:30."))
    evidence = upload(_("Evidence"), required=False)

    notes = [
        _(
            "An objection that names somebody who works on cases in your unit or office goes to the body above; the "
            "body above sees every objection and may take it over. One that comes in late goes to whoever has the "
            "case now."
        )
    ]

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer everybody in the unit's notices that were not cancelled, newest first."""
        named = (
            select(NoticeItem)
            .join(Notice, Notice.id == NoticeItem.notice_id)
            .join(Application, Application.id == NoticeItem.application_id)
            .where(
                Application.unit_id == actor.unit_id,
                Notice.kind == NoticeKind.UNIT,
                Notice.state != NoticeState.CANCELLED,
            )
            .order_by(NoticeItem.id.desc())
            .limit(MOST_ITEMS)
        )
        self.item_id.offered = [
            (item.id, f"{item.application.name}（{item.notice.title}）")
            for item in db.session.scalars(named)
        ]

    def validate_evidence(self, field: wtforms.Field) -> None:
        store_upload(field)

    def values(self, **options: Any) -> dict[str, Any]:
        values = super().values(**options)
        when = datetime.combine(
            values.pop("received_on"), values.pop("received_time"), clock.SHANGHAI
        )
        return {**values, "received_at": when}


class ReceivedObjectionForm(ObjectionForm):
    """An objection filed with a superior unit or an authority, about a case named by its number."""

    item_id: Any = None
    number = text(
        _("Application number"), 32, help=_("As it stands in the notice or the application query.")
    )
    is_about_staff = tick(
        _("Concerns the unit or office that handles the case, or its people"),
        help=_("Then your unit, or the body above whoever has the case, inquires and settles it."),
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer nothing: the case is named by its number."""


class HandOnForm(ActForm):
    """The unit that takes the place of a closed one in the chosen cases."""

    unit_id = lookup(
        _("Unit that takes its place"),
        "unit",
        help=_(
            "It goes on where the closed unit stood; the applicant need not hand in anything again."
        ),
    )


class PlaceForm(Form):
    """The place of a unit in a committee's review tree."""

    committee_id = choice(_("Committee"), [])
    unit_id = lookup(_("Unit"), "unit")
    superior_id = lookup(
        _("Superior in this tree"),
        "unit",
        required=False,
        help=_("Empty: the unit reports straight to the committee."),
    )
    levels = many(
        _("Levels that pass through"),
        Level,
        help=_("Applications of other levels skip this unit on their way up."),
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the office's own committees."""
        own = (
            select(Committee).where(Committee.id.in_(actor.committee_ids)).order_by(Committee.code)
        )
        self.committee_id.offered = [(one.id, one.name) for one in db.session.scalars(own)]


class MovedPlaceForm(Form):
    """The superior below which a unit stands in a review tree."""

    superior_id = lookup(
        _("To which superior"),
        "unit",
        required=False,
        help=_("Empty: the unit reports straight to the committee."),
    )


class ChangedPlaceForm(Form):
    """A place whose superior or levels change; the unit must confirm it anew."""

    superior_id = lookup(
        _("Superior in this tree"),
        "unit",
        required=False,
        help=_("Empty: the unit reports straight to the committee."),
    )
    levels = many(
        _("Levels that pass through"),
        Level,
        help=_("Applications of other levels skip this unit on their way up."),
    )
