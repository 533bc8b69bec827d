"""Machines that libvirt runs; the only package that imports libvirt."""
