"""Password reset (忘记密码): sends a one-time code to the stored mobile or mail and takes a new password.

The responses are the same whether or not the person exists: a thread outside the request makes and sends the
code, and the cookie holds keyed indexes instead of ID number and name.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from flask import Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from app.engine import Refused
from app.extensions import db
from app.forms.accounts import CodeForm, ForgottenForm, ResetCodeForm
from app.ground import clock
from app.models import Person, User
from app.services.accounts import registration, resets
from app.services.credentials import one_time_codes
from app.services.ground.id_numbers import index_of
from app.services.messages import channels
from app.views.accounts.registration import REFUSED, TOO_MANY, is_too_many
from app.web import device_cookie, security

ASKED = "reset"
"""Cookie key: keyed indexes of ID number and name, and the time at which a code was requested."""
MOST_WAITING = 200
_sending = ThreadPoolExecutor(4, thread_name_prefix="codes")
_waiting: set[Future[None]] = set()


class Forgotten(BaseView):
    """/forgot/ asks for ID number and name, /forgot/code for the code and the new password.

    /forgot/use takes the code of a reset that an administrator began.
    """

    route_base = "/forgot"
    default_view = "ask"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    def ask(self) -> ResponseReturnValue:
        form = ForgottenForm()
        if request.method == "GET":
            return _ask_page(form)
        if not form.validate():
            return _ask_page(form), REFUSED
        if not channels.available():
            form.form_errors.append(
                gettext(
                    "This system sends no codes. Ask a system administrator to reset the password."
                )
            )
            return _ask_page(form), REFUSED
        if is_too_many("reset"):
            form.form_errors.append(_too_many())
            return _ask_page(form), TOO_MANY
        name_index = registration.name_index(form.name.data)
        return _send(index_of(form.id_number.data), name_index)

    @expose("/again", methods=["POST"])
    def again(self) -> ResponseReturnValue:
        """Send another code, at the earliest `one_time_codes.PAUSE` after the last one."""
        asked = _reset_request()
        if asked is None:
            return redirect(url_for("Forgotten.ask"), 303)
        left = asked[2] + one_time_codes.PAUSE.total_seconds() - clock.now().timestamp()
        if left > 0:
            why = gettext("Another code can be sent in %(seconds)d seconds.", seconds=int(left) + 1)
            return _code_page(CodeForm(formdata=None), why), REFUSED
        if is_too_many("reset"):
            return _code_page(CodeForm(formdata=None), _too_many()), TOO_MANY
        return _send(asked[0], asked[1])

    @expose("/code", methods=["GET", "POST"])
    def code(self) -> ResponseReturnValue:
        asked = _reset_request()
        if asked is None:
            return redirect(url_for("Forgotten.ask"))
        form = CodeForm()
        if request.method == "GET":
            return _code_page(form)
        if not form.validate():
            return _code_page(form), REFUSED
        if is_too_many("reset"):
            return _code_page(form, _too_many()), TOO_MANY
        try:
            self._replace(asked[0], form)
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return _code_page(form), REFUSED
        security.end_cookie()
        flash(
            gettext("The password was changed and every session has ended. Sign in with it."),
            "success",
        )
        return redirect(url_for("Session.login"), 303)

    @expose("/use", methods=["GET", "POST"])
    def use(self) -> ResponseReturnValue:
        """Take the code that an administrator's reset sent, or both halves of a sealed slip."""
        form = ResetCodeForm()
        if request.method == "GET":
            return _use_page(form)
        if not form.validate():
            return _use_page(form), REFUSED
        if is_too_many("reset"):
            form.form_errors.append(_too_many())
            return _use_page(form), TOO_MANY
        at = clock.now()
        try:
            right = resets.try_code(form.account.data, form.code.data, at=at)
            db.session.commit()
            if right is None:
                raise Refused(resets.wrong_code(), "code")
            resets.replace(*right, form.new.data, at=at)
            db.session.commit()
            _remember_device(right[0])
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return _use_page(form), REFUSED
        security.end_cookie()
        flash(
            gettext("The password was changed and every session has ended. Sign in with it."),
            "success",
        )
        return redirect(url_for("Session.login"), 303)

    def _replace(self, id_index: str, form: CodeForm) -> None:
        at = clock.now()
        right = registration.try_code(id_index, form.code.data, at=at)
        db.session.commit()
        if right is None:
            raise Refused(registration.wrong_code(), "code")
        registration.reset_password(*right, form.new.data, at=at)
        db.session.commit()
        _remember_device(right[0])


def _remember_device(user_id: int) -> None:
    """Let this browser sign in although strangers go on trying the account's name."""
    device_cookie.remember(db.session.get_one(User, user_id))


def pending() -> set[Future[None]]:
    """Return the tasks that are making and sending codes at this moment."""
    return set(_waiting)


def _send(id_index: str, name_index: str) -> Response:
    """Start sending a code and redirect to its page, in the same time whether or not the person exists."""
    if len(_waiting) >= MOST_WAITING:
        raise ServiceUnavailable(retry_after=30)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    sent = _sending.submit(_send_in_context, app, id_index, name_index)
    _waiting.add(sent)
    sent.add_done_callback(_waiting.discard)
    session[ASKED] = [id_index, name_index, int(clock.now().timestamp())]
    return redirect(url_for("Forgotten.code"), 303)


def _send_in_context(app: Flask, id_index: str, name_index: str) -> None:
    with app.app_context():
        make_and_send(id_index, name_index, at=clock.now())


def make_and_send(id_index: str, name_index: str, *, at: datetime) -> None:
    """Make a code and send it to the matching account, if there is one; report nothing to the caller.

    The code is committed before it is sent, and no transaction is open while it is being sent.
    """
    made = registration.new_code(id_index, name_index, at=at)
    db.session.commit()
    if made is None:
        return
    user, code = made
    username = user.username
    person = db.session.scalars(select(Person).where(Person.user_id == user.id)).one()
    db.session.expunge(person)
    db.session.commit()
    registration.send_code(person, username, code, at=at)
    db.session.commit()


def _reset_request() -> tuple[str, str, int] | None:
    """Return (ID index, name index, request time) from the cookie; None if missing or malformed."""
    match session.get(ASKED):
        case [str(id_index), str(name_index), int(at)]:
            return id_index, name_index, at
    return None


def _use_page(form: ResetCodeForm) -> str:
    return render_template("registration/use_code.html", form=form)


def _ask_page(form: ForgottenForm) -> str:
    return render_template("registration/forgotten.html", form=form)


def _code_page(form: CodeForm, reason: str = "") -> str:
    asked = _reset_request()
    until = clock.local(clock.now()) if asked is None else _until(asked[2])
    return render_template("registration/code.html", form=form, reason=reason, until=until)


def _until(asked_at: int) -> datetime:
    age = clock.now().timestamp() - asked_at
    return clock.local(clock.now() - timedelta(seconds=age) + one_time_codes.LIFE)


def _too_many() -> str:
    return gettext("Too many tries from this network address. Try again in a quarter of an hour.")


VIEWS = (Forgotten,)
