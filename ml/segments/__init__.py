"""Segments: groups of listeners who listen alike, discovered seldom and assigned every night."""
