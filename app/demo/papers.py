"""Generate small files to upload: a one-page PDF per kind, a drawn portrait PNG; same bytes each time."""

import io
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from app.enums import Sex
from app.models import StoredFile
from app.services.exports.pdf_drawing import draw_centred
from app.services.files import attached_files

SHEETS = {
    "id_card": "居民身份证（正反面）",
    "education": "毕业证书",
    "degree": "学位证书",
    "summary": "专业技术工作述职报告",
    "clinical": "临床病案与专题报告",
    "teaching": "教学材料",
    "work_pieces": "代表作品",
    "current_title": "职称证书",
    "appointment": "聘用合同",
    "assessment": "年度考核登记表",
    "continuing_education": "继续教育学时证明",
    "achievement": "业绩成果证明",
    "paper": "期刊论文",
    "social_insurance": "社会保险缴费证明",
    "commitment": "诚信承诺书",
    "notice_proof": "单位公示证明",
    "result_sheet": "评审结果表（签字盖章）",
    "opinion_sheet": "评议意见（三名以上专家签名）",
    "minutes": "评审会议纪要",
    "quota_proof": "空缺岗位审核表",
}
OTHER = "其他材料"
"""Title of a kind of material that this province does not know."""
SKY, COATS = (206, 222, 235), {Sex.MALE: (44, 62, 92), Sex.FEMALE: (128, 52, 70)}
SKIN, HAIR = (232, 196, 168), (42, 34, 30)


class NamedFile(NamedTuple):
    """A stored file with its upload name, in the shape that forms pass on."""

    stored: StoredFile
    name: str


class FileCache:
    """Cache of the demonstration's files: each is stored once and reused for everybody."""

    def __init__(self) -> None:
        self.stored: dict[str, StoredFile] = {}

    def sheet(self, kind: str) -> NamedFile:
        title = SHEETS.get(kind, OTHER)
        return self._keep(kind, f"{title}.pdf", lambda: sheet(title))

    def portrait(self, sex: Sex) -> NamedFile:
        return self._keep(f"photo{sex.value}", "证件照.png", lambda: portrait(sex))

    def _keep(self, key: str, name: str, draw: Callable[[], bytes]) -> NamedFile:
        if key not in self.stored:
            self.stored[key] = attached_files.store(io.BytesIO(draw()), name)
        return NamedFile(self.stored[key], name)


def sheet(title: str) -> bytes:
    """Return a one-page PDF with a title."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A5, invariant=1)
    width, height = A5
    canvas.rect(28, 28, width - 56, height - 56)
    draw_centred(canvas, width / 2, height - 120, title, 20)
    draw_centred(canvas, width / 2, height - 160, "演示材料，内容为虚构", 11)
    canvas.showPage()
    canvas.save()
    return written.getvalue()


def portrait(sex: Sex) -> bytes:
    """Return a drawn portrait in the proportions of a passport photo."""
    image = Image.new("RGB", (295, 413), SKY)
    draw = ImageDraw.Draw(image)
    draw.ellipse((28, 290, 267, 560), fill=COATS[sex])
    draw.rectangle((125, 235, 170, 310), fill=SKIN)
    draw.ellipse((82, 75, 213, 230), fill=HAIR)
    draw.ellipse((92, 100, 203, 258), fill=SKIN)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()
