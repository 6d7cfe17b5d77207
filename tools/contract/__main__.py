"""`python -m tools.contract` writes the contract's documents."""

from tools.contract.pages import contract_pages, write

if __name__ == "__main__":
    write(contract_pages())
