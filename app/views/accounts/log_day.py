"""The printed daily report of the logs, with the head of the log chain, for the auditor."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.extensions import db
from app.ground import clock, in_force
from app.services.ground import audit, log_report
from app.validators import Invalid, dates


@in_force.in_program_words()
def page(back_url: str, act_names: Callable[[str, str], tuple[str, str]]) -> ResponseReturnValue:
    """Show the report of `?day=`, by default of today.

    `act_names` returns the labels of a kind of record and of its event.
    """
    now = clock.now()
    try:
        day = dates.day(request.args.get("day") or clock.local_date(now).isoformat())
    except Invalid as invalid:
        flash(str(invalid), "warning")
        return redirect(back_url)
    found = log_report.report(db.session(), day)
    return render_template(
        "print/day.html",
        report=found,
        now=now,
        acts=[(*act_names(subject, event), count) for subject, event, count in found.acts],
        events=[
            (audit.KINDS.get(kind, kind), gettext("Yes") if ok else gettext("No"), count)
            for kind, ok, count in found.events
        ],
        back_url=back_url,
    )
