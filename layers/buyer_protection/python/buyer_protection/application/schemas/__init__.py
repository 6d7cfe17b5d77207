"""What enters and leaves: requests, queries, documents, events, links and page tokens."""
