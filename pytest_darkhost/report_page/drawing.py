"""
Plots: a Vega-Lite specification in, SVG for the page out, with no script, no style and no reference in it.

Vega draws it with its own engine inside of `vl_convert`, offline. What comes back is looked through all the same:
labels hold what venues and specs say.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup, escape

from pytest_darkhost.plain_text import one_line

_NAMESPACE = re.compile(r"\{[^}]*\}")
_LONG_NUMBER = re.compile(r"(?<=\d\.)(\d{2})\d+")
_ELEMENTS = frozenset({"svg", "g", "path", "line", "text", "tspan", "rect", "defs", "clipPath"})
_ATTRIBUTES = re.compile(
    "|".join(
        (
            "width|height|viewBox|transform|d|x|y|x1|x2|y1|y2|dx|dy|id|class|clip-path",
            "fill|fill-opacity|opacity|stroke|stroke-.*|text-anchor|font-.*|pointer-events|display|version",
            "role|aria-.*",
        )
    )
)
_NUMBERS = frozenset({"d", "transform", "x", "y", "x1", "x2", "y1", "y2"})
_INHERITED = frozenset({"fill", "stroke", "stroke-width", "font-size", "text-anchor", "font-weight"})
_LOCAL = re.compile(r"url\(#[\w-]+\)")
_FONT = "inherit"
CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "titleFontWeight": "normal",
        "titleFontSize": 11,
        "labelFontSize": 11,
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--line)",
        "tickSize": 3,
    },
    "title": {"color": "var(--ink)", "fontSize": 11, "fontWeight": "normal", "anchor": "start", "offset": 4},
    "text": {"color": "var(--ink)", "fontSize": 11},
}
"""The page's own letters and colours, whatever its theme."""


def plot(spec: Mapping[str, Any], label: str) -> Markup:
    """Return a plot, or in its place that there is none: what it would show is on the page in figures, too."""
    try:
        return drawn(spec, label)
    except ValueError as error:
        return escape(f"This plot could not be drawn: {one_line(str(error))}.")


def drawn(spec: Mapping[str, Any], label: str) -> Markup:
    """
    Return a plot as an image with a name for who cannot see it.

    :raises ValueError: the plot holds something that no plot needs.
    """
    import vl_convert

    root = ElementTree.fromstring(vl_convert.vegalite_to_svg({**spec, "config": CONFIG}))  # noqa: S314 - Vega wrote it
    _clean(root)
    _shorten(root)
    root.attrib = {"viewBox": root.attrib["viewBox"], "width": root.attrib["width"], "height": root.attrib["height"]}
    root.attrib |= {"role": "img", "aria-label": label}
    # Serialised anew, of known elements and attributes alone.
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704


def _clean(element: ElementTree.Element) -> None:
    """Take namespaces and what is invisible out of a drawing, and refuse what none needs."""
    element.tag = _NAMESPACE.sub("", element.tag)
    if element.tag not in _ELEMENTS:
        msg = f"a plot with the element {element.tag!r}, expected lines, paths and texts"
        raise ValueError(msg)
    element.attrib = {key: _brief(key, value) for key, value in element.attrib.items() if _is_kept(key, value)}
    for child in list(element):
        if child.get("display") == "none" or child.get("class") in {"background", "foreground"}:
            element.remove(child)
        else:
            _clean(child)


def _shorten(element: ElementTree.Element) -> None:
    """Say once what all parts of a group say, and leave out groups that say nothing: plots are most of a page."""
    for child in element:
        _shorten(child)
    element[:] = [part for child in element for part in (child if child.tag == "g" and not child.attrib else [child])]
    if element.tag == "g" and len(element) > 1:
        shared = set.intersection(*(set(child.attrib.items()) for child in element))
        for key, value in sorted(shared):
            if key in _INHERITED and key not in element.attrib:
                element.set(key, value)
                for child in element:
                    del child.attrib[key]


def _brief(key: str, value: str) -> str:
    return _LONG_NUMBER.sub(r"\1", value) if key in _NUMBERS else value


def _is_kept(key: str, value: str) -> bool:
    """Return whether an attribute is needed. The drawing is named as a whole: its parts need no names of their own."""
    if key.startswith("aria-") or key in {"role", "class", "pointer-events", "version", "font-family"}:
        return False
    if not _ATTRIBUTES.fullmatch(key) or ("url(" in value and not _LOCAL.fullmatch(value)):
        msg = f"a plot with the attribute {key!r}, expected shapes and colours"
        raise ValueError(msg)
    return not (key == "opacity" and value == "1")
