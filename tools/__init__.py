"""Tools for building, checking and trying distributions."""
