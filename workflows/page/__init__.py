"""A small read-only page about nights, drawn from the ledger and the store: ``setlist page``."""
