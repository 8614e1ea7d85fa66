"""log chain; public sources of draws, refusals by telephone, requests to void a round"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')

SOURCES = ('ssq', 'dlt', 'fc3d', 'pl3', 'pl5', 'sse', 'szse')
ACCOUNTS = (
    ('draw', 'value_by'), ('draw', 'value_confirmed_by'), ('seat', 'decline_noted_by'), ('round', 'void_asked_by'),
)


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
    # as column constraints, because a copy of the table would lose its CHECK constraints on SQLite
    sources = ', '.join(f"'{source}'" for source in SOURCES)
    op.execute(
        'ALTER TABLE draw ADD COLUMN source_kind VARCHAR(32) '
        f'CONSTRAINT ck_draw_publicsource CHECK (source_kind IN ({sources}))'
    )
    op.add_column('draw', sa.Column('source_day', sa.Date(), nullable=True))
    for table, column in ACCOUNTS:
        op.execute(
            f'ALTER TABLE {table} ADD COLUMN {column} INTEGER '
            f'CONSTRAINT fk_{table}_{column} REFERENCES ab_user (id)'
        )
    op.add_column('round', sa.Column('void_reason', sa.String(500), server_default='', nullable=False))
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_column('round', 'void_reason')
    for table, column in reversed(ACCOUNTS):
        op.drop_column(table, column)
    op.drop_column('draw', 'source_day')
    op.drop_column('draw', 'source_kind')
    op.drop_table('log_head')
    op.drop_table('log_link')
    guards.put_up(op.get_bind())
