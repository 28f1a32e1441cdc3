"""The SDK's own exception."""


class CustomError(Exception):
    """Something that the SDK could not do."""
