"""How a run is described to people: statuses, amounts, explanations, outcomes, the timeline.

Screen, text, Markdown, HTML and JSON read this room; none of them says these
things in its own way. Nothing here reads a file or a clock.
"""
