"""reminders in meetings"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

DUTIES = ('seat', 'sign_in', 'sheets', 'opinions', 'key', 'signature')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'meeting_reminder',
        sa.Column('plan_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('duty', sa.Enum(*DUTIES, name='meetingduty', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('state', sa.Enum('sent', name='meeting_reminder_state', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_meeting_reminder_plan_id')),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_meeting_reminder_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_reminder')),
        sa.UniqueConstraint('plan_id', 'user_id', 'duty', 'day', name='uq_meeting_reminder_once_a_day'),
    )
    op.create_index(op.f('ix_meeting_reminder_user_id'), 'meeting_reminder', ['user_id'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('meeting_reminder')
    guards.put_up(op.get_bind())
