// Draws each chart with Vega-Lite, writes its table, and lists the decisions behind a mark. All numbers and titles come
// from the marts, in assets/data.js.
"use strict";

const data = window.imrData;
const build = new URLSearchParams(document.currentScript.src.split("?")[1] || "").get("v") || "";
const $ = (id) => document.getElementById(id);

const formats = {
  text: (value) => (value === null ? "" : String(value)),
  amount: (value) => (value === null ? "" : value.toLocaleString("en-US")),
  number: (value) => (value === null ? "" : value.toLocaleString("en-US", { maximumFractionDigits: 3 })),
  percent: (value) => (value === null ? "" : `${(100 * value).toFixed(1)} %`),
};

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

const tables = {};
for (const [name, { columns, rows }] of Object.entries(data.rows)) {
  tables[name] = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
}

// Rows without a period are always shown; a chart by month shows the months of the chosen year.
function rowsOf(chart, period) {
  const wanted = Object.entries(chart.rows);
  const all = tables[chart.query].filter((row) => wanted.every(([field, value]) => row[field] === value));
  if (!all.length || !("period" in all[0])) return all;
  const isMonthly = "month_key" in all[0];
  return isMonthly && period === "all" ? all : all.filter((row) => row.period === period);
}

function headline(id, period) {
  const found = tables.headlines.filter((row) => row.chart === id);
  return found.find((row) => row.period === period) || (found.every((row) => row.period === "all") && found[0]);
}

// --- charts -----------------------------------------------------------------------------------------------------

const NARROW = 420; // pixels; in narrower charts, names are above their bars
const theme = {
  font: "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  view: { stroke: null },
  axis: { labelColor: "#243b4a", titleColor: "#4a5f6e", titleFontWeight: "normal", labelFontSize: 12, titleFontSize: 12,
    gridColor: "#e6ecf0", domainColor: "#9fb0bb", tickColor: "#9fb0bb" },
  legend: { labelColor: "#243b4a", labelFontSize: 12, titleFontSize: 12 },
  text: { fontSize: 12 },
};

async function draw(holder, chart, spec, rows, title) {
  holder.replaceChildren();
  if (!rows.length) {
    holder.append(element("p", { className: "empty", textContent: "No data for this period." }));
    return;
  }
  const width = holder.clientWidth;
  const full = {
    ...spec,
    description: `${title}. The table below holds the numbers; use Tab and the arrow keys to reach the marks.`,
    datasets: { rows },
    width,
    height: spec.height.step ? spec.height.step * new Set(rows.map((row) => row.name)).size : spec.height,
    autosize: { type: "fit-x", contains: "padding" },
    config: { ...theme, axisY: { labelLimit: Math.max(110, Math.round(width * 0.42)) } },
  };
  const { view } = await vegaEmbed(holder, full, { actions: false, renderer: "svg", ast: false, tooltip: { theme: "custom" } });
  holder.view = view;
  if (chart.drill.length) enableKeyboard(holder, chart);
}

// One tab stop per chart: arrow keys move between its marks, Enter lists the decisions behind the focused one.
function enableKeyboard(holder, chart) {
  holder.classList.add("reachable");
  const marks = [...holder.querySelectorAll(".drill_marks [role='graphics-symbol']")];
  marks.forEach((mark, i) => {
    mark.setAttribute("tabindex", i ? "-1" : "0");
    mark.setAttribute("role", "button");
    mark.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (step) {
        const next = marks[Math.min(marks.length - 1, Math.max(0, i + step))];
        mark.setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
      } else if (event.key === "Enter" || event.key === " ") {
        openDrilldown(chart, mark.__data__.datum, mark);
      } else {
        return;
      }
      event.preventDefault();
    });
    mark.addEventListener("click", () => openDrilldown(chart, mark.__data__.datum, mark));
  });
}

function writeTable(figure, chart, rows) {
  const numeric = (format) => (format === "text" ? "" : "n");
  const head = chart.columns.map(([, title, format]) => element("th", { scope: "col", className: numeric(format), textContent: title }));
  const body = rows.map((row) => element("tr", {}, ...chart.columns.map(([field, , format], i) => {
    const text = formats[format](row[field]);
    const cell = element("td", { className: numeric(format) });
    if (i === 0 && chart.drill.length) {
      const button = element("button", { type: "button", textContent: text, title: "List the decisions" });
      button.addEventListener("click", () => openDrilldown(chart, row, button));
      cell.append(button);
    } else {
      cell.textContent = text;
    }
    return cell;
  })));
  figure.querySelector("details .table").replaceChildren(
    element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)),
  );
}

async function show(period) {
  const total = tables.totals.find((row) => row.period === period);
  for (const cell of document.querySelectorAll("[data-total]")) {
    const value = total && total[cell.dataset.total];
    cell.textContent = value === null || value === undefined ? "–" : typeof value === "number" ? formats.amount(Math.round(value)) : value;
  }
  const top = headline(document.body.dataset.headline, period);
  if (top) $("headline").textContent = top.headline + (period === "all" ? "" : ` in ${period}`);
  for (const [id, chart] of Object.entries(data.charts)) {
    const figure = $(id);
    const rows = rowsOf(chart, period);
    const found = headline(id, period);
    const title = rows.length && found ? found.headline : chart.name;
    $(`${id}-title`).textContent = title;
    $(`${id}-name`).hidden = title === chart.name;
    writeTable(figure, chart, rows);
    const drawn = chart.limit ? keepLargest(rows, chart.limit) : rows;
    for (const holder of figure.querySelectorAll(".chart")) {
      const specs = holder.clientWidth < NARROW ? chart.narrow : chart.specs;
      await draw(holder, chart, specs[holder.dataset.spec], drawn, title);
    }
  }
  document.body.dataset.shown = period;
}

// Charts draw the largest groups, in the order of the rows; tables list all.
function keepLargest(rows, limit) {
  const kept = new Set([...rows].sort((a, b) => b.decision_count - a.decision_count).slice(0, limit));
  return rows.filter((row) => kept.has(row));
}

// --- drill-down: the decisions behind a mark --------------------------------------------------------------------

const PAGE = 50;
const loaded = {};
const waiting = {};
let listing = null;

window.imrReceive = (name, value) => {
  loaded[name] = value;
  (waiting[name] || []).forEach((done) => done(value));
};

function load(name) {
  if (name in loaded) return Promise.resolve(loaded[name]);
  return new Promise((done, failed) => {
    waiting[name] = [...(waiting[name] || []), done];
    const script = element("script", { src: `decisions/${name}.js?v=${build}`, onerror: () => failed(new Error(`${script.src} cannot be loaded`)) });
    document.head.append(script);
  });
}

async function openDrilldown(chart, row, opener) {
  const filters = chart.drill.map(([attribute, field]) => [attribute, row[field]]);
  const isDated = filters.some(([attribute]) => attribute === "month" || attribute === "year");
  const period = isDated ? "all" : $("period").value;
  const index = await load("index");
  const group = filters.map(([, value]) => value).join(" / ");
  $("drilldown-title").textContent = `${group}${period === "all" ? "" : `, ${period}`}: ${chart.name.toLowerCase()}`;
  $("drilldown-outcome").replaceChildren(
    element("option", { value: "", textContent: "all outcomes" }),
    ...Object.entries(index.ids.outcome).map(([name, id]) => element("option", { value: String(id), textContent: name.replace("_", " ") })),
  );
  listing = { filters, period, index, opener };
  $("drilldown").showModal();
  await restart();
}

function idOf(index, attribute, name) {
  return index.ids[attribute][name];
}

// Files by month, newest first. Months in which a group has no decisions are left out.
function chunksOf({ filters, period, index }) {
  let category = null;
  const months = [];
  for (const [attribute, value] of filters) {
    if (attribute === "month") months.push([value]);
    else if (attribute !== "year" && idOf(index, attribute, value) in index.monthsOf) months.push(index.monthsOf[idOf(index, attribute, value)]);
    if (attribute === "category") category = idOf(index, attribute, value);
    if (attribute === "drug_class") category = idOf(index, "category", "Pharmaceuticals");
  }
  const years = filters.filter(([attribute]) => attribute === "year").map(([, year]) => year);
  if (period !== "all") years.push(period);
  const found = index.chunks.filter(([month, of]) => months.every((all) => all.includes(month))
    && years.every((year) => month.startsWith(year)) && (category === null || of === category));
  const byMonth = new Map();
  for (const chunk of found) byMonth.set(chunk[0], [...(byMonth.get(chunk[0]) || []), chunk]);
  return [...byMonth.entries()].sort(([a], [b]) => (a === "unknown") - (b === "unknown") || (a < b ? 1 : -1)).map(([, chunks]) => chunks);
}

async function restart() {
  listing.months = chunksOf(listing);
  listing.ready = [];
  listing.shown = 0;
  document.querySelector("#drilldown tbody").replaceChildren();
  await more();
}

async function more() {
  const now = listing;
  const run = (now.run = (now.run || 0) + 1);
  $("drilldown-more").disabled = true;
  const outcome = $("drilldown-outcome").value;
  const wanted = now.filters.filter(([attribute]) => attribute !== "month" && attribute !== "year").map(([attribute, name]) => idOf(now.index, attribute, name));
  if (outcome) wanted.push(Number(outcome));
  const fits = (row) => wanted.every((id) => row[5].includes(id));
  const outcomes = Object.fromEntries(Object.entries(now.index.ids.outcome).map(([name, id]) => [id, name]));
  while (now.ready.length < PAGE && now.months.length) {
    const parts = await Promise.all(now.months[0].map(([month, category, part]) => load(`${month}-${category}-${part}`)));
    if (listing !== now || now.run !== run) return; // superseded by another choice
    now.months.shift();
    now.ready.push(...parts.flat().filter(fits).sort((a, b) => (a[2] < b[2] ? 1 : a[2] > b[2] ? -1 : 0)));
  }
  const page = now.ready.splice(0, PAGE);
  now.shown += page.length;
  document.querySelector("#drilldown tbody").append(...page.map((row) => element("tr", {},
    element("td", { textContent: row[0] || `none (${row[1]})` }),
    element("td", { textContent: row[2] || "not stated" }),
    element("td", { textContent: row[3] }),
    element("td", { textContent: outcomes[row[4]].replace("_", " "), className: outcomes[row[4]] }),
  )));
  const left = now.ready.length || now.months.length;
  $("drilldown-count").textContent = `${now.shown.toLocaleString("en-US")} ${left ? "newest shown" : now.shown === 1 ? "decision" : "decisions"}`;
  $("drilldown-more").hidden = !left;
  $("drilldown-more").disabled = false;
}

$("drilldown-outcome").addEventListener("change", restart);
$("drilldown-more").addEventListener("click", more);
$("drilldown").addEventListener("close", () => listing && listing.opener.isConnected && listing.opener.focus());
$("drilldown").addEventListener("click", (event) => event.target === $("drilldown") && $("drilldown").close());
$("period").addEventListener("change", () => show($("period").value));

let drawnWidth = window.innerWidth;
let resizing;
window.addEventListener("resize", () => {
  if (window.innerWidth === drawnWidth) return; // on phones the address bar changes the height
  clearTimeout(resizing);
  resizing = setTimeout(() => {
    drawnWidth = window.innerWidth;
    show($("period").value);
  }, 200);
});
show("all");
