"""The one DynamoDB table: rows, keys, transactions, and a store for each port."""
