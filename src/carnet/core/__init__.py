"""What to do: values in, values out; no input or output, no clock, no chance."""
