"""The ini lines that map the names of a catalog."""

import pytest

from pytest_darkhost.catalog.names import CatalogNames, ModelNames, ProviderNames, known_names, overridden, parse_names
from pytest_darkhost.errors import UsageError


def test_no_lines_give_the_defaults() -> None:
    """Without lines, and with blank lines and comments only, the names are those of the reference schema."""
    assert parse_names([]) == parse_names(["", "  ", "# providers = vendors"]) == CatalogNames()


def test_each_line_maps_one_name() -> None:
    """Tables and columns are mapped, blanks around the names are dropped, and all else keeps its default."""
    lines = ["providers = routing.vendors", " providers.slug=key ", "models.upstream_model = remote name"]
    assert parse_names(lines) == CatalogNames(
        ProviderNames(table="routing.vendors", slug="key"), ModelNames(upstream_model="remote name")
    )


def test_every_known_name_can_be_mapped() -> None:
    """What an error message offers is accepted, and changes the names."""
    for name in known_names():
        assert parse_names([f"{name} = other"]) != CatalogNames(), name


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["providers"], "darkhost_catalog_names: 'providers' is not a pair of names, expected such as"),
        (["providers ="], "darkhost_catalog_names: 'providers =' is not a pair of names, expected such as"),
        (["= vendors"], "darkhost_catalog_names: '= vendors' is not a pair of names, expected such as"),
        (["models.slug = a\x00b"], "is not a pair of names"),
        (["model.slug = key"], "'model.slug = key' maps the unknown name 'model.slug', expected one of providers, "),
        (
            ["models.slug = a", "models.slug = b"],
            "'models.slug = b' gives 'models.slug' a second time, expected it once",
        ),
    ],
)
def test_a_mistake_names_its_line(lines: list[str], message: str) -> None:
    """A line that cannot be used is shown, with what was expected."""
    with pytest.raises(UsageError) as raised:
        parse_names(lines)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_is_typed_wins() -> None:
    """One name at a time; the others stay."""
    lines = ("models = offers", "models.slug = key")
    assert overridden(lines, ("models=prices",)) == ("models.slug = key", "models=prices")
