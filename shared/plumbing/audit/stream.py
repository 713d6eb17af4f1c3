"""The stream of anchors, and what is told on it."""

STREAM = "audit"
SUBJECTS = f"{STREAM}.*.head.v1"


def subject_of(service: str) -> str:
    """What one service tells its heads on; its NATS user may use no other."""
    return f"{STREAM}.{service}.head.v1"
