"""Certificates: issued, corrected, revoked (menu 1.7.1)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import CertificateState, Role
from app.models import Certificate
from app.services.certificates import certificates

CERTIFICATE = Workflow(
    Certificate,
    Transition(
        event="issue",
        label=_("Issue"),
        source=(),
        target=CertificateState.VALID,
        roles=(Role.HRSS,),
        checks=(certificates.is_filed,),
    ),
    Transition(
        event="correct",
        label=_("Replace by a corrected one"),
        source=(CertificateState.VALID,),
        target=CertificateState.CORRECTED,
        roles=(Role.HRSS,),
        guards=(certificates.is_in_region,),
        checks=(certificates.has_decision,),
        effects=(certificates.settle,),
        needs_opinion=True,
        consequence=_("The old number is no longer valid; a new certificate takes its place."),
    ),
    Transition(
        event="revoke",
        label=_("Revoke"),
        source=(CertificateState.VALID,),
        target=CertificateState.REVOKED,
        roles=(Role.HRSS,),
        guards=(certificates.is_in_region,),
        checks=(certificates.has_decision,),
        effects=(certificates.settle, certificates.revoke_title),
        needs_opinion=True,
        consequence=_("The certificate is void and its holder is barred from applying."),
    ),
)
