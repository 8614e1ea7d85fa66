"""Invented register data of the demonstration: units, committees, review trees and accounts, as tables."""

from dataclasses import dataclass

from app.enums import Level, Role, UnitKind

AUTHORITY, PUBLIC, AGENCY = UnitKind.AUTHORITY, UnitKind.PUBLIC, UnitKind.AGENCY
PRIVATE, STATE = UnitKind.PRIVATE_FIRM, UnitKind.STATE_FIRM
OFFICE = "职称改革工作领导小组办公室"


@dataclass(frozen=True)
class UnitRow:
    """One unit; `parent` is the key of its superior in the register."""

    key: str
    name: str
    kind: UnitKind
    region: str
    parent: str = ""
    is_self_review: bool = False


# fmt: off
UNITS = (
    UnitRow("hunan", "湖南省人力资源和社会保障厅", AUTHORITY, "430000"),
    UnitRow("changde", f"常德市{OFFICE}", AUTHORITY, "430700", "hunan"),
    UnitRow("wuling", f"武陵区{OFFICE}", AUTHORITY, "430702", "changde"),
    UnitRow("taoyuan", f"桃源县{OFFICE}", AUTHORITY, "430725", "changde"),
    UnitRow("changsha", f"长沙市{OFFICE}", AUTHORITY, "430100", "hunan"),
    UnitRow("yuelu", f"岳麓区{OFFICE}", AUTHORITY, "430104", "changsha"),
    UnitRow("xiangxi", f"湘西土家族苗族自治州{OFFICE}", AUTHORITY, "433100", "hunan"),
    UnitRow("fenghuang", f"凤凰县{OFFICE}", AUTHORITY, "433123", "xiangxi"),
    UnitRow("hengyang", f"衡阳市{OFFICE}", AUTHORITY, "430400", "hunan"),
    UnitRow("edu_changde", "常德市教育局", AUTHORITY, "430700", "changde"),
    UnitRow("edu_wuling", "武陵区教育局", AUTHORITY, "430702", "wuling"),
    UnitRow("edu_taoyuan", "桃源县教育局", AUTHORITY, "430725", "taoyuan"),
    UnitRow("agri_xiangxi", "湘西土家族苗族自治州农业农村局", AUTHORITY, "433100", "xiangxi"),
    UnitRow("eng_center", "湖南省机械行业职称评审中心", PUBLIC, "430000", "hunan"),
    UnitRow("health_center", "湖南省卫生人才评价中心", PUBLIC, "430000", "hunan"),
    UnitRow("taoxi", "桃源县桃溪中学", PUBLIC, "430725", "edu_taoyuan"),
    UnitRow("fenglin", "桃源县枫林坪小学", PUBLIC, "430725", "edu_taoyuan"),
    UnitRow("qiming", "武陵区启明小学", PUBLIC, "430702", "edu_wuling"),
    UnitRow("binhu", "武陵区滨湖路学校", PUBLIC, "430702", "edu_wuling"),
    UnitRow("boya", "常德市博雅高级中学", PUBLIC, "430700", "edu_changde"),
    UnitRow("yuanli", "常德市沅澧医院", PUBLIC, "430700", "changde"),
    UnitRow("xianglu", "长沙市湘麓医院", PUBLIC, "430104", "yuelu"),
    UnitRow("xiangchu", "湖南湘楚重工有限公司", PRIVATE, "430104", "yuelu"),
    UnitRow("yuanjiang", "常德沅江机械制造有限公司", PRIVATE, "430702", "wuling"),
    UnitRow("dongting", "湖南洞庭电力装备集团有限公司", STATE, "430100", "changsha"),
    UnitRow("agency", "长沙市人才交流服务中心", AGENCY, "430100", "changsha"),
    UnitRow("university", "湘北理工学院", PUBLIC, "430100", "hunan", is_self_review=True),
    UnitRow("nongji", "凤凰县农业技术推广站", PUBLIC, "433123", "fenghuang"),
)
# fmt: on


@dataclass(frozen=True)
class CommitteeRow:
    """One committee; `unit` organises it. Empty `specialties` means it judges the whole series."""

    key: str
    code: str
    name: str
    series: str
    level: Level
    unit: str
    region: str
    size: int
    specialties: tuple[str, ...] = ()


# fmt: off
COMMITTEES = (
    CommitteeRow("edu", "0001", "常德市中小学教师系列高级职称评审委员会", "22", Level.ASSOCIATE, "edu_changde", "430700", 13, ("22001", "22002", "22003", "22004")),
    CommitteeRow("eng", "0002", "湖南省工程系列（机械）高级职称评审委员会", "05", Level.SENIOR, "eng_center", "430000", 11, ("05001", "05002", "05017")),
    CommitteeRow("health", "0003", "湖南省卫生系列高级职称评审委员会", "04", Level.SENIOR, "health_center", "430000", 25),
    CommitteeRow("primary", "0004", "常德市武陵区中小学教师系列初级职称评审委员会", "22", Level.ASSISTANT, "edu_wuling", "430702", 7),
    CommitteeRow("middle", "0005", "长沙市工程系列中级职称评审委员会", "05", Level.MIDDLE, "changsha", "430100", 11, ("05001", "05004", "05007")),
    CommitteeRow("expired", "0006", "湘西州农业技术系列中级职称评审委员会", "06", Level.MIDDLE, "agri_xiangxi", "433100", 11, ("06001", "06002")),
    CommitteeRow("university", "0007", "湘北理工学院高等学校教师系列高级职称评审委员会", "01", Level.SENIOR, "university", "430100", 11, ("01004", "01008")),
    CommitteeRow("waiting", "0008", "衡阳市工程系列中级职称评审委员会", "05", Level.MIDDLE, "hengyang", "430400", 11, ("05001", "05011")),
)

TREES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "edu": (
        ("changde", "", "12"), ("taoyuan", "changde", "12345"), ("edu_taoyuan", "taoyuan", "12345"),
        ("edu_wuling", "", "12345"), ("taoxi", "edu_taoyuan", "12345"), ("qiming", "edu_wuling", "12345"),
        ("boya", "", "12345"), ("fenglin", "edu_taoyuan", "12345"), ("binhu", "edu_wuling", "12345"),
    ),
    "eng": (
        ("changsha", "", "12345"), ("yuelu", "changsha", "12345"), ("changde", "", "12345"),
        ("wuling", "changde", "12345"), ("xiangchu", "yuelu", "12345"), ("yuanjiang", "wuling", "12345"),
        ("dongting", "", "12345"),
    ),
    "health": (
        ("changde", "", "12345"), ("changsha", "", "12345"), ("yuelu", "changsha", "12345"),
        ("yuanli", "changde", "12345"), ("xianglu", "yuelu", "12345"),
    ),
    "primary": (("qiming", "", "12345"), ("binhu", "", "12345")),
    "middle": (("yuelu", "", "12345"), ("xiangchu", "yuelu", "12345"), ("agency", "", "12345")),
    "expired": (
        ("xiangxi", "", "12345"), ("fenghuang", "xiangxi", "12345"), ("nongji", "fenghuang", "12345"),
    ),
    "university": (("university", "", "12345"),),
}
"""Committee → (unit, its superior in this tree or "" for none, levels that pass through it)."""
UNCONFIRMED, DISPUTED = ("edu", "fenglin"), ("edu", "binhu")


@dataclass(frozen=True)
class AccountRow:
    """One sign-in account with its positions: role and the key of a unit or committee."""

    username: str
    positions: tuple[tuple[Role, str], ...]
    name: str = ""


def _one(username: str, role: Role, place: str = "") -> AccountRow:
    return AccountRow(username, ((role, place),))


STAFF = (
    AccountRow("sysadmin", ((Role.SYSADMIN, ""),), "系统管理员"),
    AccountRow("secadmin", ((Role.SECADMIN, ""),), "安全管理员"),
    AccountRow("auditor", ((Role.AUDITOR, ""),), "审计员"),
    _one("hrss_hunan", Role.HRSS, "hunan"),
    AccountRow("superior_changde", ((Role.SUPERIOR, "changde"), (Role.HRSS, "changde"))),
    AccountRow("superior_changsha", ((Role.SUPERIOR, "changsha"), (Role.HRSS, "changsha"))),
    AccountRow("superior_xiangxi", ((Role.SUPERIOR, "xiangxi"), (Role.HRSS, "xiangxi"))),
    AccountRow("superior_wuling", ((Role.SUPERIOR, "wuling"), (Role.HRSS, "wuling"))),
    _one("superior_taoyuan", Role.SUPERIOR, "taoyuan"),
    _one("superior_yuelu", Role.SUPERIOR, "yuelu"),
    _one("superior_fenghuang", Role.SUPERIOR, "fenghuang"),
    _one("superior_edu_changde", Role.SUPERIOR, "edu_changde"),
    _one("superior_edu_taoyuan", Role.SUPERIOR, "edu_taoyuan"),
    _one("superior_edu_wuling", Role.SUPERIOR, "edu_wuling"),
    _one("unit_taoyuan1", Role.UNIT, "taoxi"), _one("unit_taoyuan2", Role.UNIT, "fenglin"),
    _one("unit_wuling1", Role.UNIT, "qiming"), _one("unit_wuling2", Role.UNIT, "binhu"),
    _one("unit_wuling3", Role.UNIT, "yuanjiang"), _one("unit_changde1", Role.UNIT, "boya"),
    _one("unit_changde2", Role.UNIT, "yuanli"), _one("unit_yuelu1", Role.UNIT, "xiangchu"),
    _one("unit_yuelu2", Role.UNIT, "xianglu"), _one("unit_changsha1", Role.UNIT, "agency"),
    _one("unit_changsha2", Role.UNIT, "dongting"), _one("unit_university", Role.UNIT, "university"),
    _one("unit_fenghuang1", Role.UNIT, "nongji"),
    *(_one(f"office_{key}{n}", Role.OFFICE, key) for key in ("edu", "eng", "health", "primary", "middle", "university") for n in (1, 2)),
    _one("office_expired1", Role.OFFICE, "expired"), _one("office_waiting1", Role.OFFICE, "waiting"),
    _one("supervisor_edu", Role.SUPERVISOR, "edu"), _one("supervisor_eng", Role.SUPERVISOR, "eng"),
)
# fmt: on
LEADER = "刘建国"
"""Name of the person responsible in acts of the clerks, registered in each of their units."""
IN_COMMITTEE = (Role.OFFICE, Role.JUDGE, Role.SUPERVISOR)


@dataclass(frozen=True)
class PoolRow:
    """Pool of one committee: number of experts, of whom the first `judges` have a sign-in account."""

    committee: str
    experts: int
    judges: int
    units: tuple[str, ...]
    specialties: tuple[str, ...]


POOLS = (
    PoolRow(
        "edu", 24, 21, ("boya", "taoxi", "qiming", "binhu"), ("22001", "22002", "22003", "22004")
    ),
    PoolRow("eng", 16, 14, ("dongting", "xiangchu", "yuanjiang"), ("05001", "05002", "05017")),
    PoolRow("health", 5, 2, ("yuanli", "xianglu"), ("04001", "04015")),
)
