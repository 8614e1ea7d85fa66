"""heads of the dictionaries, days on which values are offered, code tables that are retired"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

RETIRED = ('region', 'series', 'title', 'specialty', 'material_kind')
HEADS = (
    ('acquisition', '职称取得方式', 'How a title was obtained', False),
    ('assessment', '考核等次', 'Grades of the annual assessment', False),
    ('assessment_absence', '未参加考核原因', 'Reasons for no assessment', False),
    ('author_rank', '作者排名', 'Ranks of an author', False),
    ('award_grade', '获奖等级', 'Grades of an award', False),
    ('award_level', '获奖级别', 'Levels of an award', False),
    ('book_kind', '著作类别', 'Kinds of book', False),
    ('book_role', '著作承担角色', 'Parts in a book', False),
    ('ce_source', '继续教育来源', 'Sources of continuing education', False),
    ('degree', '学位', 'Degrees', False),
    ('degree_check', '学历认证方式', 'Ways of verifying a degree', False),
    ('education', '学历', 'Levels of education', False),
    ('employment_form', '用工形式', 'Forms of employment', False),
    ('exceptional_basis', '破格依据', 'Grounds of an exceptional application', False),
    ('filing_unit', '申报单位与本人关系', 'Relation to the unit applied through', False),
    ('health', '健康状况', 'Health', False),
    ('nation', '民族', 'Ethnic groups', False),
    ('objection_subject', '异议事项', 'Subjects of an objection', False),
    ('origin', '人员来源', 'Where a person comes from', False),
    ('paper_level', '论文收录情况', 'Indexes of papers', False),
    ('patent_kind', '专利、标准类别', 'Kinds of patent and standard', False),
    ('politics', '政治面貌', 'Political affiliations', False),
    ('post_category', '岗位类别', 'Categories of post', False),
    ('post_grade', '岗位等级', 'Grades of post', False),
    ('project_close', '项目结题情况', 'How a project ended', False),
    ('project_level', '项目级别', 'Levels of a project', False),
    ('project_source', '项目来源', 'Sources of a project', False),
    ('punishment', '处分种类', 'Punishments', False),
    ('quota_kind', '职数类别', 'Kinds of post', False),
    ('recommend_channel', '推荐方式', 'Ways of recommending', False),
    ('reward_or_penalty', '奖惩类别', 'Reward or punishment', True),
    ('study_form', '学习形式', 'Forms of study', False),
    ('training_result', '培训结果', 'Results of a training', False),
    ('unit_funding', '单位经费形式', 'Funding of a unit', False),
    ('unit_nature', '单位性质', 'Nature of a unit', False),
    ('work_role', '承担角色', 'Parts in a work', False),
    ('yes_no', '是否', 'Yes or no', True),
)


def upgrade() -> None:
    guards.take_down(op.get_bind())
    for table in RETIRED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('is_active', sa.Boolean(), server_default=sa.true(), nullable=False))
    head = op.create_table(
        'dictionary',
        sa.Column('code', sa.String(length=32), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('name_en', sa.String(length=200), nullable=False),
        sa.Column('is_closed', sa.Boolean(), nullable=False),
        sa.Column('is_active', sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_dictionary')),
    )
    _fill(head)
    with op.batch_alter_table('dict_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('valid_from', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('valid_to', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('merged_into', sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(op.f('fk_dict_item_kind'), 'dictionary', ['kind'], ['code'])
        batch_op.create_check_constraint('days_in_order', 'valid_to IS NULL OR valid_to >= valid_from')
    op.create_index('ix_application_section_key', 'application_section', ['key'])
    guards.put_up(op.get_bind())


def _fill(head: sa.Table) -> None:
    """Give every dictionary that has values its head; one made in the browser is named by its code."""
    known = {code: (name, name_en, is_closed) for code, name, name_en, is_closed in HEADS}
    kinds = op.get_bind().execute(sa.text('SELECT DISTINCT kind FROM dict_item ORDER BY kind')).scalars().all()
    rows = [(kind, *known.get(kind, (kind, '', False))) for kind in kinds]
    if rows:
        op.bulk_insert(head, [dict(zip(('code', 'name', 'name_en', 'is_closed'), row, strict=True)) for row in rows])


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_index('ix_application_section_key', 'application_section')
    with op.batch_alter_table('dict_item', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_dict_item_days_in_order'), type_='check')
        batch_op.drop_constraint(op.f('fk_dict_item_kind'), type_='foreignkey')
        for column in ('merged_into', 'valid_to', 'valid_from'):
            batch_op.drop_column(column)
    op.drop_table('dictionary')
    for table in RETIRED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('is_active')
    guards.put_up(op.get_bind())
