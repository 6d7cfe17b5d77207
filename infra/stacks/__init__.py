"""One module a stack: `data` must outlive every deployment, `service` can be built anew."""
