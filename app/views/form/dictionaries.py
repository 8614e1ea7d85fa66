"""Display names of the small dictionaries, by code; the code table itself stores the codes only."""

from flask import g
from flask_babel import lazy_pgettext as _p

from app.services.form import form_dictionaries
from app.views.base.aliases import Label

NAMES: dict[str, Label] = {
    "acquisition": _p("dictionary", "How a title was obtained"),
    "assessment": _p("dictionary", "Grades of the annual assessment"),
    "assessment_absence": _p("dictionary", "Reasons for no assessment"),
    "author_rank": _p("dictionary", "Ranks of an author"),
    "award_grade": _p("dictionary", "Grades of an award"),
    "award_level": _p("dictionary", "Levels of an award"),
    "book_kind": _p("dictionary", "Kinds of book"),
    "book_role": _p("dictionary", "Parts in a book"),
    "ce_source": _p("dictionary", "Sources of continuing education"),
    "degree": _p("dictionary", "Degrees"),
    "degree_check": _p("dictionary", "Ways of verifying a degree"),
    "education": _p("dictionary", "Levels of education"),
    "employment_form": _p("dictionary", "Forms of employment"),
    "exceptional_basis": _p("dictionary", "Grounds of an exceptional application"),
    "filing_unit": _p("dictionary", "Relation to the unit applied through"),
    "health": _p("dictionary", "Health"),
    "nation": _p("dictionary", "Ethnic groups"),
    "objection_subject": _p("dictionary", "Subjects of an objection"),
    "origin": _p("dictionary", "Where a person comes from"),
    "paper_level": _p("dictionary", "Indexes of papers"),
    "patent_kind": _p("dictionary", "Kinds of patent and standard"),
    "politics": _p("dictionary", "Political affiliations"),
    "post_category": _p("dictionary", "Categories of post"),
    "post_grade": _p("dictionary", "Grades of post"),
    "project_close": _p("dictionary", "How a project ended"),
    "project_level": _p("dictionary", "Levels of a project"),
    "project_source": _p("dictionary", "Sources of a project"),
    "punishment": _p("dictionary", "Punishments"),
    "quota_kind": _p("dictionary", "Kinds of post"),
    "recommend_channel": _p("dictionary", "Ways of recommending"),
    "reward_or_penalty": _p("dictionary", "Reward or punishment"),
    "study_form": _p("dictionary", "Forms of study"),
    "training_result": _p("dictionary", "Results of a training"),
    "unit_funding": _p("dictionary", "Funding of a unit"),
    "unit_nature": _p("dictionary", "Nature of a unit"),
    "work_role": _p("dictionary", "Parts in a work"),
    "yes_no": _p("dictionary", "Yes or no"),
}


def name_of(kind: str) -> str:
    """Return name and code of a dictionary; only the code if it was added to the table and has no name."""
    name = NAMES.get(kind) or _made_with_forms().get(kind)
    return f"{name}（{kind}）" if name else kind


def _made_with_forms() -> dict[str, str]:
    """Return the names of dictionaries that came about with published forms, read once a request."""
    if "form_dictionaries" not in g:
        g.form_dictionaries = form_dictionaries.names()
    found: dict[str, str] = g.form_dictionaries
    return found
