"""daily digests, deadlines told of, choice of channels"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

STAGES = ('three_days', 'one_day', 'passed')
HOURS = 'quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23 AND quiet_from <> quiet_to'


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'digest_run',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('started_at', sa.DateTime(), nullable=False),
        sa.Column('reached', sa.Integer(), nullable=False),
        sa.Column('finished_at', sa.DateTime(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_run')),
        sa.UniqueConstraint('day', name=op.f('uq_digest_run_day')),
    )
    op.create_table(
        'deadline_note',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('subject_type', sa.String(length=32), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=False),
        sa.Column('due_day', sa.Date(), nullable=False),
        sa.Column('stage', sa.Enum(*STAGES, name='deadlinestage', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('told_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_deadline_note_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_note')),
        sa.UniqueConstraint('user_id', 'subject_type', 'subject_id', 'due_day', 'stage', name='uq_deadline_note_once'),
    )
    op.create_index('ix_deadline_note_due_day', 'deadline_note', ['due_day'])
    op.create_table(
        'message_choice',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('silenced', sa.JSON(), nullable=False),
        sa.Column('quiet_from', sa.Integer(), nullable=True),
        sa.Column('quiet_to', sa.Integer(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.CheckConstraint('(quiet_from IS NULL) = (quiet_to IS NULL)', name=op.f('ck_message_choice_quiet_both')),
        sa.CheckConstraint(HOURS, name=op.f('ck_message_choice_quiet_hours')),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_message_choice_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_message_choice')),
        sa.UniqueConstraint('user_id', name=op.f('uq_message_choice_user_id')),
    )
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    for table in ('message_choice', 'deadline_note', 'digest_run'):
        op.drop_table(table)
    guards.put_up(op.get_bind())
