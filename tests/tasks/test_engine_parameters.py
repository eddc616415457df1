"""Parameters taken the short way are those that Luigi would have taken."""

import datetime as dt
import gc

import luigi
import pytest
from luigi.parameter import ParameterVisibility
from luigi.task import task_id_str
from luigi.task_register import Register

from tasks.engine import ArtifactTask
from tasks.engine.task_ids import Ids
from tasks.engine.walk import kept


class Widely(luigi.Config):
    """Parameters of many kinds."""

    number = luigi.IntParameter()
    day = luigi.DateParameter()
    words = luigi.ListParameter()
    ratio = luigi.FloatParameter(positional=False)
    quiet = luigi.BoolParameter(significant=False, default=False)
    secret = luigi.Parameter(visibility=ParameterVisibility.PRIVATE, default="s")
    hidden = luigi.Parameter(visibility=ParameterVisibility.HIDDEN, default="h")
    span = luigi.DateIntervalParameter(default=luigi.date_interval.Month(2026, 1))


class WithLuigi(Widely, luigi.Task):
    pass


class WithEngine(ArtifactTask, Widely):
    pass


GIVEN = {"quiet": True, "secret": "x", "hidden": "y",
         "span": luigi.date_interval.Year(2026)}

CALLS = {
    "all, some by place": ((1, dt.date(2026, 1, 2), ["a"]), {"ratio": 0.5, **GIVEN}),
    "all by name": ((), {"ratio": 0.5, "words": ["a", ["b"]], "day": dt.date(2026, 1, 2),
                         "number": 3, **GIVEN}),
    "a moment as a day": ((1, dt.datetime(2026, 1, 2, 3, 4), ("a",)), {"ratio": 1, **GIVEN}),
    "a set as a list": ((1, dt.date(2026, 1, 2), {"a"}), {"ratio": 0.5, **GIVEN}),
    "defaults": ((1, dt.date(2026, 1, 2), ["a"]), {"ratio": 0.5}),
}

WRONG = {
    "one is missing": ((1, dt.date(2026, 1, 2)), {"ratio": 0.5, **GIVEN}),
    "one twice": ((1, dt.date(2026, 1, 2), ["a"]), {"number": 2, "ratio": 0.5, **GIVEN}),
    "another name": ((1, dt.date(2026, 1, 2), ["a"]), {"rate": 0.5, **GIVEN}),
    "too many": ((1, dt.date(2026, 1, 2), ["a"], True, "x", "y", None, 0.5), {}),
}


@pytest.fixture(autouse=True)
def known(place):
    """Both classes have been used, so that the engine's takes the short way."""
    Register.clear_instance_cache()
    for kind in (WithLuigi, WithEngine):
        kind(1, dt.date(2026, 1, 1), ["z"], ratio=0.1)


@pytest.mark.parametrize("args, kwargs", CALLS.values(), ids=CALLS)
def test_values_and_texts_are_luigi_s(args, kwargs):
    theirs, ours = WithLuigi(*args, **kwargs), WithEngine(*args, **kwargs)
    assert ours.param_kwargs == theirs.param_kwargs
    assert list(ours.param_kwargs) == list(theirs.param_kwargs)
    for only in ({}, {"only_significant": True}, {"only_public": True},
                 {"only_significant": True, "only_public": True}):
        run = {} if only.get("only_significant") else {"run": ours._run}
        assert ours.to_str_params(**only) == {**theirs.to_str_params(**only), **run}
    assert ours is WithEngine(*args, **kwargs)
    public = theirs.to_str_params(only_significant=True, only_public=True)
    assert ours._plain_id == task_id_str("WithEngine", public)


def test_a_task_is_set_up_as_by_luigi(place):
    args, kwargs = CALLS["defaults"]
    ours, theirs = WithEngine(*args, **kwargs), WithEngine.__new__(WithEngine)
    luigi.Task.__init__(theirs, *args, **kwargs)
    assert ours._plain_id == theirs.task_id
    assert vars(ours) == {**vars(theirs), "_Task__hash": hash(ours.task_id)}


def test_a_task_is_made_once_however_it_is_asked_for(place):
    args, kwargs = CALLS["all, some by place"]
    first = WithEngine(*args[:2], words=tuple(args[2]), **kwargs)
    assert first is WithEngine(*args, **kwargs)
    assert first is WithEngine(*args[:2], **kwargs, words=("a",))
    Register.clear_instance_cache()
    assert first is not WithEngine(*args, **kwargs)


def test_without_luigi_s_memory_a_task_is_made_each_time(place, monkeypatch):
    monkeypatch.setattr(Register, "_Register__instance_cache", None)
    args, kwargs = CALLS["all by name"]
    assert WithEngine(*args, **kwargs) is not WithEngine(*args, **kwargs)


def test_a_default_is_asked_for_each_time(place, monkeypatch):
    args, kwargs = CALLS["defaults"]
    assert WithEngine(*args, **kwargs).secret == "s"
    monkeypatch.setattr(Widely.secret, "_default", "t")
    assert WithEngine(*args, **kwargs).secret == "t"


@pytest.mark.parametrize("texts", [
    {}, {"a": ""}, {"b": "1", "a": "two words", "c": "x" * 40, "d": "left out of the name"},
    {"a": 'quoted "text" \\ \n', "ä": "München 🎵", "c": "\ud800"},
])
def test_ids_are_luigi_s(texts):
    ids = Ids("Family", [(name, str) for name in texts])
    assert ids.of(texts) == task_id_str("Family", texts)


@pytest.mark.parametrize("args, kwargs", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_in_luigi_s_words(args, kwargs):
    with pytest.raises(Exception) as theirs:
        WithLuigi(*args, **kwargs)
    with pytest.raises(type(theirs.value)) as ours:
        WithEngine(*args, **kwargs)
    assert str(ours.value) == str(theirs.value).replace("WithLuigi", "WithEngine")


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was(collects):
    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with pytest.raises(RuntimeError), kept():
            assert not gc.isenabled()
            raise RuntimeError
        assert gc.isenabled() is collects
        assert gc.get_freeze_count() == 0
    finally:
        (gc.enable if before else gc.disable)()
