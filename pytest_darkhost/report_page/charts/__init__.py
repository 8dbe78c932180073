"""
The plots as Vega-Lite specifications: plain values in, plain values out; `drawing` makes pictures of them.
"""
