"""What people look at: one folder of static pages for the published version, that any web server or share can serve.

The dashboard's numbers come from the marts alone: `queries/` asks them, `charts/` draws the answers (Vega-Lite),
`dashboard.toml` says which chart stands where and what it says.
"""
