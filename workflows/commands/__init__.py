"""One module per command of ``setlist``."""
