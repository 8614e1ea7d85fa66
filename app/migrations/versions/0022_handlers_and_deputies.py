"""handlers of cases, deputies, people found by name"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

ROLES = ('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'case_handler',
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('role', sa.Enum(*ROLES, name='case_handler_role', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('position_id', sa.Integer(), nullable=False),
        sa.Column('given_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_case_handler_application_id')),
        sa.ForeignKeyConstraint(['position_id'], ['position.id'], name=op.f('fk_case_handler_position_id')),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_case_handler_unit_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_case_handler')),
        sa.UniqueConstraint('application_id', 'role', 'unit_id', name='uq_case_handler_station'),
    )
    op.create_index('ix_case_handler_position_id', 'case_handler', ['position_id'])
    op.create_table(
        'deputy',
        sa.Column('position_id', sa.Integer(), nullable=False),
        sa.Column('deputy_position_id', sa.Integer(), nullable=False),
        sa.Column('starts_on', sa.Date(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('state', sa.Enum('named', 'ended', name='deputystate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.CheckConstraint('starts_on <= ends_on', name='deputy_order'),
        sa.CheckConstraint('position_id <> deputy_position_id', name='deputy_is_another'),
        sa.ForeignKeyConstraint(['deputy_position_id'], ['position.id'], name=op.f('fk_deputy_deputy_position_id')),
        sa.ForeignKeyConstraint(['position_id'], ['position.id'], name=op.f('fk_deputy_position_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deputy')),
    )
    op.create_index('ix_deputy_position', 'deputy', ['position_id', 'ends_on'])
    op.create_index('ix_deputy_deputy', 'deputy', ['deputy_position_id', 'ends_on'])
    op.create_index('ix_person_name', 'person', ['name', 'id'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_index('ix_person_name', table_name='person')
    op.drop_table('deputy')
    op.drop_table('case_handler')
    guards.put_up(op.get_bind())
