"""What the cockpit is made of; each widget gets narrow data and posts messages."""
