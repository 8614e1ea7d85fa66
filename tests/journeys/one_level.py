"""Journey 'offline, one level': two people apply, one passes and gets a certificate, the other does not."""

from datetime import date

from app.enums import ApplicationState, Employment, Role, UnitKind
from app.extensions import db
from tests.journeys import driver, hall, stage, watching
from tests.journeys.stage import Somebody, World

COMMITTEE = "湖南省工程系列机械专业高级职称评审委员会"
BATCH = "2026年度机械工程高级职称评审"
PLAN = "机械专业高级职称评审会议方案"
WINNER, LOSER = "周文博", "吴晓峰"
END = {ApplicationState.CERTIFIED: 1, ApplicationState.FAILED: 1}
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
NOTICE_END, AFTER_NOTICE = date(2026, 3, 10), date(2026, 3, 11)
MEETING = date(2026, 4, 10)
RESULT_NOTICE, RESULT_END, AFTER_RESULT = date(2026, 4, 13), date(2026, 4, 20), date(2026, 4, 21)


class Cast:
    """Who takes part. Units, people, accounts and the committee are master data and stand ready."""

    def __init__(self, world: World) -> None:
        ministry = stage.unit("湖南省人力资源和社会保障厅", region_code="430000")
        organiser = stage.unit("湖南省机械行业职称工作办公室", region_code="430000")
        board = stage.unit("长沙市工业和信息化局")
        works = stage.unit("长沙机械研究所", UnitKind.PUBLIC, parent=board)
        other = stage.unit("岳阳机械研究所", UnitKind.PUBLIC, region_code="430600")
        committee = stage.committee(organiser, COMMITTEE)
        staff, somebody = stage.staff, world.somebody
        self.hrss = somebody(staff(Role.HRSS, ministry, "唐处长"))
        self.office = somebody(staff(Role.OFFICE, organiser, "何办事员", committee))
        self.second = somebody(staff(Role.OFFICE, organiser, "龙办事员", committee))
        self.unit = somebody(staff(Role.UNIT, works, "谢干事"))
        self.superior = somebody(staff(Role.SUPERIOR, board, "彭干事"))
        self.stranger = somebody(staff(Role.UNIT, other, "邓干事"))
        self.winner = world.applicant(stage.applicant(WINNER, works, Employment.PUBLIC_POST))
        self.loser = world.applicant(
            stage.applicant(LOSER, works, Employment.PUBLIC_POST), is_extra=True
        )
        db.session.commit()
        self.homes: dict[str, str] = {}

    @property
    def applicants(self) -> list[tuple[str, Somebody]]:
        return [(WINNER, self.winner), (LOSER, self.loser)]


def play(world: World) -> None:
    """Play the whole journey; every stage says what is so after it."""
    cast = Cast(world)
    set_up(cast)
    apply(world, cast)
    recommend(world, cast)
    go_up(world, cast)
    meet(world, cast)
    publish_and_file(world, cast)
    look_at_certificate(world, cast)


def set_up(cast: Cast) -> None:
    """The batch is submitted and opened, the way up laid and confirmed, posts asked and granted."""
    driver.submit_batch(cast.office, BATCH, levels=["副高级"])
    driver.open_batch(cast.hrss, BATCH)
    driver.place(cast.office, COMMITTEE, "长沙市工业和信息化局", None)
    driver.place(cast.office, COMMITTEE, "长沙机械研究所", "长沙市工业和信息化局")
    driver.confirm_place(cast.superior, "长沙市工业和信息化局")
    driver.confirm_place(cast.unit, "长沙机械研究所")
    driver.ask_quota(cast.unit, level="2", specialty="机械", posts=12, held=10)
    driver.approve_quota(cast.hrss, "2026 机械 副高级")


def apply(world: World, cast: Cast) -> None:
    sections = hall.dossier(held=("3", "工程师"), employer="长沙机械研究所")
    for name, person in cast.applicants:
        home = cast.homes[name] = hall.begin(
            person, level="2", title="高级工程师", specialty="机械", unit="长沙机械研究所"
        )
        watching.sees_nothing(world, cast.unit, name)
        hall.fill_sections(person, home, sections)
        hall.upload_materials(person, home)
        receipt = hall.hand_in(person, home)
        watching.stands(person, home, "待单位初审", receipt, "长沙机械研究所")
        watching.was_told(person, "提交成功")


def recommend(world: World, cast: Cast) -> None:
    """First check, five working days of notice, the report with proof."""
    names = [WINNER, LOSER]
    driver.check(cast.unit, names)
    watching.stands(cast.winner, cast.homes[WINNER], "初审通过待公示")
    world.until(TUESDAY)
    driver.open_notice(cast.unit, "2026年度职称申报人员公示", names, TUESDAY)
    assert NOTICE_END.isoformat() in cast.unit.hand.text
    watching.stands(cast.winner, cast.homes[WINNER], "公示中")
    watching.is_refused(world, cast.unit, "/g/1.1.2/act/report", WINNER, recommendation="同意推荐")
    world.until(NOTICE_END, 23, 59)
    watching.stands(cast.winner, cast.homes[WINNER], "公示中")
    world.until(AFTER_NOTICE, 0, 1)
    watching.stands(cast.winner, cast.homes[WINNER], "待推荐上报")
    watching.passed(cast.winner, cast.homes[WINNER], "提交", "发起公示", "公示期满", "系统")
    watching.sees_nothing(world, cast.superior, WINNER)
    world.until(AFTER_NOTICE)
    driver.report(cast.unit, names)
    watching.stands(cast.winner, cast.homes[WINNER], "上级审核中", "", "长沙市工业和信息化局")


def go_up(world: World, cast: Cast) -> None:
    watching.sees_nothing(world, cast.stranger, WINNER)
    watching.sees_nothing(world, cast.office, WINNER, "/g/1.2.1/all/")
    driver.pass_on(cast.superior, [WINNER, LOSER])
    watching.stands(cast.winner, cast.homes[WINNER], "待资格复核")
    driver.qualify(cast.office, [WINNER, LOSER])
    for name, person in cast.applicants:
        watching.stands(person, cast.homes[name], "复核通过待评审")


def meet(world: World, cast: Cast) -> None:
    """Plan, agreement, the votes of the meeting, the second person."""
    driver.report_plan(cast.office, PLAN, MEETING, seats=11)
    driver.agree_plan(cast.hrss, PLAN)
    watching.stands(cast.winner, cast.homes[WINNER], "评审中")
    watching.is_no_way(world, cast.office, "/g/1.2.5/", PLAN, "录入", "2026-04-10")
    world.until(MEETING, 17)
    driver.enter_result(cast.office, PLAN, MEETING, present=9, votes=[(7, 2, 0), (5, 3, 1)])
    watching.is_no_way(world, cast.office, "/g/1.2.5/", PLAN, "复核", "另一人")
    watching.stands(cast.winner, cast.homes[WINNER], "评审中")
    driver.confirm_result(cast.second, PLAN)
    watching.stands(cast.winner, cast.homes[WINNER], "评审通过待公示")
    watching.stands(cast.loser, cast.homes[LOSER], "评审未通过")


def publish_and_file(world: World, cast: Cast) -> None:
    world.until(RESULT_NOTICE)
    driver.publish_result(cast.office, PLAN, "2026年度机械专业高级职称评审结果公示", RESULT_NOTICE)
    assert RESULT_END.isoformat() in cast.office.hand.text
    public = Somebody("", world.new_hand())
    hall.read_public_notice(public, "2026年度机械专业高级职称评审结果公示")
    assert WINNER in public.hand.text
    assert LOSER not in public.hand.text
    watching.stands(cast.winner, cast.homes[WINNER], "结果公示中")
    world.until(AFTER_RESULT)
    watching.stands(cast.winner, cast.homes[WINNER], "待备案")
    driver.file_result(cast.office, PLAN, "湘机评〔2026〕3号")
    watching.stands(cast.winner, cast.homes[WINNER], "备案审核中")
    driver.agree_filing(cast.hrss, "湘机评〔2026〕3号", "湘职改办〔2026〕9号")
    watching.stands(cast.winner, cast.homes[WINNER], "已发证")
    watching.stands(cast.loser, cast.homes[LOSER], "评审未通过")
    world.run_due()
    watching.was_told(cast.winner, "已发证")


def look_at_certificate(world: World, cast: Cast) -> None:
    """The holder reads the certificate; anybody verifies it, by its address and by number and name."""
    number = hall.own_certificate(cast.winner)
    public = Somebody("", world.new_hand())
    hall.verify(public, number, WINNER)
    assert "高级工程师" in public.hand.text
    hall.verify(public, number, LOSER)
    assert "高级工程师" not in public.hand.text
    public.go(hall.verification_path(cast.winner))
    assert "高级工程师" in public.hand.text
    watching.sees_nothing(world, cast.stranger, WINNER, "/g/1.7.1/")
