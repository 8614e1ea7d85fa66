"""reminders about applications"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

ROLES = ('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'reminder',
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('role', sa.Enum(*ROLES, name='reminder_role', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('state', sa.Enum('sent', name='reminderstate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_reminder_application_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
        sa.UniqueConstraint('application_id', 'role', 'day', name='uq_reminder_once_a_day'),
    )
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('reminder')
    guards.put_up(op.get_bind())
