"""The engine: Luigi tasks whose artifacts are rebuilt exactly when what they depend on changes.

Write tasks with `ArtifactTask`, `SourceTask` and `EffectTask`; run them with Luigi as ever, or
with `build`, which reports what was built and why.
"""

from tasks.engine.artifact import ArtifactTarget, ArtifactTask
from tasks.engine.effects import EffectTask
from tasks.engine.explain import Plan, plan, why
from tasks.engine.run import Summary, build
from tasks.engine.source import SourceTask
from tasks.engine.workshop import bucket_folder

__all__ = [
    "ArtifactTarget", "ArtifactTask", "EffectTask", "Plan", "SourceTask", "Summary",
    "bucket_folder", "build", "plan", "why",
]
