# Random tests with fresh seeds, for an hour: `just random --minutes 5`
random *ARGS:
    tests/random/run {{ARGS}}

# The tests that take every fourth text of the corpus, with all of it
corpus:
    POLMERGE_WHOLE_CORPUS=1 cargo test --test apply --test engine
