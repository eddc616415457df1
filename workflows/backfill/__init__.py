"""Nights of the past, one after another: what they would cost, and running them out of the way."""
