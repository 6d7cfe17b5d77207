"""The API's contract as documents: `docs/openapi.json`, `docs/api-reference.md` and `docs/rules.md`, all generated.

`operations` says what each call takes, answers and refuses; the shapes are the functions' own models. Nothing of this
is part of a function, so that no cold start pays for it. `make contract` writes all three.
"""
