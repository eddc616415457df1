"""What is live, watched night by night: drift, calibration, performance, volume, freshness.

Nothing here is an input of a model. What a day was like is counted once and kept; windows add
days, so a night costs the same however long the past is.
"""
