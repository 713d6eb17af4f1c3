"""Looking after a deployment: what `parley` does beside starting one."""
