"""From the bytes of a file to a checked table, one module for each kind of file; `sets` lists what there is.

`text` (bytes to lines), `cells` (what a cell may hold), `table` (one dated row a line), `minutes` (its quick way through
millions of lines), `matrix` (one series a line, no dates), `reviews` (labelled texts), `sets` (the data sets), `files`
(find and fetch). A reader takes (raw bytes, the file's name for messages) and returns a `table.Table`, or raises
DataError that names file, row and column. It drops nothing and fills nothing.
"""
