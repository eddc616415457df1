"""What can be wrong with data: one exception per cause, each with fields.

    SetlistDataError
    ├── SourceUnreadable     a file is missing, empty, cut short, or not what its name says
    ├── ContractViolation    a file was read, but does not keep its table's contract
    │   ├── ShapeViolation   columns are missing or of another type: no row can be kept
    │   └── RowViolation     more rows break rules than the tolerance allows
    ├── SensitiveFeature     a model asked to learn from an attribute it must not see
    ├── NamesUnusable        a file of segment names says something that cannot be
    └── RequestUnusable      an audience was asked for in a way that cannot be followed
"""

import datetime as dt
from pathlib import Path


class SetlistDataError(Exception):
    """Something about the data is wrong; the text says what, where, and what to do."""


class SourceUnreadable(SetlistDataError):
    """Raised when a source's file cannot be read as what it claims to be."""

    def __init__(self, path: Path, expected: str, found: str, advice: str) -> None:
        super().__init__(path, expected, found, advice)
        self.path, self.expected, self.found, self.advice = path, expected, found, advice

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be read\n"
            f"  expected  {self.expected}\n"
            f"  found     {self.found}\n"
            f"{self.advice}"
        )


class ContractViolation(SetlistDataError):
    """Raised when a day of a table does not keep its contract."""

    table: str
    day: dt.date


class ShapeViolation(ContractViolation):
    """Raised when columns are missing or of a type that cannot be converted without loss.

    ``problems`` holds (column, expected, found), one for every column at fault.
    """

    def __init__(
        self, table: str, day: dt.date, source: str, problems: list[tuple[str, str, str]]
    ) -> None:
        super().__init__(table, day, source, problems)
        self.table, self.day, self.source, self.problems = table, day, source, problems

    def __str__(self) -> str:
        count = len(self.problems)
        lines = [
            f"{self.table} {self.day} has the wrong shape "
            f"({count} {'column' if count == 1 else 'columns'} of source {self.source!r})"
        ]
        width = max(len(column) for column, _, _ in self.problems)
        lines += [
            f"  {column:<{width}}  expected {expected}, found {found}"
            for column, expected, found in self.problems
        ]
        return "\n".join(lines) + (
            f"\nNothing of the day was kept; the previous snapshot stands. Repair the file, or, if "
            f"the format has changed, change the reader of {self.source!r} in ml/sources."
        )


class RowViolation(ContractViolation):
    """Raised when the share of rows that break rules is above the tolerance.

    ``rules`` holds the entries of the ingest report: rule, column, rows, example.
    """

    def __init__(
        self, table: str, day: dt.date, rows: int, bad: int, tolerance: float, rules: list[dict]
    ) -> None:
        super().__init__(table, day, rows, bad, tolerance, rules)
        self.table, self.day, self.rows, self.bad = table, day, rows, bad
        self.tolerance, self.rules = tolerance, rules

    def __str__(self) -> str:
        count = len(self.rules)
        lines = [
            f"{self.table} {self.day} breaks {count} {'rule' if count == 1 else 'rules'} "
            f"({self.bad:,} of {self.rows:,} rows; at most {self.tolerance:.2%} may)"
        ]
        columns = max(len(rule["column"]) for rule in self.rules)
        sentences = max(len(rule["rule"]) for rule in self.rules)
        lines += [
            f"  {rule['column']:<{columns}}  {rule['rule']:<{sentences}}  "
            f"{rule['rows']:,} {'row' if rule['rows'] == 1 else 'rows'}, e.g. {rule['example']}"
            for rule in self.rules
        ]
        return "\n".join(lines) + (
            f"\nThe day was not accepted; the previous snapshot stands. Repair the file, or, to "
            f"accept these rows, change {self.table.upper()} in ml/tables.py."
        )


class SensitiveFeature(SetlistDataError):
    """Raised when a sensitive attribute, or a column named after one, is listed as a feature."""

    def __init__(self, features: list[str], where: str) -> None:
        super().__init__(features, where)
        self.features, self.where = features, where

    def __str__(self) -> str:
        return (
            f"{self.where} would learn from sensitive attributes: {', '.join(self.features)}\n"
            "Sensitive attributes serve fairness slices only. Remove them from the features; if a "
            "name only looks sensitive, rename the column, or change SENSITIVE in ml/privacy.py."
        )


class NamesUnusable(SetlistDataError):
    """Raised when a person's names for segments cannot be used; ``problems`` lists why."""

    def __init__(self, path: Path, expected: str, problems: list[str]) -> None:
        super().__init__(path, expected, problems)
        self.path, self.expected, self.problems = path, expected, problems

    def __str__(self) -> str:
        found = "\n".join(f"  found     {problem}" for problem in self.problems)
        return (
            f"{self.path} cannot be used\n  expected  {self.expected}\n{found}\n"
            "Correct the file and run again; the names of the last night stay until then."
        )


class RequestUnusable(SetlistDataError):
    """Raised when an audience request has mistakes; ``problems`` holds (field, expected, found)."""

    def __init__(self, request: str, problems: list[tuple[str, str, str]]) -> None:
        super().__init__(request, problems)
        self.request, self.problems = request, problems

    def __str__(self) -> str:
        count = len(self.problems)
        width = max(len(field) for field, _, _ in self.problems)
        lines = [
            f"audience request {self.request!r} cannot be used "
            f"({count} {'problem' if count == 1 else 'problems'})"
        ]
        lines += [
            f"  {field:<{width}}  expected {expected}; found {found}"
            for field, expected, found in self.problems
        ]
        return "\n".join(lines) + (
            f"\nNo audience was built. Correct {self.request}.json in the folder of requests "
            "([setlist] requests) and run again; docs/audiences.md describes every field."
        )
