"""What became of raw tables, as a dict and as tables."""

from __future__ import annotations

import json
from typing import Any

import polars as pl


class DeriveReport(dict[str, Any]):
    """What became of the data of :func:`firmgrade.derive`: the JSON that ``firmgrade derive --report`` writes, as a dict.

    In a notebook it shows itself as tables.
    """

    def table(self) -> pl.DataFrame:
        """One row for each table of records: table, title, file (None for a table in memory), read, and what became of the records:
        counting, rejected (could not be read), unmatched (no such firm), ambiguous (a name that several firms have), duplicate, undated,
        future, not_counted, repaired, ended, expired. The counts add up to read.
        """
        rows = [
            {"table": t["table"], "title": t["title"], "file": t["source"].get("file"), "read": t["read"], **t["fates"]}
            for t in self["tables"]
        ]
        return pl.DataFrame(rows)

    def columns(self) -> pl.DataFrame:
        """One row for each column that the card reads, those of the firm table first: table, column, header (as the office spells it, where
        that differs), kind, missing, missing_share (0 to 1), placeholders (dates such as 9999-12-31, which are missing), repaired (cells
        that were read after cleaning), unreadable, least, greatest (numbers and days, as text).
        """
        firms = [("firms", column) for column in (self.get("firm_table") or {"columns": []})["columns"]]
        records = [(table["table"], column) for table in self["tables"] for column in table["columns"]]
        rows = [
            {
                "table": table,
                "column": column["column"],
                "header": column.get("header"),
                "kind": column["kind"],
                "missing": column["missing"],
                "missing_share": column["missing_share"],
                "placeholders": column["placeholders"],
                "repaired": column["repaired"],
                "unreadable": sum(reason["count"] for reason in column.get("unreadable", [])),
                "least": column.get("least"),
                "greatest": column.get("greatest"),
            }
            for table, column in firms + records
        ]
        return pl.DataFrame(
            rows, schema_overrides={"header": pl.String, "least": pl.String, "greatest": pl.String}, infer_schema_length=None
        )

    def problems(self) -> pl.DataFrame:
        """One row for each reason why rows or cells were not read: table, column (None for whole rows), reason, count, and the first of
        them: row (of the file, from 1) and found (numbers of natural persons masked).
        """
        tables = [{"table": "firms", **(self.get("firm_table") or {})}, *self["tables"]]
        rows = [
            {"table": table["table"], "column": None, **_reason(reason)} for table in tables for reason in table.get("rejected", [])
        ] + [
            {"table": table["table"], "column": column["column"], **_reason(reason)}
            for table in tables
            for column in table.get("columns", [])
            for reason in column.get("unreadable", [])
        ]
        schema = {"table": pl.String, "column": pl.String, "reason": pl.String, "count": pl.Int64, "row": pl.Int64, "found": pl.String}
        return pl.DataFrame(rows, schema=schema)

    def indicators(self) -> pl.DataFrame:
        """One row for each derived indicator: indicator, title, records (table, None for an expression), used, out_of_window, filtered_out,
        coverage (0 to 1), min, lower_quartile, median, upper_quartile, max (None for words), psi (drift; None without an earlier run).
        """
        numbers = ["min", "lower_quartile", "median", "upper_quartile", "max"]
        rows = []
        for indicator in self["indicators"]:
            records = indicator.get("records") or {}
            rows.append(
                {
                    "indicator": indicator["indicator"],
                    "title": indicator["title"],
                    "records": records.get("table"),
                    **{name: records.get(name) for name in ("used", "out_of_window", "filtered_out")},
                    "coverage": indicator["coverage"],
                    **{name: indicator["spread"].get(name) for name in numbers},
                    "psi": (indicator.get("drift") or {}).get("psi"),
                }
            )
        counts = dict.fromkeys(["used", "out_of_window", "filtered_out"], pl.Int64)
        floats = dict.fromkeys(["coverage", *numbers, "psi"], pl.Float64)
        return pl.DataFrame(rows, schema_overrides={"records": pl.String, **counts, **floats}, infer_schema_length=None)

    def json(self) -> str:
        """The report as JSON text; :func:`firmgrade.derive` takes it back as ``earlier`` once it is loaded."""
        return json.dumps(self, ensure_ascii=False, indent=2)

    def _repr_html_(self) -> str:
        with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, fmt_str_lengths=60):
            shown = [("Records", self.table()), ("Cells", self.columns()), ("Not read", self.problems()), ("Indicators", self.indicators())]
            return "".join(f"<h4>{title}</h4>{frame._repr_html_()}" for title, frame in shown if frame.height)


def _reason(reason: dict[str, Any]) -> dict[str, Any]:
    first = reason["first"][0] if reason["first"] else {"row": None, "found": None}
    return {"reason": reason["reason"], "count": reason["count"], **first}
