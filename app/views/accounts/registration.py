"""Registration (注册新账号): the web page shows a QR code, the phone fills in the form, the web page signs in.

These pages need no sign-in. The ticket that a browser waits for is kept in its cookie; the secret in the QR
code gives access to the form only, and the browser is signed in when the phone has entered the number it shows.
"""

from datetime import datetime

import segno
from flask import (
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from app import settings
from app.engine import Refused
from app.extensions import db
from app.forms.accounts import ProofForm, RegistrationForm
from app.ground import clock
from app.ground.database import side_write_session
from app.models import Person, Unit, User
from app.services.accounts import registration, registration_tickets, sign_in
from app.services.accounts.registration import ProofNeeded
from app.services.accounts.registration_tickets import Opened
from app.services.credentials import rate_limits, sessions
from app.services.credentials.sessions import SignedIn
from app.views.accounts import claiming
from app.views.base.access import to_sign_in
from app.web import security

WAITING, OPENED = "ticket", "opened"
"""Cookie keys: the ticket of the waiting browser, and the QR code secret opened on the phone."""
REFUSED, GONE, TOO_MANY = 422, 404, 429
QUARTER = 15 * 60


class Registration(BaseView):
    """The web page: /register/ starts, /register/waiting shows the QR code and waits for the phone."""

    route_base = "/register"
    default_view = "ask"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    def ask(self) -> ResponseReturnValue:
        if security.signed_in():
            return redirect(security.HOME)
        if request.method == "GET":
            return render_template("registration/ask.html", is_phone=is_phone())
        if is_phone():
            return redirect(url_for("PhoneRegistration.fill_in"), 303)
        at = clock.now()
        if is_too_many("ticket"):
            raise TooManyRequests(retry_after=QUARTER)
        if before := _ticket_of_browser():
            registration_tickets.cancel(before.ticket_id, before.browser, at=at)
        issued = registration_tickets.issue(
            at=at, address=request.remote_addr or "", agent=request.user_agent.string
        )
        db.session.commit()
        session[WAITING] = [issued.ticket_id, issued.secret, issued.browser]
        return redirect(url_for("Registration.waiting"), 303)

    @expose("/waiting")
    def waiting(self) -> ResponseReturnValue:
        ticket = _ticket_of_browser()
        return _waiting_page(ticket) if ticket else redirect(url_for("Registration.ask"))

    @expose("/state")
    def state(self) -> ResponseReturnValue:
        """Return as JSON the stage the phone has reached and the time left, for the waiting page."""
        ticket = _ticket_of_browser()
        if ticket is None:
            return jsonify(stage="over", left=0)
        now = registration_tickets.ticket_status(ticket.ticket_id, ticket.browser, at=clock.now())
        return jsonify(stage=now.stage, left=now.left)

    @expose("/finish", methods=["POST"])
    def finish(self) -> ResponseReturnValue:
        """Sign this browser in after the phone has entered its number; works once per ticket."""
        ticket = _ticket_of_browser()
        if ticket is None:
            return redirect(url_for("Registration.ask"), 303)
        try:
            user = registration_tickets.redeem_ticket(
                ticket.ticket_id, ticket.browser, at=clock.now()
            )
        except Refused as refusal:
            db.session.rollback()
            return _waiting_page(ticket, refusal.sentence), REFUSED
        name = user.get_full_name()
        answer = sign_in_and_redirect(user, url_for("Hall.list"))
        flash(gettext("Registered and signed in: %(name)s.", name=name), "success")
        return answer


class PhoneRegistration(BaseView):
    """The phone: /r/<secret> opens the scanned QR code, /r/ is the form, with or without a QR code."""

    route_base = "/r"
    default_view = "fill_in"
    base_permissions: list[str] = []

    @expose("/<string:token>")
    def open_code(self, token: str) -> ResponseReturnValue:
        """Move the secret from the URL into the cookie, so that it is not visible in the address bar."""
        if security.signed_in():
            return _already_signed_in()
        try:
            with side_write_session() as own:
                registration_tickets.open_on_phone(own, token, at=clock.now())
        except Refused as refusal:
            session.pop(OPENED, None)
            return render_template("registration/void.html", reason=refusal.sentence), GONE
        session[OPENED] = token
        return redirect(url_for("PhoneRegistration.fill_in"))

    @expose("/", methods=["GET", "POST"])
    def fill_in(self) -> ResponseReturnValue:
        if security.signed_in():
            return _already_signed_in()
        form = RegistrationForm()
        if request.method == "GET":
            return _form_page(form)
        if not form.validate():
            return _form_page(form), REFUSED
        if is_too_many("register"):
            form.form_errors.append(_too_many())
            return _form_page(form), TOO_MANY
        at = clock.now()
        user = registration.new_account(form.facts["name"], form.password.data, at=at)
        try:
            registration.register(user, form.facts, at=at)
            return _signed_in(user, at)
        except ProofNeeded as needed:
            person = needed.person
            db.session.rollback()
            return claiming.first_page(person, form.facts, user.password or "", needed.sentence)
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return _form_page(form), REFUSED

    @expose("/proof", methods=["GET", "POST"])
    def prove(self) -> ResponseReturnValue:
        """Take the code with which somebody takes over the record that a unit or an office entered."""
        if security.signed_in():
            return _already_signed_in()
        held = claiming.read(request.form.get("held", ""), at=clock.now())
        if held is None:
            flash(gettext("The page had expired. Please fill in the form once more."), "warning")
            return redirect(url_for("PhoneRegistration.fill_in"), 303)
        form = ProofForm()
        if "again" in request.form:
            return claiming.again(held)
        if not form.validate():
            return claiming.page(form, held), REFUSED
        if is_too_many("register"):
            form.form_errors.append(_too_many())
            return claiming.page(form, held), TOO_MANY
        at = clock.now()
        try:
            return _signed_in(claiming.take_over(held, form.proof.data, at=at), at)
        except Refused as refusal:
            db.session.rollback()
            form.proof.errors = [refusal.sentence]
            return claiming.page(form, held), REFUSED

    @expose("/confirm", methods=["POST"])
    def confirm(self) -> ResponseReturnValue:
        """Take the number that the waiting web page shows; only then that page is signed in."""
        who, opened = security.signed_in(), session.get(OPENED)
        if who is None:
            return to_sign_in()
        if not isinstance(opened, str):
            return redirect(url_for("PhoneRegistration.done"), 303)
        typed = request.form.get("number", "")[:20]
        is_right = registration_tickets.confirm(opened, who.user.id, typed, at=clock.now())
        db.session.commit()
        if is_right:
            session.pop(OPENED)
            return redirect(url_for("PhoneRegistration.done", web="yes"), 303)
        return _done_page(who, wrong=True), REFUSED

    @expose("/done")
    def done(self) -> ResponseReturnValue:
        """Show how to sign in next time, and ask for the number of the web page that waits, if one does."""
        who = security.signed_in()
        return to_sign_in() if who is None else _done_page(who)


def is_phone() -> bool:
    """Whether the request comes from a phone: it gets the form at once, as it cannot scan its own screen."""
    return "Mobi" in request.user_agent.string


def is_too_many(kind: str) -> bool:
    """Count one attempt of this IP address and return whether it is over the limit.

    The count is committed at once, so that attempts that are refused later count too.
    """
    number = "resets_per_address" if kind == "reset" else "registrations_per_address"
    too_many = rate_limits.is_over_limit(
        db.session(),
        kind,
        request.remote_addr or "",
        limit=settings.get(number),
        at=clock.now(),
    )
    db.session.commit()
    return too_many


def sign_in_and_redirect(user: User, target: str) -> Response:
    """Commit, sign `user` in with a new session and redirect; the old session ends (session fixation)."""
    if before := security.signed_in():
        sessions.end(before.session, "signed_in_anew", at=clock.now())
    secret = sign_in.begin(
        user,
        at=clock.now(),
        address=request.remote_addr or "",
        agent=request.user_agent.string,
    )
    db.session.commit()
    security.start_session(user, secret)
    return redirect(target, 303)


def _signed_in(user: User, at: datetime) -> Response:
    """Tell the waiting web page that the account is there and sign the phone in, in one transaction.

    The phone is signed in because the password was chosen on it just now, not because of the QR code secret.
    """
    opened = session.get(OPENED)
    if not isinstance(opened, str):
        return sign_in_and_redirect(user, url_for("PhoneRegistration.done"))
    is_waiting = registration_tickets.complete(opened, user, at=at)
    web = None if is_waiting else "late"
    answer = sign_in_and_redirect(user, url_for("PhoneRegistration.done", web=web))
    if is_waiting:
        session[OPENED] = opened
    return answer


def _form_page(form: RegistrationForm) -> str:
    return render_template(
        "registration/form.html", form=form, has_code=isinstance(session.get(OPENED), str)
    )


def _done_page(who: SignedIn, *, wrong: bool = False) -> str:
    opened = session.get(OPENED)
    browser = None
    if isinstance(opened, str):
        browser = registration_tickets.waiting_browser(opened, who.user.id, at=clock.now())
    return render_template(
        "registration/done.html",
        user=who.user,
        unit=db.session.scalar(select(Unit.name).join(Person).where(Person.user_id == who.user.id)),
        web=request.args.get("web", ""),
        browser=browser,
        wrong=wrong,
        go_on=url_for("Phone.start" if is_phone() else "Hall.list"),
    )


def _waiting_page(ticket: Opened, reason: str = "") -> str:
    address = current_app.config["PUBLIC_URL"] + url_for(
        "PhoneRegistration.open_code", token=ticket.secret
    )
    return render_template(
        "registration/waiting.html",
        standing=registration_tickets.ticket_status(
            ticket.ticket_id, ticket.browser, at=clock.now()
        ),
        address=address,
        code=Markup(segno.make(address, error="m", micro=False).svg_inline(omitsize=True)),  # noqa: S704 - drawn by segno
        number=registration_tickets.desk_number(ticket.browser),
        reason=reason,
    )


def _ticket_of_browser() -> Opened | None:
    """Return the ticket this browser waits for, from the cookie; None if missing or malformed."""
    match session.get(WAITING):
        case [int(ticket_id), str(secret), str(browser)]:
            return Opened(ticket_id, secret, browser)
    return None


def _already_signed_in() -> Response:
    flash(
        gettext("Somebody is signed in here already. Sign out first to register another person."),
        "warning",
    )
    return make_response(redirect(security.HOME))


def _too_many() -> str:
    return gettext(
        "Too many registrations from this network address. Try again in a quarter of an hour."
    )


VIEWS = (Registration, PhoneRegistration)
