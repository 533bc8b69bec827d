"""The use cases, one noun a file; everything a front end can ask for ends here."""
