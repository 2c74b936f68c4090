"""What chosen trials and thresholds say of runs and lumisections."""
