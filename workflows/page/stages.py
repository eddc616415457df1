"""The stages of a night, for people: which tasks belong to which, in the order they happen."""

STAGES: dict[str, tuple[str, ...]] = {
    "Data": ("MakeWorldDay", "IngestDay", "Forgotten", "ShardDay", "ReadRequest"),
    "Examples": ("SummariseDay", "PoolDay", "BuildExamples", "BuildCandidates",
                 "BuildAlternatives", "DescribeImpressions", "CheckLabels"),
    "Model": ("DiscoverSegments", "NameSegments", "FitBaselines", "TrainModel", "CalibrateModel",
              "TryParameters", "SearchParameters"),
    "Judged": ("Champion", "EvaluateModel", "MeasureFeatures", "MeasureChurn",
               "EstimateOffPolicy"),
    "Decision": ("DecideModel",),
    "Registry": ("PublishModel",),
    "In use": ("LiveModel", "ScoreListeners", "ScoreImpressions", "ValueListeners",
               "AssignSegments", "SummariseMembership", "GuardSegments", "MeasureFriends",
               "MeasureSegments", "BuildAudience", "BuildMoments", "PreviewReach",
               "BuildLookalike", "BuildRequestedAudience"),
    "Report": ("WriteReport",),
}

#: Tasks of no stage above: what watches over nights, and what others add.
WATCH = "Watch"

MEANINGS = {
    "Data": "days of the source, checked and split",
    "Examples": "what models learn from",
    "Model": "trained and calibrated",
    "Judged": "measured on days it never saw",
    "Decision": "blessed or refused",
    "Registry": "made the champion",
    "In use": "scores, segments, audiences",
    "Report": "the page of the night",
    WATCH: "drift, freshness and the rest",
}

#: Tasks whose own day is always the night they belong to.
CLOSING = frozenset({"DecideModel", "PublishModel", "WriteReport"})

_STAGE_OF = {task: stage for stage, tasks in STAGES.items() for task in tasks}
_ORDER = [*STAGES, WATCH]


def stage_of(task: str) -> str:
    """The stage of a task."""
    return _STAGE_OF.get(task, WATCH)


def in_order(stages: set[str]) -> list[str]:
    """Stages as a night comes to them."""
    return sorted(stages, key=_ORDER.index)


def place_of(task: str) -> tuple[int, int]:
    """Where a task comes in a night, to sort by."""
    stage = stage_of(task)
    tasks = STAGES.get(stage, ())
    return _ORDER.index(stage), tasks.index(task) if task in tasks else len(tasks)
