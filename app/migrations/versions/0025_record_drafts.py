"""drafts of new records"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'record_draft',
        sa.Column('position_id', sa.Integer(), nullable=False),
        sa.Column('menu', sa.String(length=64), nullable=False),
        sa.Column('title', sa.String(length=120), nullable=False),
        sa.Column('typed', sa.JSON(), nullable=False),
        sa.Column('labels', sa.JSON(), nullable=False),
        sa.Column('saved_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['position_id'], ['position.id'], name=op.f('fk_record_draft_position_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_record_draft')),
    )
    op.create_index('ix_record_draft_place', 'record_draft', ['position_id', 'menu'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('record_draft')
    guards.put_up(op.get_bind())
