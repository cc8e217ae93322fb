"""Draw every imported chart repeatedly by Superset's own chart data command. Runs in Superset's environment."""

import json
import os
import sys
import time

from superset.app import create_app

app = create_app()
with app.app_context():
    from flask import g
    from superset import db, security_manager
    from superset.charts.schemas import ChartDataQueryContextSchema
    from superset.commands.chart.data.get_data_command import ChartDataCommand
    from superset.models.dashboard import Dashboard

    (dashboard,) = db.session.query(Dashboard).all()
    charts = list(dashboard.slices)
    end = time.monotonic() + float(os.environ["IMR_BI_SECONDS"])
    reads = 0
    marts: dict[str, int] = {}
    with app.test_request_context():
        g.user = security_manager.find_user("admin")
        while time.monotonic() < end or reads < 2 * len(charts):
            for chart in charts:
                params = json.loads(chart.params)
                group = [params["x_axis"]] if params.get("x_axis") else params["groupby"]
                query = {"columns": group, "metrics": params["metrics"], "row_limit": 1000}
                source = {"id": chart.datasource_id, "type": "table"}
                context = ChartDataQueryContextSchema().load({"datasource": source, "queries": [query], "force": True})
                command = ChartDataCommand(context)
                command.validate()
                (answer,) = command.run()["queries"]
                rows = len(answer["data"])
                name = chart.datasource.table_name
                if not rows or marts.setdefault(name, rows) != rows:
                    sys.exit(f"{name}: {rows} rows: {answer.get('error')}")
                reads += 1
    print(f"dashboard {dashboard.dashboard_title!r}: {reads} reads of {len(marts)} marts, no error")
