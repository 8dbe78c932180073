"""
The page that a person looks at: parsed reports in, one self-contained HTML file out. Judges nothing by itself.

Reports become frozen values by pure functions (`tests`, `runs`, `matrix`, …); `page` puts together what is shown;
`rendering` fills the template. What evidence is worth is computed by `pytest_darkhost.evidence`.
"""
