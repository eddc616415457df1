"""A book of several files, and tasks that read one page of it each."""

from pathlib import Path

import luigi

from tasks.engine import ArtifactTask, SourceTask


class Draft(SourceTask):
    def path(self):
        return "draft.txt"


class Book(ArtifactTask):
    def requires(self):
        return {"draft": Draft()}

    def recipe(self):
        return bind


class Page(ArtifactTask):
    letter = luigi.Parameter()

    def requires(self):
        return {"book": Book()}

    def file_read(self, name):
        return f"{self.letter}.txt" if name == "book" else None

    def recipe(self):
        return read


def bind(draft):
    return {f"{line[0]}.txt": line for line in draft.read_text().splitlines()}


def read(book: Path):
    return book.read_text().upper()
