"""every state of a draft of the form is kept; a published version can be taken back

The one state that was kept before becomes the first of two. Stepping down keeps the last one again.
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

FORM = sa.table(
    'form_definition',
    sa.column('id', sa.Integer),
    sa.column('body', sa.JSON),
    sa.column('previous_body', sa.JSON),
    sa.column('published_at', sa.DateTime),
    sa.column('step', sa.Integer),
)
STEP = sa.table(
    'form_step',
    sa.column('definition_id', sa.Integer),
    sa.column('number', sa.Integer),
    sa.column('body', sa.JSON),
    sa.column('what', sa.String),
    sa.column('label', sa.String),
    sa.column('author', sa.String),
    sa.column('at', sa.DateTime),
)


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'form_step',
        sa.Column('definition_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('body', sa.JSON(), nullable=False),
        sa.Column('what', sa.String(length=32), nullable=False),
        sa.Column('label', sa.String(length=120), nullable=False),
        sa.Column('author', sa.String(length=64), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['definition_id'], ['form_definition.id'], name=op.f('fk_form_step_definition_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form_step')),
        sa.UniqueConstraint('definition_id', 'number', name=op.f('uq_form_step_definition_id')),
    )
    op.add_column('form_definition', sa.Column('withdrawn_at', sa.DateTime(), nullable=True))
    op.add_column('form_definition', sa.Column('step', sa.Integer(), server_default='0', nullable=False))
    _keep_states()
    op.drop_column('form_definition', 'previous_body')
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.add_column('form_definition', sa.Column('previous_body', sa.JSON(none_as_null=True), nullable=True))
    _keep_the_last_state()
    op.drop_column('form_definition', 'step')
    op.drop_column('form_definition', 'withdrawn_at')
    op.drop_table('form_step')
    guards.put_up(op.get_bind())


def _keep_states() -> None:
    """Turn what each draft holds, and the one state before it, into numbered states."""
    bind, now = op.get_bind(), sa.func.current_timestamp()
    for row in bind.execute(sa.select(FORM).where(FORM.c.published_at.is_(None))).all():
        states = [row.previous_body, row.body] if row.previous_body else [row.body]
        for number, body in enumerate(states):
            what = 'changed' if number else 'begun'
            bind.execute(STEP.insert().values(
                definition_id=row.id, number=number, body=body, what=what, label='', author='', at=now,
            ))  # fmt: skip
        bind.execute(FORM.update().where(FORM.c.id == row.id).values(step=len(states) - 1))


def _keep_the_last_state() -> None:
    bind = op.get_bind()
    drafts = sa.select(FORM.c.id, FORM.c.step).where(FORM.c.published_at.is_(None), FORM.c.step > 0)
    for row in bind.execute(drafts).all():
        before = sa.select(STEP.c.body).where(
            STEP.c.definition_id == row.id, STEP.c.number == row.step - 1
        )
        body = bind.scalar(before)
        bind.execute(FORM.update().where(FORM.c.id == row.id).values(previous_body=body))
