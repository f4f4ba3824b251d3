"""How git is asked: the only room that runs git or imports GitPython. Knows no task's status."""
