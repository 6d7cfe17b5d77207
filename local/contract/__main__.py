"""`python -m local.contract` writes the contract's documents."""

from local.contract.pages import contract_pages, write

if __name__ == "__main__":
    write(contract_pages())
