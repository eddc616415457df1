"""The graph of the engine's benchmark, written for other engines."""
