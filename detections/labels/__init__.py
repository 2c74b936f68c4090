"""What people said of things."""
