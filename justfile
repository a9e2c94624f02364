# Random tests with fresh seeds, for an hour: `just random --minutes 5`
random *ARGS:
    tests/random/run {{ARGS}}
