"""One module per topic; each has a function `rows()`."""
