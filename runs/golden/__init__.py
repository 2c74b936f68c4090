"""The golden-JSON workbench: certification files made of files, flags and each other, kept in versions."""
