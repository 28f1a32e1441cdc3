# The tasks of a contributor. `just` lists them; each is one line of cargo, so it works without `just`, too.

_default:
    @just --list --unsorted

# Every test but those that need a mount namespace or something installed
test *ARGS:
    cargo test --locked {{ARGS}}

# Formatting, clippy and rustdoc, as .ci/run has them
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items --locked

# What a launch costs beside a C program, env and sh
bench *ARGS:
    cargo bench --locked --bench launch -- {{ARGS}}

# Write the completions, the man page and the licences anew
generated:
    UPDATE=1 cargo test --locked --test suite generated

# The documentation of the code
doc:
    cargo doc --no-deps --document-private-items --locked --open
