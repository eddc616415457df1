"""What was known before a moment: daily partials, their windows, what today held so far."""
