"""Parley as real processes, killed, stopped, cut off and set back, and counted afterwards."""
