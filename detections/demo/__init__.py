"""The demonstration that ``load_demo`` makes."""
