"""Where sources lie: cones, separations, density."""
