"""What product and tools are made of, by the lock files: a bill of materials, licences, known vulnerabilities."""
