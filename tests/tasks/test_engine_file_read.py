"""A task that reads one file of an input is built again for that file alone."""

from pathlib import Path

import paged_tasks
import pytest
from luigi import configuration

from tasks.engine import build
from tasks.engine.errors import RecipeError
from tasks.engine.explain import plan


@pytest.fixture
def book(place):
    configuration.get_config().set("engine", "first_party", "paged_tasks")
    Path("draft.txt").write_text("a one\nb two\n")
    return [paged_tasks.Page(letter=letter) for letter in "ab"]


def built(tasks):
    summary = build(tasks, log_level="CRITICAL")
    assert summary.succeeded
    return sorted(f"{one.task} {one.label}" for one in summary.built)


def test_only_the_reader_of_a_page_that_changed_is_built_again(book):
    assert built(book) == ["Book all", "Page a", "Page b"]
    Path("draft.txt").write_text("a one\nb three\n")
    assert built(book) == ["Book all", "Page b"]
    assert [page.output().load() for page in book] == ["A ONE", "B THREE"]
    assert not [step for step in plan(*book).steps if step.verdict != "current"]


def test_a_page_that_the_book_does_not_have_is_said(book):
    built(book)
    with pytest.raises(RecipeError, match=r"reads c\.txt of its input book, which has no such"):
        paged_tasks.Page(letter="c").complete()
