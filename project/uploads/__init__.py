"""Files that people send: kept out of reach until their load has read them, and looked at before it does."""
