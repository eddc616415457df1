"""Sources: other people's formats, mapped onto the contracts. A new one is a file and a line."""

from ml.sources import digix, eventlog, folder, lastfm, world
from ml.sources.source import Source

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (world.SOURCE, folder.SOURCE, digix.SOURCE, eventlog.SOURCE, lastfm.SOURCE)
}
