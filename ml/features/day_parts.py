"""The parts of a day, and its hours."""

DAY_PARTS = {
    "night": range(6),
    "morning": range(6, 10),
    "midday": range(10, 14),
    "afternoon": range(14, 18),
    "evening": range(18, 22),
    "late_evening": range(22, 24),
}
HOURS = tuple(f"hour_{hour:02d}" for hour in range(24))
