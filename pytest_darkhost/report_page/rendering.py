"""
The template, filled: HTML that asks for nothing, and whose policy lets nothing in but the style that it carries.
"""

import base64
import hashlib
from importlib.resources import files

from pytest_darkhost.errors import UsageError
from pytest_darkhost.report_page.calls import PHASES
from pytest_darkhost.report_page.charts.comparison import comparison
from pytest_darkhost.report_page.charts.course import course
from pytest_darkhost.report_page.charts.waterfall import longest_of, waterfall
from pytest_darkhost.report_page.page import Page
from pytest_darkhost.report_page.texts import figure

_TEMPLATES = files(__package__).joinpath("templates")
_MODULES = ("jinja2", "vl_convert")


def need_libraries() -> None:
    """
    Import what the page is made with.

    :raises UsageError: it is not installed.
    """
    from importlib.util import find_spec

    for module in _MODULES:
        if find_spec(module) is None:
            msg = f"{module}: not installed, expected the extra. Run pip install 'pytest-darkhost[html]'"
            raise UsageError(msg)


def rendered(page: Page) -> str:
    """Return the page as HTML."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    from pytest_darkhost.report_page.drawing import plot

    style = _text("style.css")
    environment = Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    charts = {"waterfall": waterfall, "longest_of": longest_of, "course": course, "comparison": comparison}
    environment.globals |= {"charts": charts, "plot": plot, "phases": PHASES}
    environment.filters["figure"] = figure
    environment.filters["css"] = lambda word: str(word).lower().replace(" ", "-")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        page=page,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _text(name: str) -> str:
    return _TEMPLATES.joinpath(name).read_text(encoding="utf-8")
