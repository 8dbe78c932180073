"""
The types of single values in a venue spec: rules for reading, and patterns for editors.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pytest_darkhost.specs.rules import (
    argument,
    base_url,
    environment_name,
    header_name,
    header_value,
    plain_text,
    qualified_column,
    scalar,
    slug,
    venue_name,
)


class Strict(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _editor_pattern(pattern: str) -> Any:
    """Return a pattern for the JSON Schema alone: the rule itself has the better words."""
    return Field(json_schema_extra={"pattern": pattern})


def listed(value: Any) -> Any:
    """Return a tuple: of one where a single value stands, of all where a list does."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, (str, int)) else value


Usd = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=9)]
Milliseconds = Annotated[float, Field(gt=0, le=3_600_000)]
VenueName = Annotated[str, AfterValidator(venue_name), _editor_pattern(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Slug = Annotated[str, AfterValidator(slug), _editor_pattern(r"^(?!.*(::|\[))\S(.*\S)?$")]
PlainText = Annotated[str, AfterValidator(plain_text), _editor_pattern(r"^\S(.*\S)?$")]
QualifiedColumn = Annotated[str, AfterValidator(qualified_column), _editor_pattern(r"^\S+\.[^\s.]+$")]
Scalar = Annotated[Any, BeforeValidator(scalar, json_schema_input_type=str | int | float | bool | None)]
BaseUrl = Annotated[str, AfterValidator(base_url), _editor_pattern(r"^https?://[^/?#@\s]+(/[^?#\s]*)?$")]
EnvironmentName = Annotated[str, AfterValidator(environment_name), _editor_pattern(r"^[A-Za-z_][A-Za-z0-9_]*$")]
HeaderName = Annotated[str, AfterValidator(header_name)]
HeaderValue = Annotated[str, AfterValidator(header_value)]
Argument = Annotated[str, AfterValidator(argument)]
Status = Annotated[int, Field(ge=200, le=599)]
