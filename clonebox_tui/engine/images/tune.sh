#!/bin/sh
# Runs once inside the new image, when its packages and the overlay are in place.
set -e
# The host boots this kernel directly, so an upgrade inside would only take its modules away.
dpkg --purge "linux-image-$(dpkg --print-architecture)"
for kernel in /boot/vmlinuz-*; do
    echo "linux-image-${kernel#/boot/vmlinuz-} hold"
done | dpkg --set-selections
# What the build used is not what the image keeps: its sources may hold credentials.
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/0*
rm -f /etc/apt/apt.conf.d/99mmdebstrap /etc/dpkg/dpkg.cfg.d/99mmdebstrap
# Every clone makes its own.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
: >/etc/machine-id
rm -rf /var/lib/systemd/random-seed /var/log/journal/*
rm -f /clonebox-tune /vmlinuz /vmlinuz.old
