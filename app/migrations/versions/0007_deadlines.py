"""extensions of stages"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'extension',
        sa.Column('kind', sa.Enum('batch', 'unit', 'series', 'person', name='extensionkind', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('stage', sa.Enum('apply', 'resubmit', 'unit', 'superior', 'office', 'supplement', name='stage', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('review_year', sa.Integer(), nullable=False),
        sa.Column('region_code', sa.String(length=6), nullable=False),
        sa.Column('batch_id', sa.Integer(), nullable=True),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('series_code', sa.String(length=2), nullable=True),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('until', sa.Date(), nullable=False),
        sa.Column('document_number', sa.String(length=60), nullable=False),
        sa.Column('approved_by', sa.String(length=64), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('proposed_by', sa.Integer(), nullable=True),
        sa.Column('state', sa.Enum('proposed', 'in_force', 'ended', 'withdrawn', name='extensionstate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name=op.f('ck_extension_person_named')),
        sa.CheckConstraint("(kind = 'series') = (series_code IS NOT NULL)", name=op.f('ck_extension_series_named')),
        sa.CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name=op.f('ck_extension_unit_named')),
        sa.CheckConstraint("kind <> 'batch' OR batch_id IS NOT NULL", name=op.f('ck_extension_batch_named')),
        sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], name=op.f('fk_extension_batch_id')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_extension_person_id')),
        sa.ForeignKeyConstraint(['proposed_by'], ['ab_user.id'], name=op.f('fk_extension_proposed_by')),
        sa.ForeignKeyConstraint(['series_code'], ['series.code'], name=op.f('fk_extension_series_code')),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_extension_unit_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_extension')),
    )
    op.create_index('ix_extension_batch', 'extension', ['batch_id', 'stage', 'state'], unique=False)
    op.create_index('ix_extension_year', 'extension', ['review_year', 'stage', 'state'], unique=False)
    op.create_index('ix_extension_person', 'extension', ['person_id'], unique=False)
    op.create_index('ix_extension_until', 'extension', ['state', 'until'], unique=False)
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('extension')
    guards.put_up(op.get_bind())
