"""What a worker computes. Imported by its sibling as `.server`."""

from y_utils.config import read_config


def count_frames(seconds):
    return seconds * read_config().getint("video", "fps")
