"""The verbs: observe, decide, act. The only place where input/output and decisions meet."""
