"""Pages of monitoring elements and their histograms."""
