"""Forms of the form editor, in which administrators edit the application form, in non-technical words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.forms.base import base as forms
from app.forms.base.aliases import Groups, Label
from app.forms.base.conditions import Pair, condition, row_condition
from app.forms.base.file_fields import FileField
from app.models import Person
from app.services.form.draft_dictionaries import LONGEST_NAME, LONGEST_VALUE
from app.services.form.form_dictionaries import MOST_VALUES
from app.services.form.form_edits import LENGTHS, Part
from app.services.form.form_parts import CONDITION_FACTS, MOST_ROWS, RULE_NUMBERS, RULES
from app.services.form.form_sources import PERSONAL

LARGEST = 1_000_000_000
NEW = "+"
"""Choice of a dictionary that is made together with the field."""
LONGEST_LIST = MOST_VALUES * (LONGEST_VALUE + 1)

KINDS: dict[str, Any] = {
    "text": _("One line of text"),
    "area": _("Several lines of text"),
    "integer": _("Whole number"),
    "decimal": _("Number with decimals"),
    "choice": _("Choice from a dictionary"),
    "tick": _("Tick (yes or no)"),
    "day": _("Day"),
    "month": _("Month"),
    "year": _("Year"),
    "name": _("Name of a person"),
    "phone": _("Mobile number"),
    "email": _("Email address"),
}
"""Kind of field → its label, in the order offered."""

SOURCE_WORDS: dict[str, Any] = {
    **{name: Person.__table__.c[name].info["label"] for name in PERSONAL},
    "application.number": _("Application number"),
    "application.review_year": _("Review year"),
    "application.batch.name": _("Batch"),
    "application.mode": _("Way of applying"),
    "application.series.name": _("Series"),
    "application.level": _("Level"),
    "application.title.name": _("Title applied for"),
    "application.specialty.name": _("Specialty"),
    "application.committee.name": _("Committee"),
    "application.unit.name": _("Unit"),
    "application.unit.kind": _("Kind of unit"),
    "application.unit.region": _("Region"),
}

RULE_WORDS: dict[str, tuple[Label, Label]] = {
    "order": (_("One date not before another"), _("“%(last)s” does not lie before “%(first)s”.")),
    "exactly_one": (_("Tick exactly one row"), _("“%(field)s” is ticked in exactly one row.")),
    "unique": (_("No value twice"), _("No two rows have the same “%(field)s”.")),
    "at_most": (
        _("One number not above another"),
        _("“%(field)s” is not greater than “%(other)s”."),
    ),
    "by_cutoff": (
        _("Not after the batch's closing day for achievements"),
        _(
            "“%(field)s”, and the end of the time it begins, is not after the batch's closing day for achievements "
            "nor in the future. The month of that day counts as a whole."
        ),
    ),
    "since_title": (
        _("Since the present title was obtained"),
        _("“%(field)s” lies after the present title was obtained."),
    ),
    "no_gap": (
        _("No gap between rows"),
        _("From “%(first)s” to “%(last)s” there is no gap unless “%(note)s” explains it."),
    ),
    "no_overlap": (
        _("No overlap between rows"),
        _("From “%(first)s” to “%(last)s” nothing overlaps unless “%(note)s” explains it."),
    ),
    "every_year": (_("A row for every year"), _("There is a row for every year of “%(field)s”.")),
    "only_highest": (
        _("Of one thing only the highest"),
        _("For the same “%(field)s” only the row with the highest “%(level)s” stays."),
    ),
}
"""Rule → (its name, a sentence pattern over its fields)."""

PARAMETERS: dict[str, Any] = {
    "first": _("Earlier date or beginning"),
    "last": _("Later date or end"),
    "field": _("Field"),
    "other": _("Field with the greatest value allowed"),
    "note": _("Field that explains"),
    "level": _("Field with the level"),
    "months": _("Months allowed"),
    "years": _("Years"),
}

PROPERTIES: dict[str, Any] = {
    "label": _("Label"),
    "label_en": _("English label"),
    "key": _p("form", "Key"),
    "kind": _("Kind of field"),
    "dictionary": _("Dictionary"),
    "is_required": _p("form", "Required"),
    "is_past": _("Not in the future"),
    "min": _("Least"),
    "max": _("Greatest"),
    "unit": _("Unit of measure"),
    "unit_en": _("English unit of measure"),
    "source": _("Shown from"),
    "help": _("Help"),
    "help_en": _("English help"),
    "shown_when": _("Appears only for"),
    "hidden_when": _("Not for"),
    "required_when": _("Required when"),
    "visible_when": _("Appears depending on the row"),
    "is_repeated": _("Several rows"),
    "min_rows": _("Least rows"),
    "max_rows": _("Most rows"),
    "row_title": _("Heading of a row"),
    "materials": _("Kinds of material"),
    "rules": _("Rules"),
    "title": _("Title of the form"),
    "title_en": _("English title"),
    "text": _("Commitment"),
    "text_en": _("English commitment"),
    "secrets": _("Declaration on secrets"),
    "secrets_en": _("English declaration on secrets"),
    "dictionaries": _("Values"),
    "commitment.version": _("Version of the commitment"),
    "commitment.text": _("Commitment"),
    "commitment.text_en": _("English commitment"),
    "commitment.secrets": _("Declaration on secrets"),
    "commitment.secrets_en": _("English declaration on secrets"),
}
"""Property of a definition → its label in the forms and the list of differences."""


def _line(name: str, **kwargs: Any) -> forms.fields.TextField:
    return forms.text(PROPERTIES[name], LENGTHS[name], **kwargs)


def _lines(name: str, **kwargs: Any) -> forms.fields.TextAreaField:
    return forms.area(PROPERTIES[name], LENGTHS[name], **kwargs)


class PartForm(forms.Form):
    """Common base of the forms for sections and fields."""

    label = _line("label", help=_("As the applicant reads it."))
    key = forms.text(
        PROPERTIES["key"],
        40,
        required=False,
        help=_(
            "Under this name the data is stored. Leave it empty to have one made; it stays for good once published."
        ),
    )
    help = _lines(
        "help", required=False, help=_("Stands below; say what to enter, and an example.")
    )
    label_en = _line("label_en", required=False)
    help_en = _lines("help_en", required=False)
    shown_when = condition(
        PROPERTIES["shown_when"],
        facts=CONDITION_FACTS[:3] + CONDITION_FACTS[4:],
        help=_("Nothing ticked: for everybody. Of one group any, of several groups all must fit."),
    )
    hidden_when = condition(
        PROPERTIES["hidden_when"],
        facts=CONDITION_FACTS[:3] + CONDITION_FACTS[4:],
        help=_(
            "Nothing ticked: nobody is left out. It does not appear for whom any one tick fits."
        ),
    )

    def keep_key(self) -> None:
        """Remove the key from the form, as a published key must not change."""
        del self.key


class SectionForm(PartForm):
    is_repeated = forms.tick(
        _("Several rows can be entered, such as one per paper"),
        help=_("Without the tick the section is filled in once."),
    )
    min_rows = forms.integer(
        PROPERTIES["min_rows"], 0, MOST_ROWS, required=False, help=_("0 or empty: may stay empty.")
    )
    max_rows = forms.integer(PROPERTIES["max_rows"], 1, MOST_ROWS, required=False)
    row_title = forms.choice(
        PROPERTIES["row_title"],
        [],
        required=False,
        help=_("The field whose value stands above a row."),
    )
    materials = forms.many(
        PROPERTIES["materials"],
        [],
        required=False,
        help=_("Kinds of material that prove this section. Each belongs to one section."),
    )


class FieldForm(PartForm):
    kind = forms.choice(PROPERTIES["kind"], list(KINDS.items()), has_blank=False)
    dictionary = forms.choice(
        PROPERTIES["dictionary"],
        [],
        required=False,
        help=_("Only for a choice: who offers it."),
        render_kw={"data-show-when": "kind=choice"},
    )
    new_name = forms.text(
        _("Name of the new dictionary"),
        LONGEST_NAME,
        required=False,
        help=_("As it stands in the list of dictionaries, for example Indexing platforms."),
    )
    new_values = forms.area(
        _("Values of the new dictionary"),
        LONGEST_LIST,
        required=False,
        help=_(
            "One on each line, in the order offered. The dictionary comes about when the draft is published; discarding the draft leaves nothing."
        ),
    )
    is_required = forms.tick(
        PROPERTIES["is_required"], help=_("Must be filled in before handing in.")
    )
    is_past = forms.tick(
        _("Not in the future"), help=_("Only for days, months and years: today at the latest.")
    )
    min = forms.integer(
        PROPERTIES["min"],
        -LARGEST,
        LARGEST,
        required=False,
        help=_("Of a text the number of characters, of a number its value; empty: no limit."),
    )
    max = forms.integer(PROPERTIES["max"], -LARGEST, LARGEST, required=False)
    unit = _line("unit", required=False, help=_("Stands behind the field, such as hours."))
    unit_en = _line("unit_en", required=False)
    source = forms.choice(
        PROPERTIES["source"],
        list(SOURCE_WORDS.items()),
        required=False,
        help=_("If chosen, the value is shown from there and not typed."),
    )
    required_when = row_condition(
        PROPERTIES["required_when"],
        help=_("Required only when other fields of the same row have these values."),
    )
    visible_when = row_condition(
        PROPERTIES["visible_when"],
        help=_("Asked only when fields standing before it in the row have these values."),
    )

    def offer_new(self, own: str) -> None:
        """Ask for name and values with a new dictionary, or with `own`, the key of the field's one in the draft."""
        rule = f"kind=choice&dictionary={NEW},{own}".removesuffix(",")
        for field in (self.new_name, self.new_values):
            field.render_kw = {**(field.render_kw or {}), "data-show-when": rule}

    def taken(self) -> tuple[dict[str, Any], str, str]:
        """Return the properties of the field, and name and values typed for a new dictionary."""
        values = self.values()
        return values, values.pop("new_name") or "", values.pop("new_values") or ""


def own_dictionary(drafted: Mapping[str, Any] | None) -> dict[str, str]:
    """Return what the fields about a dictionary of the draft hold, for the form of the field that uses it."""
    if drafted is None:
        return {}
    return {"new_name": drafted["label"], "new_values": "\n".join(drafted["values"].values())}


class TextsForm(forms.Form):
    title = _line("title")
    title_en = _line("title_en", required=False)
    text = _lines(
        "text",
        help=_(
            "The applicant ticks it before handing in. When its words change, its version counts up and it is asked for anew."
        ),
    )
    text_en = _lines("text_en", required=False)
    secrets = _lines("secrets")
    secrets_en = _lines("secrets_en", required=False)


class ImportForm(forms.Form):
    file = FileField(
        _("File"),
        description=_("A file that 【Export】 has written, JSON, at most 1 MB."),
        render_kw={"accept": ".json,application/json", "data-max-mb": "1"},
    )


GROUPS: dict[type[PartForm], tuple[tuple[Label, tuple[str, ...]], ...]] = {
    SectionForm: (
        ("", ("label", "key", "help")),
        (_("Rows"), ("is_repeated", "min_rows", "max_rows", "row_title")),
        (_("For whom"), ("shown_when", "hidden_when")),
        (_("Material"), ("materials",)),
        (_("English, may stay empty"), ("label_en", "help_en")),
    ),
    FieldForm: (
        (
            "",
            (
                "label", "key", "kind", "dictionary", "new_name", "new_values", "is_required", "is_past", "help",
            ),
        ),
        (_("Limits and unit"), ("min", "max", "unit")),
        (_("For whom"), ("shown_when", "hidden_when")),
        (_("Depending on other fields of the row"), ("required_when", "visible_when")),
        (_("Shown from other data"), ("source",)),
        (_("English, may stay empty"), ("label_en", "unit_en", "help_en")),
    ),
}  # fmt: skip


def groups_of(form: PartForm) -> Groups:
    """Return the fields of the form grouped under headings; headings without a field are left out."""
    found = [(legend, [form[name] for name in names if name in form]) for legend, names in GROUPS[type(form)]]  # fmt: skip
    return [(legend, fields) for legend, fields in found if fields]


def rule_form(kind: str, fields: list[Part]) -> forms.Form:
    """Return the form for a rule of `kind`: a select per field it names, a number per parameter."""
    made: dict[str, Any] = {
        name: forms.choice(
            PARAMETERS[name],
            [(one["key"], one["label"]) for one in fields if is_fit(one, kinds)],
        )
        for name, kinds in RULES[kind].items()
    }
    for name, (least, most) in RULE_NUMBERS.get(kind, {}).items():
        made[name] = forms.integer(PARAMETERS[name], least, most, required=False)
    form: forms.Form = type("RuleForm", (forms.Form,), made)()
    return form


def is_fit(field: Part, kinds: frozenset[str]) -> bool:
    """Return whether a rule for `kinds` may name the field."""
    return field.get("kind", "text") in kinds and not field.get("source")


def rule_sentence(rule: Mapping[str, Any], fields: list[Part]) -> str:
    """Return a rule as a sentence that names the fields by their labels."""
    labels = {one["key"]: one["label"] for one in fields}
    kind = rule["kind"]
    named = {name: labels.get(rule.get(name, ""), rule.get(name, "")) for name in RULES[kind]}
    numbers = [
        f"{PARAMETERS[name]} {rule[name]}" for name in RULE_NUMBERS.get(kind, {}) if name in rule
    ]
    return " ".join([str(RULE_WORDS[kind][1]) % named, *numbers])


def row_choices(
    section: Part, until: str, offered: Mapping[str, Mapping[str, str]], *, before: bool
) -> dict[str, tuple[str, list[Pair]]]:
    """Return other choice and tick fields of a row with their values; `before`: only those before `until`."""
    found: dict[str, tuple[str, list[Pair]]] = {}
    for one in section["fields"]:
        if one["key"] == until:
            if before:
                break
            continue
        if one.get("kind") == "tick":
            found[one["key"]] = one["label"], [("y", str(_("ticked"))), ("", str(_("not ticked")))]
        elif one.get("kind") == "choice":
            pairs = list(offered.get(one.get("dictionary", ""), {}).items())
            found[one["key"]] = one["label"], [*pairs, ("", str(_("nothing chosen")))]
    return found
