"""log chain: a keyed digest of every row of the logs and of the row before it"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0010'
down_revision = '0008'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Create the tables; `flask prepare` begins the chain with the rows that stand in the logs."""
    guards.take_down(op.get_bind())
    op.create_table(
        'log_link',
        sa.Column('id', BIG, autoincrement=False, nullable=False),
        sa.Column('log', sa.String(20), nullable=False),
        sa.Column('row_id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_log_link'),
        sa.UniqueConstraint('log', 'row_id', name='uq_log_link_row'),
    )
    op.create_table(
        'log_head',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('chain', sa.String(32), nullable=False),
        sa.Column('number', BIG, nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_log_head_only_one')),
        sa.PrimaryKeyConstraint('id', name='pk_log_head'),
    )
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('log_head')
    op.drop_table('log_link')
    guards.put_up(op.get_bind())
