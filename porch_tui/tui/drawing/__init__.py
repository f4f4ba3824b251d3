"""Signs, colors, widths and lines: how things look, whatever they are part of."""
