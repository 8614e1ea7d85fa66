"""published values of what administrators change in the browser"""

import secrets

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'custom_value',
        sa.Column('area', sa.String(length=16), nullable=False),
        sa.Column('target', sa.String(length=100), nullable=False),
        sa.Column('key', sa.String(length=100), nullable=False),
        sa.Column('scope', sa.String(length=32), nullable=False),
        sa.Column('value', sa.JSON(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_custom_value')),
        sa.UniqueConstraint('area', 'target', 'key', 'scope', name='uq_custom_value_once'),
    )
    op.add_column(
        'customisation_version',
        sa.Column('value_stamp', sa.String(length=32), nullable=False, server_default=secrets.token_hex(16)),
    )
    with op.batch_alter_table('customisation_version') as table:
        table.alter_column('value_stamp', server_default=None)
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    with op.batch_alter_table('customisation_version') as table:
        table.drop_column('value_stamp')
    op.drop_table('custom_value')
    guards.put_up(op.get_bind())
