"""Pure rules: no process, no network, no QEMU; milliseconds a test."""
