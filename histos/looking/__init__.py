"""What pages read of histograms to show them: by run, by element, over runs, and what is missing."""
