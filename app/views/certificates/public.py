"""Public pages without sign-in: running result notices, and verification of certificates.

They never show an ID number, a person's telephone number or a score. A header asks search engines
not to index them.
"""

from datetime import date
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select
from werkzeug.exceptions import TooManyRequests

from app.enums import NoticeKind, NoticeState
from app.extensions import db
from app.forms.certificates import CertificateQueryForm
from app.ground import clock
from app.ground.database import side_write_session
from app.models import Certificate, Notice
from app.services.certificates import certificates
from app.services.credentials import rate_limits
from app.views.base.aliases import Page
from app.views.base.state_colours import tone_of
from app.views.review.ch1_1_evaluation import people_of

PAGE = 20
MOST_PAGES = 10_000
LONGEST_TOKEN = 32


def links() -> list[Page]:
    """Return the navigation links of the public pages; the current one is marked."""
    here = request.endpoint or ""
    pages = (
        ("PublicNotices.list", gettext("Result notices")),
        ("PublicCertificates.query", gettext("Certificate verification")),
        ("PublicProofs.show", gettext("Check a draw or a vote")),
    )
    return [
        {
            "url": url_for(endpoint),
            "label": label,
            "is_current": here.partition(".")[0] == endpoint.partition(".")[0],
        }
        for endpoint, label in pages
    ]


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Return the response of a public page, marked as not to be indexed by search engines."""
    answer = make_response(render_template(template, public_links=links(), **values), status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def is_public(today: date) -> ColumnElement[bool]:
    """Return the condition for public result notices: from the first day to 24:00 of the last."""
    return (
        (Notice.kind == NoticeKind.RESULT)
        & (Notice.state == NoticeState.RUNNING)
        & (Notice.starts_on <= today)
        & (Notice.ends_on >= today)
    )


class PublicNotices(BaseView):
    """Public list and pages of results in public notice (Order 40, art. 27)."""

    route_base = "/public/notices"
    default_view = "list"
    base_permissions: list[str] = []

    @expose("/")
    def list(self) -> ResponseReturnValue:
        """List the running result notices."""
        number = request.args.get("page", 1, type=int)
        if not 1 <= number <= MOST_PAGES:
            abort(400)
        running = is_public(clock.local_date(clock.now()))
        total = db.session.scalar(select(func.count()).select_from(Notice).where(running)) or 0
        query = select(Notice).where(running).order_by(Notice.ends_on, Notice.id)
        found = db.session.scalars(query.offset((number - 1) * PAGE).limit(PAGE)).all()
        head = {
            "title": gettext("Notices of review results"),
            "purpose": gettext(
                "Results that are in public notice now. Whoever objects tells the contact named there."
            ),
        }
        return page(
            "public/notices.html", page=head, notices=found, pager=self._pager(number, total)
        )

    def _pager(self, number: int, total: int) -> Page:
        last = number * PAGE >= total
        return {
            "total_text": str(total),
            "first": None,
            "last": None,
            "prev_url": url_for("PublicNotices.list", page=number - 1) if number > 1 else None,
            "next_url": None if last else url_for("PublicNotices.list", page=number + 1),
        }

    @expose("/<int:pk>")
    def show(self, pk: int) -> ResponseReturnValue:
        """Show one running result notice with the people named in it."""
        running = is_public(clock.local_date(clock.now()))
        query = select(Notice).where(Notice.id == pk, running)
        notice = db.session.scalars(query).one_or_none() or abort(404)
        return page(
            "public/notice.html",
            page={"title": notice.title},
            notice=notice,
            people=people_of(notice),
        )


class PublicCertificates(BaseView):
    """Public verification of a certificate by number and name, or by its QR code."""

    route_base = "/public/certificates"
    default_view = "query"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    def query(self) -> ResponseReturnValue:
        """Verify a certificate by number and name."""
        form = CertificateQueryForm()
        if request.method == "GET":
            return self._page(form, None, is_asked=False)
        self._limit_rate()
        if not form.validate():
            return self._page(form, None, is_asked=False, status=422)
        found = certificates.find(db.session(), form.number.data, form.name.data)
        return self._page(form, found, is_asked=True)

    @expose("/<string:token>")
    def scanned(self, token: str) -> ResponseReturnValue:
        """Verify a certificate by the token in its QR code; 404 if there is none."""
        self._limit_rate()
        found = certificates.find_by_token(db.session(), token[:LONGEST_TOKEN])
        status = 200 if found is not None else 404
        return self._page(CertificateQueryForm(formdata=None), found, is_asked=True, status=status)

    def _limit_rate(self) -> None:
        """Rate limit per IP address: raise TooManyRequests before anything is looked up."""
        with side_write_session() as session:
            is_too_many = rate_limits.is_over_query_limit(
                session, request.remote_addr or "", clock.now()
            )
        db.session.commit()
        if is_too_many:
            raise TooManyRequests(retry_after=60)

    def _page(
        self,
        form: CertificateQueryForm,
        found: Certificate | None,
        *,
        is_asked: bool,
        status: int = 200,
    ) -> Response:
        head = {
            "title": gettext("Certificate verification"),
            "purpose": gettext(
                "Enter number and name as they stand on the certificate, or scan its QR code."
            ),
        }
        return page(
            "public/certificates.html",
            status,
            page=head,
            form=form,
            is_asked=is_asked,
            answer=public_facts(found) if found is not None else None,
        )


def public_facts(certificate: Certificate) -> Page:
    """Return the public facts of a certificate: its state, and name (masked), number and title."""
    state = certificate.state
    settled = certificate.settled_at
    return {
        "state": {"label": state.label, "tone": tone_of(state)},
        "settled_on": clock.local_date(settled).isoformat() if settled else None,
        "facts": [
            (gettext("Name"), certificates.masked_name(certificate.name)),
            (gettext("Certificate number"), certificates.grouped(certificate.number)),
            (gettext("Series"), certificate.series.name),
            (gettext("Level"), str(certificate.level.label)),
            (gettext("Title obtained"), certificate.title.name),
            (gettext("Obtained on"), certificate.obtained_on.isoformat()),
        ],
    }


VIEWS = (PublicNotices, PublicCertificates)
