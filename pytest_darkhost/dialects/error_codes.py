"""
Codes, types and reasons of error bodies, by the kind of error that they mean. How they are weighed: `kinds`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pytest_darkhost.observations import ErrorKind

CODES: Mapping[ErrorKind, frozenset[str]] = MappingProxyType(
    {
        ErrorKind.NO_CREDIT: frozenset(
            {
                "billing_error",
                "billing_hard_limit_reached",
                "insufficient_balance",
                "insufficient_credits",
                "insufficient_quota",
                "not_enough_balance",
                "payment_required",
            }
        ),
        ErrorKind.AUTH_REFUSED: frozenset(
            {
                "api_key_invalid",
                "authentication_error",
                "failed_to_auth",
                "invalid_api_key",
                "unauthenticated",
                "unauthorized",
            }
        ),
        ErrorKind.NO_SUCH_MODEL: frozenset(
            {"invalid_model", "model_not_available", "model_not_found", "unknown_model"},
        ),
        ErrorKind.NO_SUCH_ROUTE: frozenset({"unknown_url"}),
        ErrorKind.RATE_LIMITED: frozenset(
            {
                "dynamic_request_limited",
                "dynamic_token_limited",
                "rate_limit_error",
                "rate_limit_exceeded",
                "rate_limited",
                "resource_exhausted",
                "too_many_requests",
            }
        ),
        ErrorKind.OVERLOADED: frozenset({"capacity_exceeded", "engine_overloaded", "overloaded", "overloaded_error"}),
    }
)
"""Codes, types and reasons in lower case that mean the same at every venue that sends them."""

EVENT_CODES: Mapping[ErrorKind, frozenset[str]] = MappingProxyType(
    {
        ErrorKind.FORBIDDEN: frozenset({"permission_denied", "permission_error"}),
        ErrorKind.SERVER_ERROR: frozenset(
            {"api_error", "internal", "internal_error", "internal_server_error", "server_error", "timeout_error"},
        ),
        ErrorKind.BAD_REQUEST: frozenset({"invalid_request_error", "tool_use_failed"}),
    }
)
"""Wider codes, heard only where there is no status: an `invalid_request_error` comes with 400, 401 and 404."""
