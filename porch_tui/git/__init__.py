"""How git is asked: the only room that runs git. Knows no task's status."""
