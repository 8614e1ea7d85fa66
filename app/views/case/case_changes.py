"""The last submission as staff see it: changes since an earlier submission marked, with a filter for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from flask_babel import gettext

from app.extensions import db
from app.models import Application, Attachment
from app.services.dossier import dossier, submission_diff, submissions
from app.services.dossier.return_reasons import Reason
from app.services.dossier.submission_diff import RowChange, SectionChange
from app.services.review import first_checks
from app.views.base import detail_sections
from app.views.base.aliases import Label, Page
from app.views.base.columns import Cell
from app.views.base.declared_view import DeclaredView

FIRST_WITH_CHANGES = 2
"""Number of submissions from which on there is something to compare."""


@dataclass(frozen=True)
class Mark:
    """A short coloured tag beside a name."""

    label: Label
    tone: str


def submitted_sections(record: Application, *, is_masked: bool = True) -> list[dossier.Shown]:
    """Return the dossier as last submitted, without later unsubmitted changes of the applicant.

    If there is no submission for staff to see, return the dossier as stored. Pass `is_masked=False` only for
    who has the application in hand.
    """
    submission = submissions.for_staff(record)
    if submission is None:
        return dossier.display(record, is_masked=is_masked)
    return dossier.display(
        record,
        rows_of=submission.sections,
        attachments=submissions.attachments(record, submission),
        is_masked=is_masked,
    )


def chosen_changes(record: Application) -> dict[str, SectionChange]:
    """Return {section key: changes} of the last submission against the one chosen by `?since=`.

    By default it is compared with the submission before it.
    """
    return submission_diff.changes_of_submission(record, _compared_submission())


def is_filtered() -> bool:
    return request.args.get("changed") == "1"


def _compared_submission() -> int | None:
    return request.args.get("since", type=int)


def changes_bar(view: DeclaredView, record: Application) -> Page | None:
    """Return the bar with the number of changes and links to filter or compare with another submission.

    Return None if there are fewer than two submissions.
    """
    kept = submissions.submissions_of(record)
    if len(kept) < FIRST_WITH_CHANGES:
        return None
    count = sum(one.count for one in chosen_changes(record).values())
    since = (
        _compared_submission() if _compared_submission() in range(1, len(kept)) else len(kept) - 1
    )
    here = {"pk": record.id, "since": since}
    links = [
        _link(gettext("Changes only"), view.url("show", **here, changed=1), is_filtered()),
        _link(gettext("Everything"), view.url("show", **here), not is_filtered()),
    ]
    if len(kept) > FIRST_WITH_CHANGES:
        links += [
            _link(
                gettext("against hand-in %(number)s", number=place),
                view.url("show", pk=record.id, since=place, changed=1),
                place == since,
            )
            for place in range(1, len(kept))
        ]
    return {
        "label": gettext(
            "Hand-in %(number)s: %(count)s places changed against hand-in %(since)s.",
            number=len(kept),
            count=count,
            since=since,
        ),
        "links": links,
    }


def _link(label: str, url: str, is_current: bool) -> Page:
    return {"label": label, "url": url, "is_current": is_current}


def returned_mark(flag: Mark | None) -> Mark:
    """Return the mark of a returned section, followed by the text of its mark so far, if any."""
    words = [gettext("returned"), *([str(flag.label)] if flag is not None else [])]
    return Mark(" · ".join(words), "stop")


def reason_lines(record: Application, key: str, why: Reason) -> list[tuple[Label, str]]:
    """Return the reason of the return for a section and for its fields, as (label of the place, reason)."""
    places = dict(first_checks.places_of(record).get(key, [])) if why.fields else {}
    return [
        (gettext("Reason of the return"), why.text),
        *((places.get(place, place), text) for place, text in why.fields.items()),
    ]


def mark_changes(
    section: detail_sections.DetailSection, shown: dossier.Shown, changed: SectionChange | None
) -> None:
    """Add the previous values to the cells of `section`; mark rows and files that were added or removed."""
    if changed is None:
        return
    section.flag = Mark(gettext("%(count)s changes", count=changed.count), "wait")
    for row in changed.rows:
        _mark_row(section, row)
    new = {(file["kind"], file["name"]) for file in changed.added}
    for entry in section.files:
        if (entry["kind"], entry["name"]) in new:
            entry["mark"] = Mark(gettext("new"), "ok")
    section.files += [
        _removed_entry(file) for file in changed.removed if _attachment_of(file) is not None
    ]


def _mark_row(section: detail_sections.DetailSection, row: RowChange) -> None:
    was = {one.label: one.old for one in row.fields}
    if section.kind == "pairs":
        section.pairs = [
            (label, replace(cell, was=was[str(label)]) if str(label) in was else cell)
            for label, cell in section.pairs
        ]
    elif row.new is None:
        line = [Cell("", was=was.get(str(label), "")) for label in section.columns]
        section.rows.append([cell if cell.was else Cell("") for cell in line])
    elif row.new < len(section.rows):
        cells = zip(section.columns, section.rows[row.new], strict=True)
        section.rows[row.new] = [
            replace(cell, was=was[str(label)]) if str(label) in was else cell
            for label, cell in cells
        ]


def _attachment_of(file: Mapping[str, Any]) -> Attachment | None:
    return db.session.get(Attachment, file["id"])


def _removed_entry(file: Mapping[str, Any]) -> Page:
    attachment = _attachment_of(file)
    if attachment is None:
        raise LookupError(file["id"])
    return {**detail_sections.file_entry(attachment), "mark": Mark(gettext("removed"), "stop")}
