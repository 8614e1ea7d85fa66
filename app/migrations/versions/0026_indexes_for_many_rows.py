"""indexes for searches, figures and sorted lists over many rows"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

NAMED = ('application', 'certificate', 'person')
NUMBERED = ('application', 'certificate')
UNDER_WAY = (
    "state NOT IN ('cancelled', 'certified', 'discarded', 'draft', 'ended', 'failed', 'lapsed', 'revoked', 'withdrawn')"
)
PLAIN = {
    'ix_application_held_since': ['held_since', 'id'],
    'ix_application_submitted_at': ['submitted_at', 'id'],
    'ix_application_due_at': ['due_at', 'id'],
    'ix_application_figures': ['unit_id', 'state', 'series_code', 'review_year', 'region_code'],
}
TEXTS = {
    f'ix_{table}_name_{place}': (table, f'substr(lower(name), {place})') for table in NAMED for place in (1, 2, 3)
} | {
    f'ix_{table}_number_{part}': (table, expression)
    for table in NUMBERED
    for part, expression in (('whole', 'substr(number, 1)'), ('tail', 'substr(number, length(number) - 3)'))
}


def upgrade() -> None:
    for name, columns in PLAIN.items():
        op.create_index(name, 'application', columns)
    _partial(
        'ix_application_under_way',
        'application',
        ['holder_id', 'state', 'held_since', 'created_at', 'region_code', 'committee_id', 'office_at', 'review_year'],
        UNDER_WAY,
    )
    _partial('ix_application_with_office', 'application', ['committee_id', 'id'], 'office_at IS NOT NULL')
    op.drop_index('ix_route_step_unit', table_name='route_step')
    op.create_index('ix_route_step_unit', 'route_step', ['unit_id', 'arrived_at', 'application_id'])
    for table in NAMED:
        op.create_index(f'ix_{table}_name_length', table, [sa.text('length(name)')])
    is_postgres = op.get_bind().dialect.name == 'postgresql'
    for name, (table, expression) in TEXTS.items():
        op.create_index(name, table, [sa.text(f'({expression}) text_pattern_ops' if is_postgres else expression)])


def downgrade() -> None:
    for name, (table, _expression) in TEXTS.items():
        op.drop_index(name, table_name=table)
    for table in NAMED:
        op.drop_index(f'ix_{table}_name_length', table_name=table)
    op.drop_index('ix_route_step_unit', table_name='route_step')
    op.create_index('ix_route_step_unit', 'route_step', ['unit_id', 'arrived_at'])
    for name in ('ix_application_under_way', 'ix_application_with_office', *PLAIN):
        op.drop_index(name, table_name='application')


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
