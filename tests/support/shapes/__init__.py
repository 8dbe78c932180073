"""
The shape of each venue's answers, one module a venue.

All of it is composed: written from documents and from public recordings of shape, with made-up content, ids and
numbers. Nothing here is a recording, and none of it shows that a venue works.
"""
