"""identity: consent of a second administrator, claim codes, accounts of experts, second factor"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

ROLES = (
    'applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor',
)
TICKET = (
    sa.Column('number_digest', sa.String(64), server_default='', nullable=False),
    sa.Column('number_tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('address', sa.String(64), server_default='', nullable=False),
    sa.Column('agent', sa.String(200), server_default='', nullable=False),
)


def upgrade() -> None:
    guards.take_down(op.get_bind())
    _consents()
    _claims()
    _expert_accounts()
    _second_factors()
    guards.put_up(op.get_bind())


def _consents() -> None:
    op.create_table(
        'consent',
        sa.Column('kind', sa.String(32), nullable=False),
        sa.Column('subject', sa.String(200), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('details', sa.JSON(), nullable=False),
        sa.Column('reason', sa.String(500), nullable=False),
        sa.Column('asked_by', sa.Integer(), nullable=False),
        sa.Column('asker', sa.String(64), nullable=False),
        sa.Column('asker_role', sa.Enum(*ROLES, name='asker_role', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(), nullable=False),
        sa.Column('answered_by', sa.Integer(), nullable=True),
        sa.Column('second', sa.String(64), nullable=False),
        sa.Column('answer', sa.String(500), nullable=False),
        sa.Column('state', sa.Enum('asked', 'agreed', 'declined', 'taken_back', 'lapsed', name='consentstate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_consent_user_id')),
        sa.ForeignKeyConstraint(['asked_by'], ['ab_user.id'], name=op.f('fk_consent_asked_by')),
        sa.ForeignKeyConstraint(['answered_by'], ['ab_user.id'], name=op.f('fk_consent_answered_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consent')),
    )
    asked = sa.text("state = 'asked'")
    op.create_index('uq_consent_open', 'consent', ['kind', 'subject'], unique=True, sqlite_where=asked, postgresql_where=asked)
    op.create_index('ix_consent_state', 'consent', ['state', 'expires_at'])
    op.create_index(op.f('ix_consent_user_id'), 'consent', ['user_id'])


def _claims() -> None:
    op.create_table(
        'claim_code',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum('sent', 'handed', name='claimkind', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('code_digest', sa.String(64), nullable=False),
        sa.Column('alg', sa.String(16), nullable=False),
        sa.Column('issued_by', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('expires_at', sa.DateTime(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('used_at', sa.DateTime(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_claim_code_person_id')),
        sa.ForeignKeyConstraint(['issued_by'], ['ab_user.id'], name=op.f('fk_claim_code_issued_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_code')),
    )
    op.create_index('ix_claim_code_person', 'claim_code', ['person_id', 'kind', 'expires_at'])
    for column in TICKET:
        op.add_column('registration_ticket', column._copy())


def _expert_accounts() -> None:
    op.create_table(
        'expert_account',
        sa.Column('committee_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('waiting', 'confirmed', 'refused', name='expertaccountstate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['committee_id'], ['committee.id'], name=op.f('fk_expert_account_committee_id')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_expert_account_person_id')),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_expert_account_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_expert_account')),
        sa.UniqueConstraint('committee_id', 'user_id', name='uq_expert_account_once'),
    )
    op.create_index('ix_expert_account_committee', 'expert_account', ['committee_id', 'state'])
    op.create_index(op.f('ix_expert_account_person_id'), 'expert_account', ['person_id'])
    op.create_index(op.f('ix_expert_account_user_id'), 'expert_account', ['user_id'])


def _second_factors() -> None:
    op.add_column('login_session', sa.Column('second_factor_at', sa.DateTime(), nullable=True))
    op.create_table(
        'second_factor',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('secret', sa.Text(), nullable=False),
        sa.Column('last_step', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('confirmed_at', sa.DateTime(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_second_factor_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_second_factor')),
        sa.UniqueConstraint('user_id', name=op.f('uq_second_factor_user_id')),
    )
    op.create_table(
        'recovery_code',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('code_digest', sa.String(64), nullable=False),
        sa.Column('alg', sa.String(16), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('used_at', sa.DateTime(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_recovery_code_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    )
    op.create_index('ix_recovery_code_user', 'recovery_code', ['user_id', 'code_digest'])


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.execute("DELETE FROM setting WHERE key LIKE 'second_factor_%'")
    op.drop_table('recovery_code')
    op.drop_table('second_factor')
    op.drop_column('login_session', 'second_factor_at')
    op.drop_table('expert_account')
    for column in TICKET:
        op.drop_column('registration_ticket', column.name)
    op.drop_table('claim_code')
    op.drop_table('consent')
    guards.put_up(op.get_bind())
