"""Journey 'offline, three levels with a return and an objection': one person's long way to a certificate."""

from datetime import date

from app.enums import ApplicationState, Employment, Role, UnitKind
from app.extensions import db
from tests.journeys import driver, hall, stage, watching
from tests.journeys.stage import Somebody, World

COMMITTEE = "长沙市工程系列中级职称评审委员会"
BATCH = "2026年度工程系列中级职称评审"
PLAN = "工程系列中级职称评审会议方案"
NAME = "陈嘉怡"
END = {ApplicationState.CERTIFIED: 1}
UNITS = (
    "望城区建筑工程公司",
    "望城区住房和城乡建设局",
    "长沙市住房和城乡建设局",
    "湖南省住房和城乡建设厅",
)
FIRST_CHECK, FIRST_NOTICE, FIRST_REPORT = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 11)
RETURNED, SECOND_NOTICE = date(2026, 3, 12), date(2026, 3, 13)
OBJECTED, SECOND_END, SECOND_REPORT = date(2026, 3, 17), date(2026, 3, 20), date(2026, 3, 24)
ASKED, ANSWERED = date(2026, 3, 26), date(2026, 3, 30)
MEETING = date(2026, 4, 28)
RESULT_NOTICE, AFTER_RESULT = date(2026, 4, 29), date(2026, 5, 13)
OPINION = "业绩与论文需补充后重新提交"
REASONS = {
    "专业技术工作业绩": "请写明本人承担的部分和验收结论",
    "任职以来考核信息": "请核对2025年度考核等次",
}
OBJECTION = "反映其主持的加固项目并非本人完成，请核实。"
FINDINGS = "经查阅验收报告并询问项目组，项目由本人主持，异议不成立。"


class Cast:
    """Who takes part, from the applicant's own unit up to the committee."""

    def __init__(self, world: World) -> None:
        staff, somebody = stage.staff, world.somebody
        ministry = stage.unit("长沙市人力资源和社会保障局")
        organiser = stage.unit("长沙市工程职称工作办公室")
        committee = stage.committee(organiser, COMMITTEE, region_code="430100")
        province = stage.unit(UNITS[3], region_code="430000")
        city = stage.unit(UNITS[2], parent=province)
        district = stage.unit(UNITS[1], region_code="430112", parent=city)
        firm = stage.unit(UNITS[0], UnitKind.STATE_FIRM, region_code="430112", parent=district)
        self.hrss = somebody(staff(Role.HRSS, ministry, "唐处长"))
        self.office = somebody(staff(Role.OFFICE, organiser, "何办事员", committee))
        self.second = somebody(staff(Role.OFFICE, organiser, "龙办事员", committee))
        self.unit = somebody(staff(Role.UNIT, firm, "谢干事"))
        self.superiors = [
            somebody(staff(Role.SUPERIOR, above, name))
            for above, name in ((district, "彭干事"), (city, "曾干事"), (province, "肖干事"))
        ]
        self.person = world.applicant(stage.applicant(NAME, firm, Employment.ENTERPRISE))
        db.session.commit()
        self.home = ""

    @property
    def clerks(self) -> list[tuple[Somebody, str]]:
        return list(zip((self.unit, *self.superiors), UNITS, strict=True))


def play(world: World) -> None:
    """Play the whole journey; every stage says what is so after it."""
    cast = Cast(world)
    set_up(cast)
    apply(world, cast)
    recommend(world, cast)
    come_back(world, cast)
    recommend_again(world, cast)
    go_up(world, cast)
    supply(world, cast)
    finish(world, cast)


def set_up(cast: Cast) -> None:
    """The batch is opened; the tree is laid from above, and every unit confirms its place."""
    driver.submit_batch(cast.office, BATCH, levels=["3"])
    driver.open_batch(cast.hrss, BATCH)
    for name, superior in zip(reversed(UNITS), (None, *reversed(UNITS[1:])), strict=True):
        driver.place(cast.office, COMMITTEE, name, superior)
    for clerk, name in cast.clerks:
        driver.confirm_place(clerk, name)


def apply(world: World, cast: Cast) -> None:
    person = cast.person
    cast.home = home = hall.begin(
        person, level="3", title="工程师", specialty="机械", unit=UNITS[0]
    )
    sections = hall.dossier(held=("4", "助理工程师"), employer=UNITS[0])
    hall.fill_sections(person, home, sections)
    hall.is_refused_incomplete(person, home)
    hall.upload_materials(person, home, (*hall.REQUIRED, "social_insurance"))
    receipt = hall.hand_in(person, home)
    watching.stands(person, home, "待单位初审", receipt, UNITS[0])


def recommend(world: World, cast: Cast) -> None:
    driver.check(cast.unit, [NAME])
    world.until(FIRST_NOTICE)
    driver.open_notice(cast.unit, "第一次公示", [NAME], FIRST_NOTICE)
    world.until(FIRST_REPORT)
    driver.report(cast.unit, [NAME])
    watching.stands(cast.person, cast.home, "上级审核中", "", UNITS[1])
    for later in (*cast.superiors[1:], cast.office):
        watching.sees_nothing(world, later, NAME, watching.LISTS[later is cast.office])


def come_back(world: World, cast: Cast) -> None:
    """The second node returns the application with reasons by section; it is corrected and handed in again."""
    driver.pass_on(cast.superiors[0], [NAME])
    watching.stands(cast.person, cast.home, "上级审核中", "", UNITS[2])
    world.until(RETURNED)
    driver.send_back(cast.superiors[1], NAME, OPINION, REASONS)
    watching.stands(cast.person, cast.home, "退回修改")
    for reason in REASONS.values():
        assert reason in cast.person.hand.text
    world.run_due()
    watching.was_told(cast.person, OPINION)
    watching.is_refused(world, cast.unit, "/g/1.1.2/act/report", NAME, recommendation="同意推荐")
    hall.correct_section(
        cast.person,
        cast.home,
        "achievements",
        {"rows-0-outcome": "本人主持设计与监测，2019年10月通过验收"},
        REASONS["专业技术工作业绩"],
    )
    receipt = hall.hand_in(cast.person, cast.home)
    watching.stands(cast.person, cast.home, "待单位初审", receipt, UNITS[0])


def recommend_again(world: World, cast: Cast) -> None:
    """Everything from the first check again: a new notice, in which an objection comes."""
    driver.check(cast.unit, [NAME])
    watching.stands(cast.person, cast.home, "初审通过待公示")
    watching.is_refused(world, cast.unit, "/g/1.1.2/act/report", NAME, recommendation="同意推荐")
    world.until(SECOND_NOTICE)
    driver.open_notice(cast.unit, "第二次公示", [NAME], SECOND_NOTICE)
    world.until(OBJECTED, 11)
    driver.register_objection(cast.unit, "第二次公示", OBJECTION, OBJECTED)
    watching.stands(cast.person, cast.home, "异议核查中")
    assert "赵某" not in cast.person.hand.text
    world.until(SECOND_END, 23, 59)
    watching.is_refused(world, cast.unit, "/g/1.1.2/act/report", NAME, recommendation="同意推荐")
    world.until(date(2026, 3, 23))
    watching.stands(cast.person, cast.home, "异议核查中")
    driver.reject_objection(cast.unit, NAME, FINDINGS)
    watching.stands(cast.person, cast.home, "待推荐上报")
    world.until(SECOND_REPORT)
    driver.report_from_case(cast.unit, NAME)


def go_up(world: World, cast: Cast) -> None:
    """All three levels, each only when it is its turn."""
    for place, superior in enumerate(cast.superiors):
        watching.stands(cast.person, cast.home, "上级审核中", "", UNITS[place + 1])
        for other in cast.superiors[place + 1 :]:
            watching.is_refused(world, other, "/g/1.1.3/act/audit", NAME, decision="superior_pass")
        driver.pass_on(superior, [NAME])
    watching.stands(cast.person, cast.home, "待资格复核")
    watching.is_refused(
        world, cast.superiors[2], "/g/1.1.3/act/audit", NAME, decision="superior_pass"
    )


def supply(world: World, cast: Cast) -> None:
    """The office asks once for everything that is missing; a second time is refused."""
    items = {"学历学位": "请上传学历认证报告", "其他材料": "请上传项目任务书"}
    world.until(ASKED)
    driver.ask_supplement(cast.office, NAME, "请一次补齐下列材料", items)
    watching.stands(cast.person, cast.home, "补正中")
    for text in items.values():
        assert text in cast.person.hand.text
    watching.is_refused(world, cast.office, "/g/1.2.1/act/audit", NAME, decision="office_pass")
    world.until(ANSWERED)
    hall.supply_material(cast.person, cast.home, "education")
    receipt = hall.hand_in(cast.person, cast.home)
    watching.stands(cast.person, cast.home, "补正待复核", receipt)
    second_time = {
        "decision": "ask_correction",
        "opinion": "请再补充材料",
        "items-0-section": "education",
        "items-0-text": "再次补充",
    }
    watching.is_refused(world, cast.office, "/g/1.2.1/act/audit", NAME, **second_time)
    driver.qualify(cast.office, [NAME])
    watching.stands(cast.person, cast.home, "复核通过待评审")


def finish(world: World, cast: Cast) -> None:
    """Meeting, result, notice, filing, certificate."""
    driver.report_plan(cast.office, PLAN, MEETING, seats=11)
    driver.agree_plan(cast.hrss, PLAN)
    world.until(MEETING, 17)
    driver.enter_result(cast.office, PLAN, MEETING, present=11, votes=[(9, 1, 1)])
    driver.confirm_result(cast.second, PLAN)
    world.until(RESULT_NOTICE)
    driver.publish_result(cast.office, PLAN, "中级职称评审结果公示", RESULT_NOTICE)
    world.until(AFTER_RESULT)
    driver.file_result(cast.office, PLAN, "长工评〔2026〕1号")
    driver.agree_filing(cast.hrss, "长工评〔2026〕1号", "长职改办〔2026〕5号")
    watching.stands(cast.person, cast.home, "已发证")
    watching.passed(
        cast.person,
        cast.home,
        "推荐上报", "退回修改", "重新提交", "登记异议", "异议不成立", "推荐上报", "补正通知", "资格复核通过",
    )  # fmt: skip
    assert hall.own_certificate(cast.person).startswith("432026053")
    is_printed(hall.own_review_form(cast.person, cast.home))


def is_printed(form: str) -> None:
    """The form says what happened since the second time it was handed in, by whom and when."""
    organiser = "长沙市工程职称工作办公室"
    for words in (
        f"{UNITS[0]}{SECOND_REPORT}",
        f"公示时间：{SECOND_NOTICE}至{SECOND_END}",
        "收到异议1件：经核查成立0件，不成立1件，核查中0件",
        *(f"{unit}{SECOND_REPORT}" for unit in UNITS[1:]),
        f"{ASKED}通知补正，{ANSWERED}提交补正材料",
        f"{organiser}{ANSWERED}",
        "应到人数实到人数同意不同意弃权评审结果1111911通过",
        f"{COMMITTEE}{MEETING}",
        f"公示时间：{RESULT_NOTICE}至",
        "同意备案，批准文号：长职改办〔2026〕5号",
        f"长沙市人力资源和社会保障局{AFTER_RESULT}",
    ):
        assert words in form, words
    assert str(FIRST_REPORT) not in form
    assert str(FIRST_NOTICE) not in form
