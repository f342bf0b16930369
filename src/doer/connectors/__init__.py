"""The rooms that touch the outside world: tools, models, and the catalog that lists them."""
