"""What a flow needs from the world, in promises; each promise is a test in the port's contract suite."""
