"""The settings of Sphinx: `sphinx-build -W docs build/docs` makes the pages."""

project = "pytest-darkhost"
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "pytest-darkhost"
