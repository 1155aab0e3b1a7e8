"""Errors of AWS, independent of the protocol."""

from collections.abc import Mapping


class AwsError(Exception):
    """An error response: AWS's code, the HTTP status, and additional fields and headers."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})
