"""Q3: everybody at once on the emulator's DynamoDB, round after round, by the functions' real handlers.

Eight processes, as Lambda would have, share one clock that the rounds set to the instant they are about, and one gate
that holds everybody who has read and decided until all of them write at once. `make races ROUNDS=1000` prints the
table; the e2e tests run a few rounds.
"""
