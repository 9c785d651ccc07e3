"""How the platform says no: an HTTP status, one of Discord's numeric codes and its sentence."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, code: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code, **extra}


class Invalid(Refusal):
    """400 with code 50035: which field of the body is wrong, and why, nested as in the body."""

    def __init__(self, field: str, code: str, message: str) -> None:
        errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
        for key in reversed(field.split(".")):
            errors = {key: errors}
        super().__init__(400, 50035, "Invalid Form Body", errors=errors)


def unauthorized() -> Refusal:
    return Refusal(401, 0, "401: Unauthorized")


def not_found() -> Refusal:
    return Refusal(404, 0, "404: Not Found")


def unknown(what: str) -> Refusal:
    """404: the thing was deleted or never was there."""
    codes = {"Channel": 10003, "Guild": 10004, "Member": 10007, "Message": 10008, "User": 10013, "Webhook": 10015}
    codes |= {"Interaction": 10062, "application command": 10063}
    return Refusal(404, codes[what], f"Unknown {what}")


def missing_access() -> Refusal:
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    return Refusal(403, 50013, "Missing Permissions")


def archived() -> Refusal:
    return Refusal(400, 50083, "Thread is archived")
