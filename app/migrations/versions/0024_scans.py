"""how the pages of submitted files look

Files submitted before are read after `flask write-fingerprints` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0024'
down_revision = '0022'
branch_labels = None
depends_on = None

BANDS = [f'band_{number}' for number in range(1, 9)]


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'scan',
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('page', sa.Integer(), nullable=False),
        sa.Column('read_at', sa.DateTime(), nullable=True),
        sa.Column('look', sa.String(length=256), nullable=True),
        *(sa.Column(band, sa.BigInteger(), nullable=True) for band in BANDS),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_scan')),
        sa.UniqueConstraint('digest', 'page', name='uq_scan_page'),
    )
    is_waiting = sa.text('read_at IS NULL')
    op.create_index('ix_scan_waiting', 'scan', ['id'], sqlite_where=is_waiting, postgresql_where=is_waiting)
    for band in BANDS:
        op.create_index(op.f(f'ix_scan_{band}'), 'scan', [band])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('scan')
    guards.put_up(op.get_bind())
