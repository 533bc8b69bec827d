"""What is said to the guest agent: commands, files, facts, freeze."""
