"""Menu 1.7.1: query, PDF, correction and revocation of certificates."""

from typing import ClassVar

from flask import current_app, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes
from app.enums import CertificateState, Role
from app.extensions import db
from app.forms.results import CorrectionForm, DecisionForm
from app.ground import in_force
from app.ground.actor import Actor
from app.models import Certificate, IntegrityRecord
from app.services.certificates import certificate_pdf, certificates
from app.services.exports import workbook
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Button
from app.web.security import require_actor

PDF = "application/pdf"


def verify_url(certificate: Certificate) -> str:
    """Return the public verification address that the QR code contains."""
    path = url_for("PublicCertificates.scanned", token=certificate.token)
    return f"{current_app.config['PUBLIC_URL']}{path}"


def visible_certificates(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for certificates the actor may see; judges and supervisors see only their own."""
    if actor.role in (Role.JUDGE, Role.SUPERVISOR):
        return scopes.certificates_of_own_person(actor)
    return scopes.visible(Certificate, actor)


def visible_entries(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the entries of the integrity file that the actor may see."""
    return scopes.visible(IntegrityRecord, actor)


NUMBER = Column(
    "number",
    _("Certificate number"),
    lambda row: certificates.grouped(row.number),
    order=Certificate.number,
)


class IntegrityView(GuideView):
    """1.7.1 Entries of the integrity file (诚信档案库), which bar from applying."""

    guide = "1.7.1"
    slug = "integrity"
    label = _("Integrity file")
    purpose = _(
        "Who may not apply for a title because a title was revoked or a passed review was cancelled, until when and why."
    )
    empty = _("Nobody in your scope stands in the integrity file.")
    roles = (Role.APPLICANT, Role.OFFICE, Role.HRSS)
    model = IntegrityRecord
    scope = staticmethod(visible_entries)
    list_columns: ClassVar[list[str | Column]] = [
        "application.number",
        "application.name",
        "application.unit",
        "ground",
        "decision_number",
        "from_on",
        "until_on",
    ]
    search_columns: ClassVar[list[str]] = ["ground", "from_on", "until_on"]

    def name_of(self, record: IntegrityRecord) -> str:
        return str(record.application.name)

    def sections(
        self, record: IntegrityRecord, actor: Actor
    ) -> list[detail_sections.DetailSection]:
        names = [*self.list_columns, "reason"]
        return [detail_sections.pairs("integrity", gettext("Integrity file"), record, names)]


class CertificateView(GuideView):
    """1.7.1 证书查询."""

    guide = "1.7.1"
    label = _("Certificate query")
    purpose = _(
        "Certificates your position may see, with their PDF. Anybody can verify one by number and name."
    )
    empty = _("There is no certificate in your scope yet.")
    roles = (
        Role.APPLICANT, Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.JUDGE, Role.SUPERVISOR, Role.HRSS,
    )  # fmt: skip
    tab_label = _("Certificate query")
    tabs = (IntegrityView,)
    model = Certificate
    scope = staticmethod(visible_certificates)
    found_by = ("number", "name", "id_number")
    list_columns: ClassVar[list[str | Column]] = [
        NUMBER,
        "name",
        "unit",
        "title",
        "level",
        "specialty",
        "obtained_on",
        "state",
    ]
    search_columns: ClassVar[list[str]] = [
        "number", "name", "id_number", "unit", "committee", "title", "level", "obtained_on", "state",
    ]  # fmt: skip
    can_export = True
    buttons = (
        Button(
            "correct",
            _("Correct"),
            {"correct": _("Replace by a corrected one")},
            form=CorrectionForm,
            confirm=_("Replace %(count)s certificate; the old number is no longer valid."),
        ),
        Button(
            "revoke",
            _("Revoke"),
            {"revoke": _("Revoke")},
            form=DecisionForm,
            confirm=_("Revoke %(count)s certificates; the holders are barred from applying."),
            tone="stop",
        ),
    )

    def sections(self, record: Certificate, actor: Actor) -> list[detail_sections.DetailSection]:
        number = computed(
            "number", _("Certificate number"), lambda row: certificates.grouped(row.number)
        )
        names = [
            number, "name", "unit", "series", "level", "title", "specialty", "committee",
            "obtained_on", "issued_on", "approval_number", "state",
        ]  # fmt: skip
        shown = [detail_sections.pairs("certificate", gettext("Certificate"), record, names)]
        if record.state is not CertificateState.VALID:
            decision = ["settled_at", "decision_number", "decision_reason"]
            shown.append(
                detail_sections.pairs(
                    "decision", gettext("Decision on the certificate"), record, decision
                )
            )
        if (new := certificates.valid_replacement(db.session(), record)) is not None:
            shown.append(
                detail_sections.text(
                    "new", gettext("Replaced by"), certificates.grouped(new.number)
                )
            )
        return shown

    def links(self, record: Certificate, actor: Actor) -> list[tuple[Label, str]]:
        return [
            (gettext("Certificate (PDF)"), self.url("pdf", pk=record.id)),
            (
                gettext("Verification page"),
                url_for("PublicCertificates.scanned", token=record.token),
            ),
        ]

    @expose("/<int:pk>/certificate.pdf")
    @guarded("show")
    @in_force.in_program_words()
    def pdf(self, pk: int) -> ResponseReturnValue:
        """Show a certificate as PDF."""
        certificate = self.find(pk, require_actor())
        content = certificate_pdf.certificate_pdf(certificate, verify_url(certificate))
        return workbook.attachment(content, f"{certificate.number}.pdf", PDF, is_shown=True)
