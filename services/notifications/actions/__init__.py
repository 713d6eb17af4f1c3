"""What notifications does: decide, store, tell. Nothing here commits, or waits for the network."""
