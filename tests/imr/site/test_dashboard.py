"""The dashboard in a browser: its numbers are those of the marts, its marks list the decisions behind them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.imr.site.conftest import Tab
from tests.support.home import Home
from warehouse.query import query

pytestmark = pytest.mark.slow

STATED = "NOT is_outcome_inferred"
SQL_OF_CHARTS = {
    "months": (
        ["month_key", "decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM agg_outcomes_by_month WHERE decision_month IS NOT NULL AND decision_count > 0",
    ),
    "category": (
        ["name", "decision_count", "overturned_count", "overturn_rate"],
        "FROM (SELECT treatment_category AS name, sum(decision_count)::INT AS decision_count, "
        "sum(overturned_count)::INT AS overturned_count, sum(overturned_count) / sum(decision_count) AS overturn_rate "
        "FROM agg_outcomes_by_category_month WHERE decision_count > 0 GROUP BY name)",
    ),
    "procedure": (
        ["name", "decision_count", "overturned_count"],
        "FROM (SELECT procedure_name AS name, count(*) AS decision_count, count(*) FILTER (is_overturned) AS "
        f"overturned_count FROM fct_decisions JOIN dim_procedures USING (procedure) WHERE {STATED} GROUP BY name)",
    ),
    "procedure_region": (
        ["decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM agg_outcomes_by_procedure_body_region WHERE decision_count > 0",
    ),
    "diagnosis": (
        ["name", "decision_count", "overturned_count"],
        "FROM (SELECT diagnosis_group_name AS name, count(DISTINCT decision_key) AS decision_count, "
        "count(DISTINCT decision_key) FILTER (is_overturned) AS overturned_count "
        "FROM (SELECT letter_id, unnest(string_split(diagnosis_groups, ';')) AS diagnosis_group "
        "FROM bdg_determination_diagnoses) JOIN dim_diagnosis_groups USING (diagnosis_group) "
        f"JOIN fct_decisions USING (letter_id) WHERE {STATED} GROUP BY name)",
    ),
    "specialty": (
        ["name", "decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM (SELECT specialty AS name, * EXCLUDE specialty FROM agg_outcomes_by_specialty "
        "WHERE decision_count > 0 ORDER BY decision_count DESC LIMIT 100)",
    ),
    "evidence": (
        ["name", "reviewer_evidence", "decision_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM (SELECT claims_admin_evidence AS name, * EXCLUDE claims_admin_evidence FROM agg_outcomes_by_evidence "
        "WHERE decision_count > 0)",
    ),
    "request": (
        ["decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM agg_outcomes_by_request_kind WHERE decision_count > 0",
    ),
    "days": (
        ["month_key", "measured_count", "median_days", "p90_days"],
        "FROM agg_time_to_decision_by_month WHERE time_interval = 'application_to_decision' "
        "AND decision_month IS NOT NULL AND measured_count > 0",
    ),
}
"""Columns that a chart draws, and a query on the marts that gives them. Bounds of marts check the site's formula."""


LIMITED = {"specialty", "procedure", "procedure_region", "diagnosis"}
"""Charts that draw the largest groups only; their tables have all."""


def rounded(rows: list[dict[str, Any]], columns: list[str]) -> set[str]:
    def to_text(value: Any) -> Any:
        return round(float(value), 6) if isinstance(value, int | float) else value

    return {json.dumps([to_text(row[column]) for column in columns]) for row in rows}


def ask(built: Home, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = query(built.path / "warehouse" / "current" / "marts.duckdb", sql).to_pylist()
    return rows


def test_charts_tables_and_headline_show_the_numbers_of_sql(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    for chart, (columns, source) in SQL_OF_CHARTS.items():
        expected = rounded(ask(built, f"SELECT {', '.join(columns)} {source}"), columns)
        drawn = rounded(tab.drawn(chart), columns)
        assert len(expected) > 1, chart
        assert drawn <= expected, chart
        if chart not in LIMITED:
            assert drawn == expected, chart
        rows = page.locator(f"#{chart} details tbody tr").count()
        assert rows == len(ask(built, f"SELECT 1 {source}")), chart
    (row,) = ask(built, f"SELECT count(*) FILTER (is_overturned) AS k, count(*) AS n FROM fct_decisions WHERE {STATED}")
    assert page.inner_text("h1").replace("\xa0", " ") == f"{100 * row['k'] / row['n']:.1f} % of denials were overturned"
    assert page.inner_text("[data-total=decision_count]") == str(row["n"])
    (left_out,) = ask(built, "SELECT count(*) AS n FROM fct_decisions WHERE is_outcome_inferred")
    assert page.inner_text("[data-total=inferred_count]") == str(left_out["n"])


def test_pages_log_nothing_and_load_nothing_from_other_hosts(address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    tab.keep("dashboard")
    pages = page.eval_on_selector_all("nav a", "links => links.map(link => link.href)")
    assert len(pages) == 7
    for other in pages[1:]:
        page.goto(other)
        page.wait_for_load_state("load")
        assert page.title()
        tab.keep(f"page-{other.rsplit('/', 1)[1].removesuffix('.html')}")
    assert len(tab.requests) > 10
    assert [url for url in tab.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert tab.problems == []


def listed(tab: Tab) -> list[list[str]]:
    """Return the rows of the drill-down."""
    tab.page.wait_for_selector("#drilldown[open] tbody tr")
    rows: list[list[str]] = tab.page.eval_on_selector_all(
        "#drilldown tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


def decisions(built: Home, where: str) -> list[list[str]]:
    rows = ask(
        built,
        "SELECT coalesce(case_number, 'none (' || source_name || ')') AS c, "
        "coalesce(decision_date::VARCHAR, 'not stated') AS d, coalesce(disputed_request, treatment_requested) AS t, "
        f"outcome AS o FROM fct_decisions WHERE {where} AND {STATED}",
    )
    return [[row["c"], row["d"], row["t"], row["o"]] for row in rows]


def test_a_click_lists_the_decisions_behind_a_mark(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    for chart, condition in (
        ("category", "treatment_category = '{}'"),
        ("request", "is_modified = ('{}' = 'Modified requests')"),
    ):
        first = tab.drawn(chart)[0]
        page.locator(f"#{chart} .drill_marks [role=button]").first.click()
        found = listed(tab)
        assert len(found) == min(first["decision_count"], 50) > 1
        expected = decisions(built, condition.format(first["name"]))
        assert len(expected) == first["decision_count"]
        assert {tuple(row) for row in found} <= {tuple(row) for row in expected}
        assert first["name"] in page.inner_text("#drilldown-title")
        if chart == "category":
            tab.keep("drill-down")
            assert sorted(found) == sorted(expected)
            page.select_option("#drilldown-outcome", label="overturned")
            count = first["overturned_count"]
            page.wait_for_function(f"document.querySelectorAll('#drilldown tbody tr').length === {count}")
            assert {row[3] for row in listed(tab)} == {"overturned"}
        page.keyboard.press("Escape")
    page.click("#months summary")
    page.click("#months details button >> text=2017-01")
    assert sorted(listed(tab)) == sorted(decisions(built, "strftime(decision_date, '%Y-%m') = '2017-01'"))
    assert tab.problems == []


@pytest.mark.parametrize("name", ["index", "upheld", "overturned"])
def test_every_row_of_every_chart_lists_its_decisions(name: str, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(f"{address}/{name}.html")
    charts = page.eval_on_selector_all("figure:has(details button)", "all => all.map(figure => figure.id)")
    assert len(charts) >= 4
    for chart in charts:
        for cells in page.eval_on_selector_all(
            f"#{chart} details tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        ):
            row = page.locator(f"#{chart} details tbody tr").filter(has_text="".join(cells)).first
            row.locator("button").evaluate("button => button.click()")
            shown = len(listed(tab))
            heads = page.eval_on_selector_all(f"#{chart} thead th", "all => all.map(head => head.textContent)")
            if "Decisions" in heads:
                assert shown == min(50, int(cells[heads.index("Decisions")].replace(",", ""))), (chart, cells)
            page.keyboard.press("Escape")
    assert tab.problems == []


@pytest.mark.parametrize("outcome", ["upheld", "overturned"])
def test_reasons_show_the_numbers_of_sql(outcome: str, built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(f"{address}/{outcome}.html")
    tab.keep(outcome)
    groups = {"reason": "'all'", "category": "treatment_category", "years": "strftime(decision_date, '%Y')"}
    for chart, group in groups.items():
        rows = ask(
            built,
            f"SELECT {group} AS name, coalesce(reason_name, 'Not stated') AS reason, count(*) AS k "
            "FROM fct_decisions AS f LEFT JOIN dim_reasons AS r ON f.deciding_reason = r.reason "
            f"WHERE outcome = '{outcome}' AND {STATED} GROUP BY ALL",
        )
        totals = Counter[str]()
        for row in rows:
            totals[row["name"]] += row["k"]
        expected = {(r["name"], r["reason"], r["k"], totals[r["name"]]) for r in rows if r["name"] is not None}
        drawn = tab.drawn(chart)
        assert len(expected) > 1, chart
        assert {
            ("all" if chart == "reason" else r["name"], r["reason"], r["decision_count"], r["group_count"])
            for r in drawn
        } == expected, chart
        assert all(r["share"] == pytest.approx(r["decision_count"] / r["group_count"], abs=1e-6) for r in drawn)
        assert all(0 <= r["share_low"] <= r["share"] <= r["share_high"] <= 1 for r in drawn)
    assert page.inner_text("h1").startswith(f"Most often {outcome} for: ")


def test_the_keyboard_alone_opens_moves_and_closes(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    page.focus("#drug_class summary")
    for _ in range(60):  # Tab to the only stop of the guideline chart
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#guideline .chart') !== null"):
            break
    page.keyboard.press("ArrowDown")
    second = tab.drawn("guideline")[1]
    page.keyboard.press("Enter")
    found = listed(tab)
    label = "CASE guideline_source WHEN 'NONE' THEN '' ELSE guideline_source || ': ' END || guideline"
    expected = decisions(
        built,
        "decision_key IN (SELECT decision_key FROM bdg_decision_guidelines JOIN dim_guidelines USING (guideline_key) "
        f"WHERE cited_by = 'reviewer' AND {label} = '{second['name']}')",
    )
    assert len(expected) == second["decision_count"] > 0
    assert sorted(found) == sorted(expected)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('#guideline .chart') !== null"), "the focus returns"
    assert not page.is_visible("#drilldown")


def test_a_period_shows_that_year_only(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    page.select_option("#period", "2017")
    page.wait_for_selector("body[data-shown='2017']")
    expected = ask(
        built,
        "SELECT treatment_category AS name, count(*) AS n FROM fct_decisions "
        f"WHERE year(decision_date) = 2017 AND {STATED} GROUP BY name",
    )
    assert len(expected) > 1
    assert {r["name"]: r["decision_count"] for r in tab.drawn("category")} == {r["name"]: r["n"] for r in expected}
    assert page.inner_text("h1").endswith("in 2017")
    page.locator("#category .drill_marks [role=button]").first.click()
    assert {row[1][:4] for row in listed(tab)} == {"2017"}


def test_pages_fit_the_width_of_a_phone(address: str, tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 360, "height": 740})
    page = tab.open_dashboard(address)
    tab.keep("dashboard-phone")
    for name in ("", "/report.html", "/dictionary.html"):
        page.goto(address + name)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


CONTRAST = """() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!colour.endsWith(', 0)')) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  for (const node of document.querySelectorAll('main *, nav *, footer *')) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    const style = getComputedStyle(node);
    const ink = node.closest('svg') ? style.fill : style.color;
    const [a, b] = [luminance(ink), luminance(paper(node))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), node.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""


def test_charts_have_descriptions_and_every_text_has_enough_contrast(address: str, tab: Tab) -> None:
    """WCAG AA requires a contrast of 4.5 to 1 for text."""
    page = tab.open_dashboard(address)
    descriptions = page.eval_on_selector_all(
        "[role=graphics-document]", "all => all.map(chart => chart.getAttribute('aria-label'))"
    )
    assert len(descriptions) >= 10
    assert [text for text in descriptions if "table below" not in text] == []
    labels = page.eval_on_selector_all("#category [role=button]", "all => all.map(m => m.getAttribute('aria-label'))")
    assert labels
    assert all("decision" in label and "interval" in label for label in labels)
    contrasts = page.evaluate(CONTRAST)
    assert len(contrasts) > 100
    assert [entry for entry in contrasts if entry[0] < 4.5] == []


def test_from_a_file_share_with_a_hostile_treatment(built: Home, tab: Tab, tmp_path: Path) -> None:
    """The site works without a server, and prints a letter's markup as text."""
    site = tmp_path / "site"
    shutil.copytree(built.path / "site", site)
    evil = "</script><img src=x onerror=\"document.title='hit'\">"
    chunks = sorted((site / "decisions").glob("2017-01-*.js"))
    assert chunks
    for chunk in chunks:
        head, rows = chunk.read_text("utf-8").split(",", 1)
        changed = [[*row[:3], evil, *row[4:]] for row in json.loads(rows.removesuffix(");\n"))]
        chunk.write_text(f"{head},{json.dumps(changed)});\n", "utf-8")
    page = tab.open_dashboard((site / "index.html").as_uri())
    page.click("#months summary")
    page.click("#months details button >> text=2017-01")
    assert {row[2] for row in listed(tab)} == {evil}
    assert page.title() != "hit"
    assert tab.problems == []
