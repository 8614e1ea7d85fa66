"""Generate invented people and organisations that do not exist, with valid check characters."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.enums import Sex, UnitKind
from app.validators.credit import credit_check, organisation_check
from app.validators.identity import id_check

NOBODYS_AREA = "430099"
"""An area code that was never assigned, so that no number can belong to a real person."""
SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭罗梁宋郑谢唐许邓冯曹彭曾肖田董潘袁蔡蒋余杜叶程魏苏吕丁任卢姚钟姜崔谭陆"
MALE = "建国志强文博海涛俊杰立新伟民晓东明辉启航正平国华振宇子轩浩然承志远山思齐学文绍辉泽林家栋".strip()
FEMALE = "秀英丽华婷婷晓芳雅琴文静春梅玉兰思敏佳慧淑珍雪莹静怡海燕桂芳梦洁诗涵欣悦若兰红霞素云美玲".strip()
LEADS = {
    UnitKind.AUTHORITY: "11",
    UnitKind.PUBLIC: "12",
    UnitKind.AGENCY: "12",
    UnitKind.STATE_FIRM: "91",
    UnitKind.PRIVATE_FIRM: "91",
    UnitKind.SOCIAL: "52",
}
"""Kind of unit → first two characters of its credit code: registering department and kind."""


@dataclass(frozen=True)
class Invented:
    """Data of an invented person."""

    name: str
    sex: Sex
    birth: date
    id_number: str
    phone: str


class Inventor:
    """Generator of people and codes: reproducible by seed, never the same one twice."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.names: set[str] = set()
        self.count = 0

    def person(self, youngest: date, oldest: date) -> Invented:
        """Return a person born between `oldest` and `youngest`."""
        self.count += 1
        sex = self.random.choice(list(Sex))
        birth = oldest + timedelta(days=self.random.randrange((youngest - oldest).days))
        return Invented(
            name=self._name(sex),
            sex=sex,
            birth=birth,
            id_number=id_number(birth, 2 * self.count + (sex is Sex.MALE)),
            phone=f"1{self.random.choice('35789')}{self.random.randrange(10**9):09d}",
        )

    def credit_code(self, kind: UnitKind, region_code: str) -> str:
        """Return a credit code for a unit of `kind` registered in `region_code`."""
        body = f"M{self.random.choice('ABC')}{self.random.randrange(10**6):06d}"
        return credit_code(f"{LEADS[kind]}{region_code}", body)

    def landline(self) -> str:
        return f"0731-{self.random.randrange(10**8):08d}"

    def _name(self, sex: Sex) -> str:
        given = MALE if sex is Sex.MALE else FEMALE
        pairs = [given[place : place + 2] for place in range(0, len(given) - 1, 2)]
        while True:
            name = self.random.choice(SURNAMES) + self.random.choice(pairs)
            if name not in self.names:
                self.names.add(name)
                return name


def id_number(birth: date, sequence: int) -> str:
    """Return a valid resident number that nobody has; an odd `sequence` means male."""
    first = f"{NOBODYS_AREA}{birth:%Y%m%d}{sequence % 1000:03d}"
    return first + id_check(first)


def credit_code(lead: str, body: str) -> str:
    """Return the credit code made of `lead` (kind and region, 8 characters) and `body` (organisation, 8)."""
    first = f"{lead}{body}{organisation_check(body)}"
    return first + credit_check(first)
