"""Every benchmark, one after the other: ``python -m benchmarks [--quick] [NAME ...]``.

``--quick`` runs all of them on little data: it shows that they work, its figures mean nothing.
"""

import argparse
import subprocess
import sys

#: Name -> what ``--quick`` makes of it.
BENCHMARKS = {
    "engine": ["--quick"],
    "peers": ["--quick"],
    "bucket": ["--tasks", "200", "--small", "50", "--large", "1", "--mebibytes", "16"],
    "events": ["--events", "40000", "--days", "4", "--joined", "2"],
    "night": ["--listeners", "250", "--rounds", "1", "--history", "1"],
    "training": ["--rows", "42000", "--rounds", "10", "--repeats", "1"],
    "scoring": ["--rows", "20000", "--shards", "2", "--trees", "20"],
    "downsampling": ["--rows", "24000"],
    "categorical": ["--listeners", "200", "--seeds", "1"],
    "warm": ["--listeners", "200", "--seeds", "1", "--nights", "1"],
    "delay": ["1", "200"],
    "off_policy": ["1", "200"],
    "segments_recovery": ["--quick"],
    "segment_nights": ["--listeners", "250", "--nights", "3"],
    "segment_million": ["--listeners", "20000"],
    "lookalike": ["1500", "8", "60", "1"],
}


def main() -> None:
    """Run them; ends with the first exit code that is not zero."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(BENCHMARKS), help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    for name in asked.names:
        options = BENCHMARKS[name] if asked.quick else []
        print(f"== {name} {' '.join(options)}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options])
        if done.returncode:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
