"""All tables. Importing this package registers them; one file per business object."""

from app.models.application import (
    Application,
    Correction,
    FormDefinition,
    FormStep,
    RouteStep,
    Section,
    Submission,
)
from app.models.ballot import (
    KeyHolder,
    Round,
    RoundCandidate,
    RoundShare,
    RoundVoter,
    SealedBallot,
)
from app.models.batch import Batch
from app.models.calendar import CalendarYear, WorkDay
from app.models.certificate import Certificate
from app.models.committee import Committee, CommitteeSpecialty, RouteNode
from app.models.consent import Consent
from app.models.customising import ChangeSet, CustomisationVersion, CustomValue, Override
from app.models.dictionary import (
    Dictionary,
    DictItem,
    MaterialKind,
    Region,
    Series,
    Specialty,
    Title,
)
from app.models.digest import DeadlineNote, DigestRun
from app.models.dossier_value import DossierFill, DossierValue
from app.models.draw import Assignment, Draw, Recusal, Relation, Seat
from app.models.eligibility import EligibilityRule
from app.models.employment import EmploymentChange
from app.models.expert import Expert, ExpertAccount
from app.models.extension import Extension
from app.models.files import Attachment, StoredFile, Upload
from app.models.fingerprint import Fingerprint
from app.models.handler import Deputy, Handler
from app.models.integrity import IntegrityRecord
from app.models.interview import Interview
from app.models.judging import (
    Assessment,
    CaseNote,
    CaseOpening,
    Opinion,
    OpinionSigner,
)
from app.models.log import AuditLog, LogHead, LogLink, TransitionLog
from app.models.meeting import Filing, Plan, Result
from app.models.message import Delivery, Message, MessageChoice, MessageTemplate, Outbox
from app.models.notice import Notice, NoticeItem, Objection
from app.models.own_role import OwnRole
from app.models.people import Person, Position, User
from app.models.phrase import Phrase
from app.models.plan_change import PlanChange
from app.models.proposal import Proposal
from app.models.public import PublicQuery
from app.models.quota import Quota
from app.models.record_draft import RecordDraft
from app.models.register import Counter, GrantLog
from app.models.registration import ClaimCode, ExternalIdentity, OneTimeCode, Ticket
from app.models.reminder import MeetingReminder, Reminder
from app.models.route_change import RouteChange, RouteChangeLine
from app.models.saved_view import BulkAct, BulkSkip, ListDefault, SavedView
from app.models.scan import Scan
from app.models.second_factor import RecoveryCode, SecondFactor
from app.models.session import KnownDevice, LoginFailure, LoginSession
from app.models.settings import Setting
from app.models.unit import Unit

__all__ = [
    "Application",
    "Assessment",
    "Assignment",
    "Attachment",
    "AuditLog",
    "Batch",
    "BulkAct",
    "BulkSkip",
    "CalendarYear",
    "CaseNote",
    "CaseOpening",
    "Certificate",
    "ChangeSet",
    "ClaimCode",
    "Committee",
    "CommitteeSpecialty",
    "Consent",
    "Correction",
    "Counter",
    "CustomValue",
    "CustomisationVersion",
    "DeadlineNote",
    "Delivery",
    "Deputy",
    "DictItem",
    "Dictionary",
    "DigestRun",
    "DossierFill",
    "DossierValue",
    "Draw",
    "EligibilityRule",
    "EmploymentChange",
    "Expert",
    "ExpertAccount",
    "Extension",
    "ExternalIdentity",
    "Filing",
    "Fingerprint",
    "FormDefinition",
    "FormStep",
    "GrantLog",
    "Handler",
    "IntegrityRecord",
    "Interview",
    "KeyHolder",
    "KnownDevice",
    "ListDefault",
    "LogHead",
    "LogLink",
    "LoginFailure",
    "LoginSession",
    "MaterialKind",
    "MeetingReminder",
    "Message",
    "MessageChoice",
    "MessageTemplate",
    "Notice",
    "NoticeItem",
    "Objection",
    "OneTimeCode",
    "Opinion",
    "OpinionSigner",
    "Outbox",
    "Override",
    "OwnRole",
    "Person",
    "Phrase",
    "Plan",
    "PlanChange",
    "Position",
    "Proposal",
    "PublicQuery",
    "Quota",
    "RecordDraft",
    "RecoveryCode",
    "Recusal",
    "Region",
    "Relation",
    "Reminder",
    "Result",
    "Round",
    "RoundCandidate",
    "RoundShare",
    "RoundVoter",
    "RouteChange",
    "RouteChangeLine",
    "RouteNode",
    "RouteStep",
    "SavedView",
    "Scan",
    "SealedBallot",
    "Seat",
    "SecondFactor",
    "Section",
    "Series",
    "Setting",
    "Specialty",
    "StoredFile",
    "Submission",
    "Ticket",
    "Title",
    "TransitionLog",
    "Unit",
    "Upload",
    "User",
    "WorkDay",
]
