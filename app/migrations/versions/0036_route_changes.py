"""changes of many places of a review tree at once"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

KINDS = ('move', 'move_below', 'insert')
STATES = ('proposed', 'carried_out', 'disputed', 'withdrawn', 'undone')
BEFORE = ('pending', 'confirmed', 'disputed')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'route_change',
        sa.Column('committee_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum(*KINDS, name='routechangekind', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('superior_id', sa.Integer(), nullable=True),
        sa.Column('levels', sa.String(length=5), nullable=False),
        sa.Column('asked_unit_id', sa.Integer(), nullable=False),
        sa.Column('proposer', sa.String(length=64), nullable=False),
        sa.Column('proposed_at', sa.DateTime(), nullable=False),
        sa.Column('settled_at', sa.DateTime(), nullable=True),
        sa.Column('answer', sa.String(length=1000), nullable=False),
        sa.Column('state', sa.Enum(*STATES, name='routechangestate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['committee_id'], ['committee.id'], name=op.f('fk_route_change_committee_id')),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_route_change_unit_id')),
        sa.ForeignKeyConstraint(['superior_id'], ['unit.id'], name=op.f('fk_route_change_superior_id')),
        sa.ForeignKeyConstraint(['asked_unit_id'], ['unit.id'], name=op.f('fk_route_change_asked_unit_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_route_change')),
    )
    op.create_index('ix_route_change_committee', 'route_change', ['committee_id', 'state'])
    op.create_index('ix_route_change_asked', 'route_change', ['asked_unit_id', 'state'])
    op.create_table(
        'route_change_line',
        sa.Column('change_id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('superior_before_id', sa.Integer(), nullable=True),
        sa.Column('superior_after_id', sa.Integer(), nullable=True),
        sa.Column('state_before', sa.Enum(*BEFORE, name='route_state_before', native_enum=False, length=32, create_constraint=True), nullable=True),
        sa.Column('settled_before', sa.DateTime(), nullable=True),
        sa.Column('seen', sa.Integer(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['change_id'], ['route_change.id'], name=op.f('fk_route_change_line_change_id')),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_route_change_line_unit_id')),
        sa.ForeignKeyConstraint(['superior_before_id'], ['unit.id'], name=op.f('fk_route_change_line_superior_before_id')),
        sa.ForeignKeyConstraint(['superior_after_id'], ['unit.id'], name=op.f('fk_route_change_line_superior_after_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_route_change_line')),
        sa.UniqueConstraint('change_id', 'unit_id', name='uq_route_change_line_unit'),
    )
    op.create_index(op.f('ix_route_change_line_unit_id'), 'route_change_line', ['unit_id'])
    op.create_index('ix_route_node_below', 'route_node', ['committee_id', 'superior_id'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_index('ix_route_node_below', 'route_node')
    for table in ('route_change_line', 'route_change'):
        op.drop_table(table)
    guards.put_up(op.get_bind())
