"""Runs and certifications asked of the services of an experiment."""
