"""What every model of an advert's outcome must pass before it may go live.

Where a rule looks at many slices, at new ads or at groups of listeners, it refuses only what is
surely outside its bounds: with thirty slices, one of them is always unlucky.
"""

from ml.family import Gate

GROUPS = ("age_band", "gender", "country")
NEW = ("listener_newness", "ad_newness", "campaign_newness")

ARRIVED = Gate("answers arrived", "label_rate", on="labels")
"""The first reason to give: figures learnt from broken labels mean nothing."""

AD_GATES = (
    Gate("not worse than the base rate", "normalized_entropy", high=1.0, certain=True),
    # The interval knows the test day's chance, not the stop day's, on which the calibration was
    # learnt: with two hundred answers on each, two of six sound models were surely beyond 0.9-1.1.
    Gate("calibrated", "calibration_ratio", 0.85, 1.18, minimum_rows=500, certain=True),
    Gate(
        "calibrated in every large slice",
        "calibration_ratio",
        low=0.75,
        high=1.33,
        on="slices",
        minimum_rows=2000,
        certain=True,
    ),
    Gate(
        "calibrated for every group of listeners",
        "calibration_ratio",
        low=0.8,
        high=1.25,
        on="slices",
        minimum_rows=1000,
        certain=True,
        of=GROUPS,
    ),
    Gate(
        "addresses every group of listeners",
        "delivery",
        low=0.33,
        high=3.0,
        on="delivery",
        minimum_rows=200,
        certain=True,
        of=GROUPS,
    ),
    Gate(
        "calibrated for what is new",
        "calibration_ratio",
        low=0.67,
        high=1.5,
        on="slices",
        minimum_rows=500,
        certain=True,
        of=NEW,
    ),
    Gate(
        "close behind for what is new",
        "normalized_entropy",
        high=0.1,
        on="cold start",
        minimum_rows=500,
        certain=True,
        of=NEW,
    ),
    Gate("not worse than the champion", "normalized_entropy", high=0.01, on="champion"),
    Gate(
        "nowhere worse than the champion",
        "normalized_entropy",
        high=0.02,
        on="champion slices",
        minimum_rows=1000,
        certain=True,
    ),
)
