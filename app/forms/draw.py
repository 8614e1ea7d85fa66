"""Forms of the draw of judges, of their seats and of recusals (menu 1.2.3, 我的席位)."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import scopes
from app.enums import MeetingMode, PlanState, PublicSource, Role, SeatRole
from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Records, Validators
from app.forms.offers import choose_meeting, of_asked_meeting, set_choices
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Draw, Plan, Seat
from app.services.draw import draw_rules, public_sources
from app.services.draw.source_values import NAME_LENGTH
from app.services.judging import anonymity
from app.services.meeting.seats import LIVE

MOST_OFFERED = 500
SECRET_LENGTH = 200


class FreezeForm(base.Form):
    """Freeze the pool (冻结专家库): the meeting, and the public source of randomness named in advance."""

    plan_id = base.choice(_("Plan"), ())
    source_kind = base.choice(
        _("Kind of public source"),
        [("", "—"), *PublicSource.choices()],
        required=False,
        help=_(
            "A number that becomes public on a later day and that nobody here can influence. Empty: the two "
            "secrets alone count."
        ),
    )
    source_day = base.day(
        _("Day of the public source"),
        required=False,
        help=_("Later than today. Both sides commit before that day and reveal after it."),
    )
    public_source = base.text(
        _("Issue of the public source"),
        NAME_LENGTH,
        required=False,
        help=_("For example: issue 2026138."),
    )
    reason = base.area(
        _("Reason to draw again"), 500, required=False, help=_("Needed after a void draw.")
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the agreed online meetings of own committees that are not over and have no judges yet.

        When submitted, meetings with judges are offered too, so that the rule refuses them with its sentence.
        """
        query = select(Plan.id, Plan.name, Plan.opens_on).where(
            scopes.visible(Plan, actor),
            Plan.mode == MeetingMode.ONLINE,
            Plan.state == PlanState.APPROVED,
            Plan.closes_on >= clock.local_date(clock.now()),
        )
        if not self.is_submitted():
            seated = select(Seat.id).where(Seat.plan_id == Plan.id, Seat.state.in_(LIVE))
            query = query.where(~seated.exists())
        found = db.session.execute(query.order_by(Plan.opens_on, Plan.id)).all()
        set_choices(self.plan_id, [(key, f"{name}（{day}）") for key, name, day in found])
        if not self.is_submitted():
            choose_meeting(self.plan_id)


class OneDrawForm(base.ActForm):
    """Base of acts on a single draw, whose digest or secret fits no other draw."""

    draw: Draw | None = None

    def bind(self, records: Sequence[Draw], actor: Actor) -> None:
        self.draw = records[0] if len(records) == 1 else None
        if self.draw is not None:
            self.dress(self.draw, actor)

    def dress(self, draw: Draw, actor: Actor) -> None:
        """Pass the pool digest and the role to the page script that handles the secret."""
        role = draw_rules.OFFICE if actor.role is Role.OFFICE else draw_rules.SUPERVISOR
        self["secret"].render_kw = {
            **(self["secret"].render_kw or {}),
            "data-pool": draw.pool_hash,
            "data-role": role,
            "data-keep": f"zc-draw-{draw.plan_id}-{draw.attempt}-{role}",
        }

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.draw is None:
            self.form_errors.append(gettext("Act on one draw at a time."))
            return False
        return is_valid


class CommitForm(OneDrawForm):
    """Commit (承诺): the digest of a secret made by the browser; else a typed secret, hashed at once."""

    secret = base.text(
        _("Secret"),
        SECRET_LENGTH,
        required=False,
        help=_(
            "Note it down or print this page: you need it to reveal. At least 16 letters and digits; only its "
            "digest is kept."
        ),
        render_kw={"data-draw": "commit", "autocomplete": "off"},
    )
    digest = base.text(
        _("Digest of the secret"),
        100,
        required=False,
        help=_("Filled in by the page; empty where the browser cannot compute it."),
        render_kw={"data-draw-digest": "", "autocomplete": "off"},
    )


class RevealForm(OneDrawForm):
    """Reveal (揭示): the secret."""

    secret = base.text(
        _("Secret"),
        SECRET_LENGTH,
        help=_("The one you noted when you committed."),
        render_kw={"data-draw": "reveal", "autocomplete": "off"},
    )


class ValueForm(OneDrawForm):
    """Enter the value of the public source (录入公开信息数值), as it was announced."""

    public_value = base.text(_("Public value"), 100)

    def dress(self, draw: Draw, actor: Actor) -> None:
        """Show the source and an example of its form."""
        if draw.source_kind is not None:
            self.public_value.description = gettext(
                "%(source)s; for example %(example)s",
                source=draw.public_source,
                example=public_sources.FORMS[draw.source_kind].example,
            )


class RoleForm(base.ActForm):
    """Appoint (任命): the judge's role in the meeting."""

    role = base.radio(_("Role"), SeatRole)


class ImposeForm(base.Form):
    """A recusal imposed by the office on its own decision."""

    seat_id = base.choice(_("Judge"), ())
    number = base.text(_("Application number"), 16)
    reason = base.area(_("Reason"), 500)

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the judges of own committees' meetings that are not over, or of the page's meeting alone."""
        query = (
            select(Seat)
            .join(Plan, Plan.id == Seat.plan_id)
            .where(
                scopes.visible(Seat, actor),
                of_asked_meeting(Seat.plan_id),
                Seat.state.in_(LIVE),
                Plan.state == PlanState.APPROVED,
                Plan.closes_on >= clock.local_date(clock.now()),
            )
            .options(joinedload(Seat.plan), joinedload(Seat.user))
            .order_by(Plan.opens_on, Seat.place)
            .limit(MOST_OFFERED)
        )
        set_choices(
            self.seat_id,
            [
                (seat.id, f"{seat.user.real_name} · {seat.plan.name}")
                for seat in db.session.scalars(query)
            ],
        )


class DeclareForm(base.Form):
    """Request for recusal (申请回避) by a judge from one of the own cases."""

    application_id = base.choice(_("Candidate"), ())
    reason = base.area(_("Reason"), 500)

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the judge's own cases, or those of the page's meeting; without names in an anonymous one."""
        query = (
            select(Application)
            .where(scopes.visible(Application, actor), of_asked_meeting(Application.plan_id))
            .options(joinedload(Application.plan), joinedload(Application.title))
            .order_by(Application.id)
            .limit(MOST_OFFERED)
        )
        set_choices(
            self.application_id,
            [
                (one.id, f"{one.number} {anonymity.name_of(one)} · {one.title.name}")
                for one in db.session.scalars(query)
            ],
        )
