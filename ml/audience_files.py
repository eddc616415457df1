"""A request's files, read once: ids become pseudonyms here, and never leave as they came."""

import dataclasses
from pathlib import Path

import pandas as pd

from ml.audience_request import REQUEST_NAME, AudienceRequest, Problem, parse, request_of
from ml.errors import RequestUnusable
from ml.privacy import PseudonymKey, is_forgotten, pseudonym


def read(
    files: list[Path],
    forgotten: pd.DataFrame | None = None,
    *,
    name: str,
    key: PseudonymKey,
) -> dict:
    """``request.json`` and the lists ``seeds.parquet`` and ``exclude_listeners.parquet``.

    ``files`` are the request and the CSVs beside it that are there. A list has one column
    ``listener`` of pseudonyms, sorted, without ``forgotten`` listeners. ``request.json`` has the
    fields, the ``problems`` with them, and how many ids were ``listed``.
    """
    text = next(path for path in files if path.suffix == ".json").read_bytes()
    request, problems = parse(name, text.decode("utf-8", errors="replace"))
    if not REQUEST_NAME.fullmatch(name):
        problems.append(("the file's name", "letters, digits, - and _, at most 64", repr(name)))
    beside = {path.name: path for path in files}
    lists = {}
    for field in ("seeds", "exclude_listeners"):
        wanted = request.files().get(field)
        ids, problem = _ids(field, wanted, beside) if wanted else (_none(), None)
        problems += [problem] if problem else []
        lists[field] = ids
    names = {field: _pseudonyms(ids, key, forgotten) for field, ids in lists.items()}
    listed = {field: int(ids.nunique()) for field, ids in lists.items()}
    told = {**dataclasses.asdict(request), "problems": problems, "listed": listed}
    return {
        "request.json": told,
        "seeds.parquet": names["seeds"],
        "exclude_listeners.parquet": names["exclude_listeners"],
    }


def written(request: dict) -> tuple[AudienceRequest, list[Problem]]:
    """The request that `read` made, and its problems."""
    told = dict(request["request.json"])
    problems = [(field, expected, seen) for field, expected, seen in told.pop("problems")]
    del told["listed"]
    return request_of(told), problems


def require_usable(request: AudienceRequest, problems: list[Problem]) -> None:
    """Raise RequestUnusable with all problems, if there are any."""
    if problems:
        raise RequestUnusable(request.name, problems)


def in_words(problems: list[Problem]) -> list[str]:
    """Each problem as a sentence."""
    return [f"{field}: expected {expected}; found {seen}" for field, expected, seen in problems]


def _ids(
    field: str, wanted: str, beside: dict[str, Path]
) -> tuple[pd.Series, Problem | None]:
    """The ids in a list, and what is wrong with it instead."""
    if wanted not in beside:
        return _none(), (field, f"the file {wanted} beside the request", "no such file")
    asked = f"{wanted} to be a CSV in UTF-8 with a column listener"
    try:
        rows = pd.read_csv(beside[wanted], dtype="str", keep_default_na=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        return _none(), (field, asked, f"{type(error).__name__}")
    if "listener" not in rows.columns:
        # Without a header the first line is an id: it is not quoted.
        return _none(), (field, asked, f"{len(rows.columns)} columns, none of that name")
    ids = rows["listener"].str.strip()
    return ids[ids != ""].reset_index(drop=True), None


def _pseudonyms(
    ids: pd.Series, key: PseudonymKey, forgotten: pd.DataFrame | None
) -> pd.DataFrame:
    names = pseudonym(ids.drop_duplicates(), key)
    kept = names[~is_forgotten(names, forgotten)]
    return pd.DataFrame({"listener": kept.sort_values().to_numpy(dtype=object)}, dtype="str")


def _none() -> pd.Series:
    return pd.Series(dtype="str")
