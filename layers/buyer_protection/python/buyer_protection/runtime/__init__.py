"""Lambda glue: settings, the edge (requests, answers, errors), observability."""
