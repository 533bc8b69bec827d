"""Other hosts: libvirt and the worker over ssh, on loopback."""
