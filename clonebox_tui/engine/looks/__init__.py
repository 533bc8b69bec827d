"""Looks into disks as they were and as they are: no guest is asked, nothing is booted or mounted."""
