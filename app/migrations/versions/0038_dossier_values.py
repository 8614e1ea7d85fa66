"""values of dossiers that are columns of lists"""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'dossier_fill',
        sa.Column('key', sa.String(length=100), nullable=False),
        sa.Column('last_id', sa.Integer(), nullable=False),
        sa.Column('done_at', sa.DateTime(), nullable=True),
        sa.Column('is_removing', sa.Boolean(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_dossier_fill')),
        sa.UniqueConstraint('key', name=op.f('uq_dossier_fill_key')),
    )
    op.create_table(
        'dossier_value',
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=100), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('value', sa.JSON(), nullable=False),
        sa.Column('text', sa.String(length=200), nullable=True),
        sa.Column('number', sa.Float(), nullable=True),
        sa.Column('day', sa.Date(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['application_id'], ['application.id'], name=op.f('fk_dossier_value_application_id_application')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_dossier_value')),
        sa.UniqueConstraint('application_id', 'key', 'position', name='uq_dossier_value_place'),
    )
    for column in ('text', 'number', 'day'):
        has_one = sa.text(f'{column} IS NOT NULL')
        op.create_index(
            f'ix_dossier_value_{column}',
            'dossier_value',
            ['key', 'position', column, 'application_id'],
            sqlite_where=has_one,
            postgresql_where=has_one,
        )


def downgrade() -> None:
    op.drop_table('dossier_value')
    op.drop_table('dossier_fill')
