"""What trials add to the pages of the apps below."""
