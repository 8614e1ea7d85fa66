"""fingerprints of submissions

Applications submitted before have none until `flask write-fingerprints` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

KINDS = ('paper', 'doi', 'patent', 'certificate', 'achievement', 'file')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'fingerprint',
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum(*KINDS, name='fingerprintkind', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('text', sa.String(length=200), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_fingerprint_application_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_fingerprint')),
        sa.UniqueConstraint('application_id', 'kind', 'digest', name='uq_fingerprint_value'),
    )
    op.create_index('ix_fingerprint_value', 'fingerprint', ['kind', 'digest', 'application_id'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('fingerprint')
    guards.put_up(op.get_bind())
