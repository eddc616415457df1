"""A small Cloud Storage for tests: a real HTTP server that keeps generations and preconditions.

``python -m fake_gcs --port 0`` prints its address. It holds the promises an object store is
trusted for here (atomic creation, strong listing, checksums) and can break every other one on
request: see `faults`.
"""
