"""How the pages become a site: ``make docs``.

The source folder is the whole repository, so that links between docs/, README.md and deploy/
lead somewhere on the site as they do in a checkout.
"""

project = "Setlist"
extensions = ["myst_parser"]
include_patterns = ["docs/*.md", "deploy/*.md", "README.md", "CHANGELOG.md"]
root_doc = "docs/index"
html_theme = "furo"
html_title = "Setlist"
myst_heading_anchors = 4
# Blocks with a title, and consoles with three dots for what was left out, stay plain.
suppress_warnings = ["misc.highlighting_failure"]

_CONTENTS = """
```{toctree}
:hidden:
:glob:

../README
concepts
*
../deploy/*
../CHANGELOG
```
"""


def setup(app):
    """Add the menu to the index, which a code host would show as a block of code."""
    app.connect("source-read", _add_contents)


def _add_contents(app, name, source):
    if name == root_doc:
        source[0] += _CONTENTS
