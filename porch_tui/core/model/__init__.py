"""What a run is made of: the plan, facts and commands, the state they lead to, and the machines of status."""
