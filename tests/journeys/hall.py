"""The applicant's steps (guide: 个人, 网厅 and APP), and what the public can look up.

On the phone the same application is at another address, with the phone's words on the buttons.
"""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pypdf import PdfReader

from tests.journeys.driver import receipt_of
from tests.journeys.hands import File, Found
from tests.journeys.stage import Somebody
from tests.services.dossiers import ROWS, pdf, picture

REQUIRED = (
    "id_card",
    "photo",
    "education",
    "current_title",
    "appointment",
    "assessment",
    "continuing_education",
    "achievement",
    "commitment",
)
"""Kinds of material that those who apply here must upload."""


def begin(person: Somebody, *, level: str, title: str, specialty: str, unit: str) -> str:
    """Choose batch, way, level, title, specialty and unit; return the address of the application."""
    hand = person.go(f"{person.hall}/")
    if person.is_on_phone:
        hand.press("人才人事")
        hand.press("职称申报")
    hand.press("我要申报")
    hand.fill({"mode": "normal", "level": level})
    hand.press("下一步" if person.is_on_phone else "查看可选职称")
    hand.fill({"title_code": title, "specialty_code": specialty, "unit_id": Found(unit)})
    hand.press("暂存")
    return hand.path


def dossier(*, held: tuple[str, str], employer: str) -> dict[str, list[dict[str, Any]]]:
    """Return what the applicant enters, section by section."""
    level, name = held
    rows = {key: [dict(row) for row in value] for key, value in ROWS.items()}
    rows["titles"][0] |= {"level": level, "name": name}
    rows["work"][0]["unit"] = employer
    for row in rows["assessments"]:
        row["unit"] = employer
    return rows


def fill_sections(
    person: Somebody, home: str, sections: Mapping[str, list[dict[str, Any]]]
) -> None:
    """Fill one section after the other with 【下一步】, as the steps lead."""
    hand = person.go(f"{home}section/{next(iter(sections))}")
    for key, rows in sections.items():
        if f"/section/{key}" not in hand.path:
            hand.open(f"{home}section/{key}")
        fill_section(person, rows)
        hand.press("下一步")


def fill_section(person: Somebody, rows: list[dict[str, Any]]) -> None:
    """Fill the rows of the section that is open."""
    for number, row in enumerate(rows):
        if number:
            person.hand.press("添加一行")
        answers = {f"rows-{number}-{key}": value for key, value in row.items()}
        for name in [name for name in answers if name.endswith(("-is_basis", "-is_declared"))]:
            answers[name] = True
        person.hand.fill(answers)


def upload_materials(person: Somebody, home: str, kinds: Iterable[str] = ()) -> None:
    """【申报材料上传】: one file for every kind."""
    person.go(f"{home}materials")
    for kind in kinds or REQUIRED:
        upload(person, kind)


def upload(person: Somebody, kind: str, *, pages: int = 1) -> None:
    file = File("照片.png", picture()) if kind == "photo" else File(f"{kind}.pdf", pdf(pages))
    person.hand.fill({"file": file, "secret": True}, within=f"kind-{kind}")
    person.hand.press("上传", within=f"kind-{kind}")


def hand_in(person: Somebody, home: str) -> str:
    """【提交】 with the commitment; return the receipt."""
    hand = person.go(f"{home}submit")
    hand.fill({"is_secret_free": True, "is_true": True})
    hand.press("提交")
    return receipt_of(person)


def is_refused_incomplete(person: Somebody, home: str) -> None:
    """【提交】 without the material: every gap is named with a link, and nothing is handed in."""
    hand = person.go(f"{home}submit")
    hand.fill({"is_secret_free": True, "is_true": True})
    hand.press("提交")
    assert "/submit" in hand.path
    for name in ("身份证明", "证件照", "诚信承诺书"):
        assert name in hand.text


def correct_section(
    person: Somebody, home: str, key: str, answers: Mapping[str, str], reason: str
) -> None:
    """Open a returned section, where its reason stands beside the fields, and correct it."""
    hand = person.go(f"{home}section/{key}")
    assert reason in hand.text
    hand.fill(answers)
    hand.press("暂存")


def supply_material(person: Somebody, home: str, kind: str) -> None:
    """Upload what a supplement asks for; kinds it does not name stay closed."""
    hand = person.go(f"{home}materials")
    assert "只能修改" in hand.text, hand.text
    upload(person, kind, pages=2)


# 公众查询, 1.7.1 证书查询


def read_public_notice(anybody: Somebody, title: str) -> None:
    anybody.go("/public/notices/").press(title)


def own_certificate(person: Somebody) -> str:
    """Open 我的证书, read the PDF, and return the number."""
    hand = person.go("/me/certificates/")
    assert hand.download("PDF").startswith(b"%PDF")
    found = re.search(r"\b\d{9,11} \d{4} \d{5} [0-9A-Z]\b", hand.text)
    assert found, hand.text
    return found[0]


def own_review_form(person: Somebody, home: str) -> str:
    """Return the text of the own 评审表, without blanks."""
    content = person.go(home).download("职称评审表（PDF）")
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def verification_path(person: Somebody) -> str:
    """Return the address the QR code of the person's certificate leads to."""
    hand = person.go("/me/certificates/")
    hand.press("查验页面")
    return hand.path


def verify(anybody: Somebody, number: str, name: str) -> None:
    hand = anybody.go("/public/certificates/")
    hand.fill({"number": number, "name": name})
    hand.press("查询")
