"""Contract suites, the PST writer and the demo, for adapter authors and for rehearsal."""
