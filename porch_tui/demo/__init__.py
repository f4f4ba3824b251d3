"""The repository of the tour: a calculator whose tasks meet everything porch is for."""
