"""Sample sets over the API and in forms, and the matrix of a set."""
