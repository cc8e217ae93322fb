"""Static site of the published version, which any web server or file share can serve.

All numbers of the dashboard come from the marts: `queries/` holds the SQL, `charts/` the Vega-Lite specifications,
`dashboard.toml` the order and the texts of the charts.
"""
