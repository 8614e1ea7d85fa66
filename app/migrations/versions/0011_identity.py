"""identity: consent of a second administrator"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0011'
down_revision = '0008'
branch_labels = None
depends_on = None

ROLES = (
    'applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor',
)


def upgrade() -> None:
    guards.take_down(op.get_bind())
    _consents()
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


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('consent')
    guards.put_up(op.get_bind())
