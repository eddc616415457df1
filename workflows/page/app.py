"""The page's addresses: each is a look at the ledger and the store, and nothing is changed."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, render_template

from ml.families import FAMILIES
from ml.report.style import STYLE
from tasks.deployment import deployment
from tasks.engine.errors import EngineError
from tasks.engine.workshop import Workshop
from workflows.page import artifacts, families, glance, wellbeing, words
from workflows.page.guard import guarded
from workflows.page.page_style import PAGE_STYLE
from workflows.page.runbook import read_runbook
from workflows.page.settings import PageSettings
from workflows.page.shelf import Look, Shelf, is_day
from workflows.page.stages import MEANINGS
from workflows.page.states import STATES
from workflows.page.trouble import Trouble, troubles, watching_pages

Answer = Callable[..., Any]


def create_app(shop: Workshop, settings: PageSettings) -> Flask:
    """The page of one store, as a WSGI application."""
    app = Flask("workflows.page")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(STATES=STATES, MEANINGS=MEANINGS, FAMILIES=FAMILIES)
    guarded(app, settings.answers_to)
    _Pages(Shelf(shop, settings.nights), settings).on(app)
    return app


class _Pages:
    """Every page, with what it reads."""

    def __init__(self, shelf: Shelf, settings: PageSettings):
        self.shelf, self.settings = shelf, settings

    def on(self, app: Flask) -> None:
        """Give an application these pages. Only reading is answered: GET and HEAD."""
        pages: dict[str, Answer] = {
            "/": self.nights, "/night/<day>": self.night, "/run/<name>": self.run,
            "/champions": self.champions, "/drift": self.drift, "/runbook": self.runbook,
            "/artifact/<task>/<label>/<key>": self.artifact,
            "/artifact/<task>/<label>/<key>/<file>": self.report, "/style.css": self.style,
        }
        for rule, answer in pages.items():
            app.add_url_rule(rule, answer.__name__, answer, methods=["GET"])
        app.register_error_handler(404, self.missing)
        app.register_error_handler(EngineError, self.broken)

    def nights(self) -> str:
        """What ran, is today's model good, what is red and why."""
        look = self.shelf.look()
        nights = look.nights
        newest = nights[0] if nights else None
        decided = families.of_night(look, newest.day) if newest else []
        reached, unread = _source()
        found = troubles(look, newest, decided, self.headings()) if newest else []
        return render_template(
            "nights.html", night=newest, families=decided, troubles=[*unread, *found],
            rows=glance.calendar(nights, reached), loose=_loose(look),
            verdicts=families.verdicts(look, [one.day for one in nights]),
        )

    def night(self, day: str) -> str:
        """One night: what ran, what was reused, why, how long, what is red."""
        look = self.shelf.look()
        found = next((one for one in look.nights if one.day == day), None)
        if not is_day(day) or found is None:
            abort(404, f"No run of the night of {day} is recorded among the newest "
                       f"{self.settings.nights} nights.")
        decided = families.of_night(look, day)
        return render_template(
            "night.html", night=found, families=decided, stages=glance.by_stage(found),
            troubles=troubles(look, found, decided, self.headings()),
            days=[one.day for one in look.nights],
        )

    def run(self, name: str) -> str:
        """Everything that is recorded of one run."""
        look = self.shelf.look()
        found = next((one for one in look.runs if one.name == name), None)
        if found is None:
            abort(404, f"No run {name} is recorded among the newest nights.")
        return render_template("run.html", run=found, how=glance.how_it_ended(found))

    def champions(self) -> str:
        """Each family's nights: verdict, reasons, figures."""
        look = self.shelf.look()
        histories = {family: families.nights_of(look, family, self.settings.nights)
                     for family in FAMILIES}
        return render_template("champions.html", histories={
            family: nights for family, nights in histories.items() if nights})

    def drift(self) -> str:
        """Drift, freshness, volume and alarms over time."""
        look = self.shelf.look()
        return render_template(
            "drift.html", drifts=wellbeing.drifts(look, look.nights),
            tables=wellbeing.freshness(look, self.settings.nights),
            watched=wellbeing.alarms_by_night(look, look.nights),
            pages=watching_pages(look, look.nights[0]) if look.nights else [],
        )

    def artifact(self, task: str, label: str, key: str) -> str:
        """One artifact: what it is, why it was built, what it is made from."""
        found = artifacts.described(self.shelf.look(), (task, label, key))
        if found is None:
            abort(404, f"There is no artifact {task}/{label}/{key} in the store.")
        return render_template("artifact.html", **vars(found))

    def report(self, task: str, label: str, key: str, file: str) -> Response:
        """A page that is an artifact, as it was written."""
        text = artifacts.page_in(self.shelf.look(), (task, label, key), file)
        if text is None:
            abort(404, f"{task}/{label}/{key} has no page {file}.")
        return Response(text, mimetype="text/html")

    def runbook(self) -> str:
        """The runbook."""
        place = Path(self.settings.runbook)
        return render_template("runbook.html", runbook=read_runbook(place), place=place)

    def headings(self) -> set[str]:
        """Where links into the runbook can lead."""
        return {one.anchor for one in read_runbook(Path(self.settings.runbook)).headings}

    def style(self) -> Response:
        """The style of every page: that of the reports, and a little more."""
        return Response(STYLE + PAGE_STYLE, mimetype="text/css")

    def missing(self, error: Any) -> tuple[str, int]:
        """What is not there."""
        return render_template("missing.html", title="Not there", text=error.description), 404

    def broken(self, error: EngineError) -> tuple[str, int]:
        """The store cannot be read: the error says what to do."""
        text = f"{type(error).__name__}: {error}"
        return render_template("missing.html", title="The store cannot be read", text=text), 503


def _loose(look: Look) -> list[Any]:
    """Runs of no night: of a task without a day."""
    return [run for run in look.runs
            if run.begin is not None and not is_day(run.begin.parameters.get("day", ""))]


def _source() -> tuple[dt.date | None, list[Trouble]]:
    """The newest day of the source, or why it cannot be read; the built-in world has every day."""
    here = deployment()
    try:
        return None if here.is_world else here.last_day, []
    except EngineError as error:
        return None, [Trouble("red", "The source cannot be read", str(error), "source-missing")]


