"""The page a person opens: one self-contained HTML file per family and night."""
