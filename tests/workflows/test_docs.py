"""What the pages say is so: examples run, settings and columns are there, links lead somewhere."""

import configparser
import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ml.ingest import ingest
from ml.privacy import PseudonymKey
from ml.tables import LISTENS, TABLES
from workflows.arguments import COMMANDS
from workflows.cli import parser
from workflows.settings import EVERY, with_tables

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", REPOSITORY / "deploy" / "README.md",
         REPOSITORY / "deploy" / "RUNBOOK.md", *sorted(DOCS.glob("*.md"))]  # fmt: skip


def page(name):
    return (DOCS / name).read_text()


def files_in(text):
    """The files a page shows: name -> content, of every block that has a title."""
    return dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```', text, flags=re.M | re.S))


def anchors_of(text):
    """What a link may name behind the hash: headings, as they are turned into anchors."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.M)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}


def section_of(text, heading):
    """The part of a page below a heading, up to the next of the same depth."""
    depth = heading.split(" ")[0]
    return re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(depth)}}} |\Z)", text,
                     flags=re.M | re.S)[1]  # fmt: skip


class Charts:
    """The project of docs/engine.md in a folder, run as the page says."""

    def __init__(self, folder):
        self.folder = folder
        for name, content in files_in(page("engine.md")).items():
            (folder / name).write_text(content)
        logs = re.search(r"^```sh\n(mkdir logs.*?)^```", page("engine.md"), flags=re.M | re.S)[1]
        self.call("sh", "-c", logs)

    def call(self, *command):
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(command, cwd=self.folder, env=environment, text=True,
                              capture_output=True)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    def run(self):
        """What was built, as ``task label | reasons``, and the chart."""
        lines = self.call(sys.executable, "run.py")
        return {one for one in lines if "|" in one}, [one for one in lines if "|" not in one]

    def replace(self, old, new):
        path = self.folder / "charts.py"
        assert path.read_text().count(old) == 1, f"{old!r} is not once in the page's charts.py"
        path.write_text(path.read_text().replace(old, new))

    def play(self, line):
        with (self.folder / "logs" / "2026-01-02.csv").open("a") as log:
            log.write(line + "\n")


@pytest.fixture
def charts(tmp_path):
    return Charts(tmp_path)


def test_the_engines_example_builds_and_rebuilds_as_its_page_says(charts):
    shown = re.search(r"\$ python run\.py\n(.*?)^```", page("engine.md"), flags=re.M | re.S)[1]
    built, chart = charts.run()
    assert built == {line for line in shown.splitlines() if "|" in line}
    assert chart == [line for line in shown.splitlines() if "|" not in line]
    assert charts.run() == (set(), chart)

    charts.replace("{place}.", "{place})")
    assert charts.run()[0] == {"MakeChart 2026-01-03 | code charts:make_chart changed"}
    charts.replace("{place})", "{place}.")
    (charts.folder / "logs" / "2026-01-02.csv").touch()
    unused = "# A comment.\ndef unused():\n    return 1\n\n\n"
    charts.replace("def make_chart", f"{unused}def make_chart")
    assert charts.run()[0] == set()


def test_the_engines_example_builds_what_a_changed_log_or_value_concerns(charts):
    charts.run()
    charts.play("Naima,31")
    assert charts.run()[0] == {"CountPlays 2026-01-02 | input log changed",
                               "MakeChart 2026-01-03 | input counts[1] changed"}  # fmt: skip
    charts.play("Naima,3")
    assert charts.run()[0] == {"CountPlays 2026-01-02 | input log changed"}
    charts.replace("seconds=30", "seconds=10")
    built = {line.split(" | ")[0]: line.split(" | ")[1] for line in charts.run()[0]}
    assert built.pop("MakeChart 2026-01-03").startswith("input counts[0] changed")
    assert built == dict.fromkeys(
        [f"CountPlays 2026-01-0{day}" for day in (1, 2, 3)], "value seconds 30 -> 10"
    )


def test_the_engines_example_runs_with_the_commands_of_its_page(charts):
    charts.run()
    shown = re.findall(r"^(?:python -m luigi|setlist) .*MakeChart.*$", page("engine.md"), re.M)
    assert len(shown) == 3
    for line in shown:
        run = line.replace("setlist ", "python -m workflows.cli ").split()
        charts.call(sys.executable, *run[1:])


def made(name, file):
    """The names a page's file defines."""
    names = {"__name__": "documented"}
    exec(compile(files_in(page(name))[file], f"{name}: {file}", "exec"), names)
    return names


def test_the_documented_workflow_requires_the_end_of_a_night():
    daily = made("add-a-family.md", "workflows/skips.py")["SkipsDaily"]
    assert daily.get_param_names() == ["day"]


def test_the_documented_source_is_ingested(tmp_path):
    source = made("add-a-source.md", "ml/sources/scrobbles.py")["SOURCE"]
    header = re.search(r"^```\n(user,.*?)\n", page("add-a-source.md"), flags=re.M)[1]
    day = dt.date(2026, 1, 1)
    rows = [f"a,2026-01-01T0{hour}:04:27,Artist 1,Song {hour},12.1" for hour in range(9)]
    (tmp_path / f"{day}.csv").write_text("\n".join([header, *rows, "torn row"]) + "\n")
    assert source.days(tmp_path) == [day]
    made_of_it = ingest(
        source.paths(tmp_path, "listens", day), read=source.read, table=LISTENS, day=day,
        key=PseudonymKey(b"known to the tests alone"), shards=1, source_name=source.name,
        tolerance=0.2,
    )  # fmt: skip
    assert made_of_it["shard-000.parquet"]["ms_played"].tolist() == [12_100] * 9
    assert made_of_it["report.json"]["rows_quarantined"] == 1


def test_the_tables_of_settings_are_those_that_the_code_declares():
    shown = page("configuration.md")
    assert with_tables(shown, (REPOSITORY / "luigi.cfg").read_text()) == shown


def test_no_setting_is_read_but_as_it_is_declared():
    ours = "|".join(section.section for section in EVERY)
    for path in [*(REPOSITORY / "tasks").rglob("*.py"), *(REPOSITORY / "workflows").rglob("*.py")]:
        assert not re.search(rf'config\(?\)?\.get\w*\(\s*"({ours})"', path.read_text()), path


def test_every_setting_that_is_shipped_is_explained():
    shipped = configparser.ConfigParser()
    shipped.read(REPOSITORY / "luigi.cfg")
    text = page("configuration.md")
    for section in shipped.sections():
        for setting in shipped[section]:
            own = section in ("engine", "setlist", "world", "notify", "metrics")
            place = section_of(text, f"## [{section}]") if own else text
            assert f"`{setting}`" in place or f"`[{section}] {setting}`" in place


def test_every_environment_variable_that_is_read_is_explained():
    code = [*(REPOSITORY / "tasks").rglob("*.py"), *(REPOSITORY / "workflows").rglob("*.py")]
    read = {name for path in code
            for name in re.findall(r'os\.environ\.get\("(\w+)"', path.read_text())}  # fmt: skip
    assert read
    for name in read:
        assert f"| `{name}` |" in page("configuration.md")


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_a_contract_is_listed(table):
    listed = section_of(page("data-contracts.md"), f"### {table}")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", listed, flags=re.M))
    assert rows == {column.name: column.kind for column in TABLES[table].columns}
    for column in TABLES[table].columns:
        line = re.search(rf"^\| `{column.name}` .*$", listed, flags=re.M)[0]
        default = line.split("|")[3].strip().strip("`")
        assert default == ("" if column.default is None else str(column.default))
        assert ("unique" in line, "lies on the day" in line, "sensitive" in line) == (
            column.unique, column.on_day, column.sensitive
        )  # fmt: skip
        assert all(f"`{word}`" in line for word in column.among)


@pytest.mark.parametrize("where", PAGES, ids=lambda path: path.name)
def test_every_link_within_the_repository_leads_somewhere(where):
    for target in re.findall(r"\]\(([^)\s]+)\)", where.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        found = (where.parent / path).resolve() if path else where
        assert found.exists(), f"{where.name} links to {target}"
        if anchor:
            assert anchor in anchors_of(found.read_text()), f"{where.name} links to {target}"


def test_the_readme_names_every_command():
    readme, told = (REPOSITORY / "README.md").read_text(), parser().format_help()
    for command in COMMANDS:
        assert command in told and f"setlist {command} " in readme


def test_every_page_is_linked_from_the_index():
    linked = re.findall(r"\]\(([a-z-]+\.md)\)", page("index.md"))
    assert sorted(linked) == sorted(path.name for path in DOCS.glob("*.md") if path.stem != "index")


def test_every_setlist_command_that_a_page_shows_is_understood():
    pages = "\n".join(where.read_text() for where in PAGES)
    shown = re.findall(r"^(?:\$ )?(setlist .*)$", pages, flags=re.M)
    assert shown
    for line in shown:
        parser().parse_known_args(line.partition(" | ")[0].split()[1:])


def test_the_pages_become_a_site_without_a_warning(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", "-b", "html",
         ".", str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    menu = (tmp_path / "docs" / "index.html").read_text()
    assert all(f"{where.stem}.html" in menu for where in PAGES)
