"""The worker as a process: life, lock, socket, protocol, front ends that come and go."""
