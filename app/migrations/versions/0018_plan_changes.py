"""changes of the lines of an agreed plan"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

STATES = ('reported', 'agreed', 'refused', 'withdrawn')
WAITS = sa.text("state = 'reported'")


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'plan_change',
        sa.Column('plan_id', sa.Integer(), nullable=False),
        sa.Column('snapshot', sa.Text(), nullable=False),
        sa.Column('figures', sa.String(length=64), nullable=False),
        sa.Column('reason', sa.String(length=1000), nullable=False),
        sa.Column('reported_at', sa.DateTime(), nullable=False),
        sa.Column('asked_by', sa.Integer(), nullable=True),
        sa.Column('state', sa.Enum(*STATES, name='planchangestate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_change_plan_id')),
        sa.ForeignKeyConstraint(['asked_by'], ['ab_user.id'], name=op.f('fk_plan_change_asked_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_change')),
    )
    op.create_index('uq_plan_change_waiting', 'plan_change', ['plan_id'], unique=True, sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index('ix_plan_change_plan', 'plan_change', ['plan_id', 'state'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('plan_change')
    guards.put_up(op.get_bind())
