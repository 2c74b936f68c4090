"""Tokens: how a program signs in to the API in a user's name."""
