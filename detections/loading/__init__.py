"""Loading an uploaded file, by page and API."""
