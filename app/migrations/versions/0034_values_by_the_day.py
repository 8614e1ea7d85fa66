"""values of settings from a day on, with their history; years of the working calendar as they are prepared"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

SHANGHAI = timedelta(hours=8)


def upgrade() -> None:
    old = op.get_bind().execute(sa.text('SELECT key, value, updated_at FROM setting').columns(updated_at=sa.DateTime())).all()
    op.drop_table('setting')
    setting = op.create_table(
        'setting',
        sa.Column('key', sa.String(length=64), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('value', sa.Text(), nullable=False),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('valid_from', sa.Date(), nullable=False),
        sa.Column('remark', sa.String(length=200), nullable=False),
        sa.Column('actor_id', sa.Integer(), nullable=True),
        sa.Column('actor_name', sa.String(length=64), nullable=False),
        sa.Column('second_name', sa.String(length=64), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('undoes_id', sa.Integer(), nullable=True),
        sa.Column('cancelled_at', sa.DateTime(), nullable=True),
        sa.Column('cancelled_by', sa.String(length=64), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['actor_id'], ['ab_user.id'], name=op.f('fk_setting_actor_id')),
        sa.ForeignKeyConstraint(['undoes_id'], ['setting.id'], name=op.f('fk_setting_undoes_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_setting')),
        sa.UniqueConstraint('key', 'number', name='uq_setting_number'),
    )
    op.create_index('ix_setting_valid', 'setting', ['key', 'valid_from', 'number'])
    empty = {'number': 1, 'before': '', 'remark': '', 'actor_name': '', 'second_name': '', 'cancelled_by': ''}
    rows = [
        {**empty, 'key': key, 'value': value, 'created_at': at, 'valid_from': (at + SHANGHAI).date()}
        for key, value, at in old
    ]
    if rows:
        op.bulk_insert(setting, rows)
    op.create_table(
        'calendar_year',
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('days', sa.JSON(), nullable=False),
        sa.Column('source', sa.String(length=120), nullable=False),
        sa.Column('author_id', sa.Integer(), nullable=True),
        sa.Column('author', sa.String(length=64), nullable=False),
        sa.Column('updated_at', sa.DateTime(), nullable=False),
        sa.Column('held_since', sa.DateTime(), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=True),
        sa.Column('published_at', sa.DateTime(), nullable=True),
        sa.Column('before', sa.JSON(), nullable=False),
        sa.Column('undone_at', sa.DateTime(), nullable=True),
        sa.Column('undone_by', sa.String(length=64), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['author_id'], ['ab_user.id'], name=op.f('fk_calendar_year_author_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_year')),
    )
    op.create_index('uq_calendar_year_draft', 'calendar_year', ['year'], unique=True, sqlite_where=sa.text('published_at IS NULL'), postgresql_where=sa.text('published_at IS NULL'))


def downgrade() -> None:
    op.drop_table('calendar_year')
    newest = op.get_bind().execute(
        sa.text(
            'SELECT key, value, created_at FROM setting WHERE cancelled_at IS NULL AND valid_from <= CURRENT_DATE'
            ' ORDER BY valid_from, number'
        ).columns(created_at=sa.DateTime())
    ).all()
    values = {key: {'key': key, 'value': value, 'updated_at': at} for key, value, at in newest}
    op.drop_table('setting')
    setting = op.create_table(
        'setting',
        sa.Column('key', sa.String(length=64), nullable=False),
        sa.Column('value', sa.Text(), nullable=False),
        sa.Column('updated_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_setting')),
    )
    if values:
        op.bulk_insert(setting, list(values.values()))
