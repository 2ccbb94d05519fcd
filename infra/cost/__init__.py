"""What a complaint costs, and what one project can bear: from measured counts, published prices and stated assumptions.

`python -m infra.cost` writes `infra/cost.md`; `python -m infra.cost check` says whether it is what the data make of it.
"""
