"""The graph with Snakemake, as one would run it: its command, one core, the rules beside this."""

import subprocess
import sys
from pathlib import Path

from benchmarks.peers.asked import asked

if __name__ == "__main__":
    tasks, twist = asked()
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", "1", "--snakefile",
         str(Path(__file__).with_name("Snakefile")), "--config", f"tasks={tasks}",
         f"twist={twist}"],
        check=True)
    print(Path("out/last").read_text().strip())
