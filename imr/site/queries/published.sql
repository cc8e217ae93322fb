-- One row per published figure; the chart draws the yearly overturn rates, the table lists all figures.
WITH compared AS (
    SELECT *, figure = 'overturn_rate' AND period = 'year' AND basis = 'every treatment decision' AS is_drawn
    FROM rpt_published_figures_compared
)
SELECT figure_year::VARCHAR AS figure_year, period AS figure_period, publisher, replace(figure, '_', ' ') AS figure,
    basis, unit, published_value, warehouse_value, nearest_value, determination_count, why_not_reproduced, is_drawn,
    figure_year || ': published by ' || publisher || ' ' || percent(published_value) || ', here '
    || coalesce(percent(warehouse_value) || ' of ' || amount(determination_count) || ' cases', 'no letters') AS label
FROM compared
ORDER BY is_drawn DESC, figure, figure_year, period, publisher
