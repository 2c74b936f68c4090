"""Light curves as plots, large and small."""
