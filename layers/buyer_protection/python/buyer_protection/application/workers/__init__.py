"""What nobody calls over HTTP: the clock's step, mediation, the sweeper, the stream, queues, the audit."""
