"""The dashboard in a real browser: its numbers are the marts', its marks open the decisions behind them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.imr.site.conftest import Tab
from tests.support.home import Home
from warehouse.query import query

SAME_AS_SQL = {
    "months": (
        ["month_key", "decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM agg_outcomes_by_month WHERE decision_month IS NOT NULL",
    ),
    "category": (
        ["name", "decision_count", "overturned_count", "overturn_rate"],
        "FROM (SELECT treatment_category AS name, sum(decision_count)::INT AS decision_count, "
        "sum(overturned_count)::INT AS overturned_count, sum(overturned_count) / sum(decision_count) AS overturn_rate "
        "FROM agg_outcomes_by_category_month GROUP BY name)",
    ),
    "specialty": (
        ["name", "decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM (SELECT specialty AS name, * EXCLUDE specialty FROM agg_outcomes_by_specialty "
        "ORDER BY decision_count DESC LIMIT 100)",
    ),
    "evidence": (
        ["name", "reviewer_evidence", "decision_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM (SELECT claims_admin_evidence AS name, * EXCLUDE claims_admin_evidence FROM agg_outcomes_by_evidence)",
    ),
    "request": (
        ["decision_count", "overturned_count", "overturn_rate", "overturn_rate_low", "overturn_rate_high"],
        "FROM agg_outcomes_by_request_kind",
    ),
    "days": (
        ["month_key", "measured_count", "median_days", "p90_days"],
        "FROM agg_time_to_decision_by_month WHERE time_interval = 'application_to_decision' "
        "AND decision_month IS NOT NULL AND measured_count > 0",
    ),
}
"""Charts with what they draw, as a query on the marts says it. A mart's own bound checks the site's formula."""


def rounded(rows: list[dict[str, Any]], columns: list[str]) -> set[str]:
    def shown(value: Any) -> Any:
        return round(float(value), 6) if isinstance(value, int | float) else value

    return {json.dumps([shown(row[column]) for column in columns]) for row in rows}


@pytest.mark.parametrize("chart", SAME_AS_SQL)
def test_a_chart_draws_the_numbers_that_sql_gives(chart: str, built: Home, address: str, tab: Tab) -> None:
    columns, source = SAME_AS_SQL[chart]
    tab.open_dashboard(address)
    marts = built.path / "warehouse" / "current" / "marts.duckdb"
    wanted = rounded(query(marts, f"SELECT {', '.join(columns)} {source}").to_pylist(), columns)
    drawn = rounded(tab.drawn(chart), columns)
    assert len(wanted) > 1
    assert drawn <= wanted
    if chart != "specialty":  # that one draws the most frequent ones only; its table has all
        assert drawn == wanted
    written = tab.page.locator(f"#{chart} details tbody tr").count()
    assert written == len(query(marts, f"SELECT 1 {source}"))


def test_the_headline_is_the_warehouse_overturn_rate(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    (row,) = query(
        built.path / "warehouse" / "current" / "marts.duckdb",
        "SELECT count(*) FILTER (is_overturned) AS k, count(*) AS n FROM fct_decisions",
    ).to_pylist()
    assert page.inner_text("h1").replace("\xa0", " ") == f"{100 * row['k'] / row['n']:.1f} % of denials were overturned"
    assert page.inner_text("[data-total=decision_count]") == str(row["n"])


def test_nothing_is_said_to_the_console_and_no_other_host_is_asked(address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    tab.keep("dashboard")
    pages = page.eval_on_selector_all("nav a", "links => links.map(link => link.href)")
    assert len(pages) == 5
    for other in pages[1:]:
        page.goto(other)
        page.wait_for_load_state("load")
        assert page.title()
        tab.keep(f"page-{other.rsplit('/', 1)[1].removesuffix('.html')}")
    assert len(tab.requests) > 10
    assert [url for url in tab.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert tab.trouble == []


def test_a_file_share_will_do_without_a_server(built: Home, tab: Tab) -> None:
    page = tab.open_dashboard((built.path / "site" / "index.html").as_uri())
    page.locator("#category .drill_marks [role=button]").first.click()
    page.wait_for_selector("#behind tbody tr")
    assert tab.trouble == []


def behind(tab: Tab) -> list[list[str]]:
    tab.page.wait_for_selector("#behind[open] tbody tr")
    rows: list[list[str]] = tab.page.eval_on_selector_all(
        "#behind tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


def decisions(built: Home, where: str) -> list[list[str]]:
    rows = query(
        built.path / "warehouse" / "current" / "marts.duckdb",
        "SELECT coalesce(case_number, 'none (' || source_name || ')') AS c, "  # noqa: S608 - the tests' own
        "coalesce(decision_date::VARCHAR, 'not stated') AS d, coalesce(disputed_request, treatment_requested) AS t, "
        f"outcome AS o FROM fct_decisions WHERE {where}",
    ).to_pylist()
    return [[row["c"], row["d"], row["t"], row["o"]] for row in rows]


def test_a_click_on_a_bar_lists_the_decisions_behind_it(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    first = tab.drawn("category")[0]
    page.locator("#category .drill_marks [role=button]").first.click()
    found = behind(tab)
    tab.keep("drill-down")
    wanted = decisions(built, f"treatment_category = '{first['name']}'")
    assert len(wanted) == first["decision_count"] > 1
    assert sorted(found) == sorted(wanted)
    assert first["name"] in page.inner_text("#behind-title")
    page.select_option("#behind-outcome", label="overturned")
    page.wait_for_function(f"document.querySelectorAll('#behind tbody tr').length === {first['overturned_count']}")
    assert {row[3] for row in behind(tab)} == {"overturned"}
    assert tab.trouble == []


def test_the_keyboard_alone_opens_moves_and_closes(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    page.focus("#drug_class summary")
    for _ in range(60):  # Tab until the guideline chart's one stop
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#guideline .chart') !== null"):
            break
    page.keyboard.press("ArrowDown")
    second = tab.drawn("guideline")[1]
    page.keyboard.press("Enter")
    found = behind(tab)
    label = "CASE guideline_source WHEN 'NONE' THEN '' ELSE guideline_source || ': ' END || guideline"
    wanted = decisions(
        built,
        "decision_key IN (SELECT decision_key FROM bdg_decision_guidelines JOIN dim_guidelines USING (guideline_key) "  # noqa: S608 - names of this warehouse
        f"WHERE cited_by = 'reviewer' AND {label} = '{second['name']}')",
    )
    assert len(wanted) == second["decision_count"] > 0
    assert sorted(found) == sorted(wanted)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('#guideline .chart') !== null"), "the focus goes back"
    assert not page.is_visible("#behind")


def test_a_row_of_the_table_opens_the_same_decisions(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    page.click("#months summary")
    page.click("#months details button >> text=2017-01")
    assert sorted(behind(tab)) == sorted(decisions(built, "strftime(decision_date, '%Y-%m') = '2017-01'"))


def test_another_period_shows_that_year_alone(built: Home, address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    page.select_option("#period", "2017")
    page.wait_for_selector("body[data-shown='2017']")
    marts = built.path / "warehouse" / "current" / "marts.duckdb"
    wanted = query(
        marts,
        "SELECT treatment_category AS name, count(*) AS n FROM fct_decisions "
        "WHERE year(decision_date) = 2017 GROUP BY name",
    ).to_pylist()
    assert len(wanted) > 1
    assert {r["name"]: r["decision_count"] for r in tab.drawn("category")} == {r["name"]: r["n"] for r in wanted}
    assert page.inner_text("h1").endswith("in 2017")
    page.locator("#category .drill_marks [role=button]").first.click()
    assert {row[1][:4] for row in behind(tab)} == {"2017"}


def test_a_phone_scrolls_in_one_direction_only(address: str, tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 360, "height": 740})
    page = tab.open_dashboard(address)
    tab.keep("dashboard-phone")
    for name in ("", "/report.html", "/dictionary.html"):
        page.goto(address + name)
        page.wait_for_load_state("load")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, name


def test_charts_have_words_for_those_who_cannot_see_them(address: str, tab: Tab) -> None:
    page = tab.open_dashboard(address)
    charts = page.eval_on_selector_all(
        "[role=graphics-document]", "all => all.map(chart => chart.getAttribute('aria-label'))"
    )
    assert len(charts) >= 10
    assert [label for label in charts if "table below" not in label] == []
    labels = page.eval_on_selector_all("#category [role=button]", "all => all.map(m => m.getAttribute('aria-label'))")
    assert labels
    assert all("decision" in label and "interval" in label for label in labels)


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
  const told = [];
  for (const node of document.querySelectorAll('main *, nav *, footer *')) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    const style = getComputedStyle(node);
    const ink = node.closest('svg') ? style.fill : style.color;
    const [a, b] = [luminance(ink), luminance(paper(node))].sort((x, y) => y - x);
    told.push([(a + 0.05) / (b + 0.05), node.textContent.trim().slice(0, 40)]);
  }
  return told;
}"""


def test_every_text_stands_out_from_its_ground(address: str, tab: Tab) -> None:
    """WCAG AA asks 4.5 to 1 of text; cells of the matrix have a ground of their own, whose darkest is checked apart."""
    page = tab.open_dashboard(address)
    found = page.evaluate(CONTRAST)
    assert len(found) > 100
    assert [told for told in found if told[0] < 4.5] == []


def test_a_hostile_treatment_is_text_and_nothing_else(built: Home, tab: Tab, tmp_path: Path) -> None:
    """What a letter asks for is printed as it stands, never run."""
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
    assert {row[2] for row in behind(tab)} == {evil}
    assert page.title() != "hit"
