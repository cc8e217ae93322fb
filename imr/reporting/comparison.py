"""Text of the comparison of a reparse or a rebuild, for logs, terminals and reports."""

from __future__ import annotations

from typing import Any

NAMES_SHOWN = 10


def format_comparison(comparison: dict[str, Any]) -> list[str]:
    """Return a line for each changed table, then the first changed rows; `comparison` is as in `comparison.json`."""
    lines = [f"{'rows of':<40}{'added':>6}{'changed':>9}{'removed':>9}{'same':>8}"]
    tables = comparison["tables"]
    changed = {name: t for name, t in tables.items() if t["added"] or t["changed"] or t["removed"]}
    for table, counts in changed.items():
        numbers = f"{counts['added']:>6}{counts['changed']:>9}{counts['removed']:>9}{counts['same']:>8}"
        columns = ", ".join(f"{name} {rows}" for name, rows in counts["columns"].items())
        lines.append(f"  {table:<38}{numbers}{'   changed: ' + columns if columns else ''}")
    lines.append(f"  unchanged tables: {len(tables) - len(changed)} of {len(tables)}")
    if comparison["rejected"]:
        lines.append(f"  {comparison['rejected']} letters were rejected in review")
    for row in comparison["examples"]:
        where = " ".join(part for part in (row["case_number"], row["source_path"]) if part)
        lines.append(f"  {row['change']:<10}{row['table']} {where} {row['row']} {row['what']}".rstrip())
    kept = comparison["kept"]
    lines += [f"  kept as loaded: {k['source_path']}, now {k['reason']}" for k in kept[:NAMES_SHOWN]]
    if len(kept) > NAMES_SHOWN:
        lines.append(f"  and {len(kept) - NAMES_SHOWN} more kept as loaded")
    return lines
