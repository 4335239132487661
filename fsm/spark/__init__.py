"""Spark (charter below)."""
