"""Trials over the API and in forms."""
