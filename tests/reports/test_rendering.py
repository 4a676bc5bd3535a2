"""Templates of reports: their texts have translations, and what users write is no markup."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import DictLoader, UndefinedError
from spoken import in_language
from texts_used import SPANISH, spoken_by_templates, with_other_fields

from trucesim.locale.catalogue import translations
from trucesim.reports import rendering
from trucesim.reports.rendering import escaped, passages, render, share, three


@pytest.fixture
def of_own() -> Iterator[dict[str, str]]:
    """Templates by name, in place of the package's."""
    environment, own = rendering.environment(), dict[str, str]()
    kept = environment.loader
    environment.loader = DictLoader(own)
    yield own
    environment.loader = kept
    if environment.cache is not None:
        environment.cache.clear()


def test_every_text_of_a_template_has_its_translation() -> None:
    known = translations(SPANISH)
    for path, texts in spoken_by_templates().items():
        for text in texts:
            # Some are the same in both languages, but they stand in the catalogue.
            same = f'msgid "{text}"\nmsgstr "{text}"' in SPANISH.read_text(encoding="utf-8")
            assert known.gettext(text) != text or same, f"{path}: {text}"
    assert with_other_fields(SPANISH) == []


def test_every_template_compiles() -> None:
    environment = rendering.environment()
    names = [name for name in environment.list_templates() if not name.endswith(".css")]
    assert {"validation.md", "report.html", "effects.told.md"} <= set(names)
    for name in names:
        environment.get_template(name)


def test_prose_is_filled_in_and_translated(of_own: dict[str, str]) -> None:
    of_own["a.md"] = (
        "## {{ _('Months') }}\n\n{% if few %}\n{% trans %}\nLeft\nout.\n{% endtrans %}\n\n"
        "{% endif %}\n{% trans n=1234|number %}\n  {{ n }}\n  runs\n{% endtrans %}\n\n\n\nEnd"
    )
    assert render("a.md", few=False) == "## Months\n\n1,234 runs\n\nEnd\n"
    assert "\n\nLeft out.\n\n1,234 runs" in render("a.md", few=True)
    assert in_language("es", render, "a.md", few=False) == "## Meses\n\n1,234 simulaciones\n\nEnd\n"
    with pytest.raises(UndefinedError):
        render("a.md")


def test_passages_are_paragraphs_in_the_language_spoken(of_own: dict[str, str]) -> None:
    of_own["told.md"] = (
        "{% macro told(n) %}\n{% trans n %}\n{{ n }}\nruns\n{% endtrans %}\n\n"
        "{{ _('Months') if n > 1 }}\n{% endmacro %}\n"
    )
    assert passages("told.md", "told", n=1) == ["1 runs"]
    assert passages("told.md", "told", n=2) == ["2 runs", "Months"]
    assert in_language("es", passages, "told.md", "told", n=2) == ["2 simulaciones", "Meses"]


@pytest.mark.parametrize("path", ["a.md", "a.html"])
def test_what_users_write_is_no_markup(of_own: dict[str, str], path: str) -> None:
    of_own[path] = "{{ title|escaped }}" if path == "a.md" else "{{ title }}"
    hostile = "<script> **b** [a](javascript:1) `c` _d_ | e\n# f"
    told = render(path, title=hostile)
    of_own["b.html"] = "{{ _('a \"b\" <i>%(n)s', n=title) }}"
    assert render("b.html", title="<u>") == "a &#34;b&#34; &lt;i&gt;&lt;u&gt;"
    assert "<script>" not in told.replace("\\<script", "")
    if path == "a.md":
        assert told == (
            "\\<script\\> \\*\\*b\\*\\* \\[a\\](javascript:1) \\`c\\` \\_d\\_ \\| e # f\n"
        )


def test_numbers_as_reports_write_them() -> None:
    assert [three(each) for each in (0.004, 9.994, 9.995, 99.94, 99.95, 1234.5, math.nan)] == [
        "0.00", "9.99", "10.0", "99.9", "100", "1234", "-",
    ]  # fmt: skip
    assert [share(0.125), share(0.125, 1), share(math.nan)] == ["12%", "12.5%", "-"]
    assert escaped("top_share, a*b") == "top_share, a\\*b"
    assert escaped("One\npart.\n\n# Two\n\n33. Three") == "One part.\n\n\\# Two\n\n33\\. Three"


def test_templates_are_shipped() -> None:
    folder = Path(rendering.__file__).parent / "templates"
    assert set(rendering.environment().list_templates()) == {
        path.name for path in folder.iterdir()
    }  # fmt: skip
