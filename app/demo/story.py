"""The demonstration's story: groups of applicants with dates and goals, and the meetings that follow."""

from app.demo.journeys import Group, JourneyPlanner
from app.demo.meetings import (
    AGREED,
    APPROVED,
    CLEAR,
    CONCLUDED,
    ENTERED,
    FILED,
    FILING_RETURNED,
    IN_NOTICE,
    REPORTED,
    RETURNED,
    Meeting,
    MeetingPlanner,
    sketch,
)
from app.demo.world import World
from app.enums import Level, MeetingMode

SENIOR, MIDDLE, ASSISTANT = Level.ASSOCIATE, Level.MIDDLE, Level.ASSISTANT
TEACHERS = ("22001", "22002", "22003")


def on_the_way() -> list[Group]:
    """Return the groups between draft and qualification in the running batches."""
    # fmt: off
    return [
        Group("edu", "taoxi", SENIOR, TEACHERS, -1, ("at_unit", "discarded")),
        Group("edu", "qiming", SENIOR, TEACHERS, -1, ("draft", "at_unit")),
        Group("university", "university", SENIOR, ("01004", "01008"), -1, ("at_unit",)),
        Group("edu", "taoxi", MIDDLE, ("22001", "22002"), -3, ("checked", "returned", "ended_by_unit", "resubmitted")),
        Group("edu", "boya", SENIOR, TEACHERS, -4, ("notice_cancelled", "withdrawn")),
        Group("edu", "boya", SENIOR, TEACHERS, -5, ("in_notice", "in_notice")),
        Group("edu", "qiming", SENIOR, TEACHERS, -6, ("disputed", "in_notice")),
        Group("edu", "boya", SENIOR, TEACHERS, -9, ("notice_over", "notice_over")),
        Group("edu", "taoxi", SENIOR, TEACHERS, -10, ("at_superior", "returned_by_superior", "ended_by_superior")),
        Group("edu", "taoxi", SENIOR, TEACHERS, -12, ("at_superior",), passed=1),
        Group("edu", "taoxi", SENIOR, TEACHERS, -13, ("at_superior",), passed=2),
        Group("edu", "qiming", SENIOR, TEACHERS, -12, ("at_superior", "at_office")),
        Group("edu", "boya", SENIOR, TEACHERS, -12, ("in_correction", "ended_by_office", "at_office")),
        Group("edu", "boya", SENIOR, TEACHERS, -14, ("corrected",)),
        Group("edu", "boya", SENIOR, TEACHERS, -22, ("lapsed",)),
        Group("edu", "qiming", SENIOR, TEACHERS, -22, ("qualified", "qualified_after_objection")),
        Group("expired", "nongji", MIDDLE, ("06001",), -30, ("at_office",)),
        Group("university", "university", SENIOR, ("01004", "01008"), -25, ("qualified", "qualified_after_correction")),
    ]
    # fmt: on


def reviewed() -> list[Meeting]:
    """Return the meetings of this and last year with their candidates."""
    # fmt: off
    all_in = ("qualified",)
    return [
        Meeting("edu", hrss="changde", name="高级教师评审方案（待审核）", groups=(Group("edu", "taoxi", SENIOR, TEACHERS, -26, all_in * 3),), reported=-2, opens=13, closes=14, until=REPORTED),
        Meeting("edu", hrss="changde", name="高级教师评审方案（退回）", groups=(Group("edu", "boya", SENIOR, TEACHERS, -25, all_in * 2),), reported=-4, opens=12, closes=13, until=RETURNED),
        Meeting("edu", hrss="changde", name="高级教师线上评审方案", groups=(Group("edu", "boya", SENIOR, TEACHERS, -42, all_in * 2), Group("edu", "qiming", SENIOR, TEACHERS, -42, (*all_in, "qualified_after_objection", "qualified_after_correction"))), reported=-22, opens=-1, closes=4, until=APPROVED, mode=MeetingMode.ONLINE),
        Meeting("edu", hrss="changde", name="高级教师线上评审方案（第二次会议）", groups=(Group("edu", "taoxi", SENIOR, TEACHERS, -44, all_in * 3),), reported=-16, opens=1, closes=6, until=APPROVED, mode=MeetingMode.ONLINE, seated=False),
        Meeting("eng", "机械专业高级评审方案（第一次会议）", (Group("eng", "xiangchu", SENIOR, ("05001",), -70, all_in * 3), Group("eng", "dongting", SENIOR, ("05002",), -70, all_in * 3)), reported=-55, opens=-40, closes=-39, until=AGREED, passing=3, noticed=-36, revoked=True),
        Meeting("eng", "机械专业高级评审方案（第二次会议）", (Group("eng", "yuanjiang", SENIOR, ("05001", "05017"), -62, all_in * 4),), reported=-27, opens=-11, closes=-10, until=CONCLUDED, passing=2),
        Meeting("eng", "机械专业高级评审方案（第三次会议）", (Group("eng", "xiangchu", SENIOR, ("05001", "05017"), -61, all_in * 4),), reported=-24, opens=-8, closes=-7, until=ENTERED, passing=2),
        Meeting("eng", "机械专业高级线上评审方案", (Group("eng", "dongting", SENIOR, ("05001", "05002"), -60, all_in * 4),), reported=-20, opens=-1, closes=4, until=APPROVED, mode=MeetingMode.ONLINE, judged=True),
        Meeting("eng", "机械专业高级评审方案（上年度）", (Group("eng", "yuanjiang", SENIOR, ("05001", "05017"), -326, all_in * 4, batch="last_year"),), reported=-310, opens=-294, closes=-293, until=AGREED, passing=2, noticed=-290, corrected=True),
        Meeting("health", "卫生系列高级评审方案（第一次会议）", (Group("health", "yuanli", SENIOR, ("04001", "04015"), -62, all_in * 4),), reported=-32, opens=-15, closes=-14, until=IN_NOTICE, passing=2, noticed=-3, objected="open"),
        Meeting("health", "卫生系列高级评审方案（第二次会议）", (Group("health", "xianglu", SENIOR, ("04001", "04002"), -60, all_in * 3),), reported=-20, opens=-2, closes=2, until=APPROVED),
        Meeting("primary", "初级教师评审方案", (Group("primary", "qiming", ASSISTANT, ("22001", "22002"), -62, all_in * 3),), reported=-50, opens=-33, closes=-33, until=FILED, passing=2, noticed=-30, hrss="wuling"),
        Meeting("middle", hrss="changsha", name="中级工程师评审方案（第一次会议）", groups=(Group("middle", "agency", MIDDLE, ("05004", "05007"), -62, all_in * 4),), reported=-48, opens=-31, closes=-30, until=CLEAR, passing=3, noticed=-27, objected="upheld"),
        Meeting("middle", hrss="changsha", name="中级工程师评审方案（第二次会议）", groups=(Group("middle", "xiangchu", MIDDLE, ("05001",), -60, all_in * 3),), reported=-46, opens=-29, closes=-28, until=FILING_RETURNED, passing=2, noticed=-25),
    ]
    # fmt: on


def run_story(world: World) -> None:
    """Schedule the whole story, run it, and add one meeting plan as a draft."""
    meetings = reviewed()
    for group in [*on_the_way(), *(group for meeting in meetings for group in meeting.groups)]:
        JourneyPlanner(world, group).lead()
    for meeting in meetings:
        MeetingPlanner(world, meeting).lead()
    world.run()
    sketch(world, "university")
