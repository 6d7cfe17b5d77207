"""What reads the API's document as its users do: a linter, four generators of clients, and type checkers."""
