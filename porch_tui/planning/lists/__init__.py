"""Lists of tasks as people and programs write them: Markdown, task-master's JSON, issues as JSON."""
