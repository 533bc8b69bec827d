"""What the words of this host mean: patterns of QEMU 7.2 and libvirt 9, as their sources print them."""

from clonebox_tui.engine.why.texts import sign

QEMU = (
    sign(
        "port-taken",
        96,
        "A forwarded port of this host is taken: {0}.",
        "End what listens there (`ss -ltnp`), or choose another port.",
        r"[Cc]ould not set up host forwarding rule '([^']+)'",
    ),
    sign(
        "image-gone",
        96,
        "A disk file is gone: {0}.",
        "Bring that file back; nothing was changed.",
        r"[Cc]ould not open '([^']+)': No such file",
    ),
    sign(
        "image-denied",
        95,
        "QEMU may not open {0}.",
        "See who owns it, and AppArmor's log; libvirt's own images folder is always allowed.",
        r"[Cc]ould not open '([^']+)': Permission denied",
    ),
    sign(
        "image-locked",
        95,
        "Another program uses its disk.",
        "End it (another QEMU, qemu-nbd), then start the machine.",
        r"Failed to get .*lock",
        r"Is another process using the image",
    ),
    sign(
        "image-broken",
        95,
        "Its disk image is broken.",
        "Restore it from a backup; `qemu-img check` says what is lost.",
        r"Image is not in \w+ format",
        r"Image is corrupt",
        r"qcow2: .*corrupt",
    ),
    sign(
        "host-memory",
        95,
        "This host has too little memory for it.",
        "Stop another machine, or give this one less memory.",
        r"[Cc]annot (?:allocate memory|set up guest memory)",
    ),
    sign(
        "kvm",
        95,
        "KVM cannot be used here.",
        "Set CLONEBOX_ACCEL=tcg, or join the group kvm.",
        r"Could not access KVM",
        r"failed to initialize (?:kvm|KVM)",
        r"failed to set MSR",
    ),
    sign(
        "share",
        85,
        "A shared folder cannot be served.",
        "See that the folder is there and may be read.",
        r"virtio-9p.*",
        r"fsdev.*(?:No such file|cannot)",
        r"vhost-user.*(?:fail|disconnect)",
    ),
    sign(
        "killed",
        75,
        "QEMU was ended from outside, or fell.",
        "See the host's log for the out-of-memory killer; start the machine again.",
        # libvirt's own daemons only do as they were told.
        r"terminating on signal \d+ from pid \d+ \((?!.*(?:libvirtd|virtqemud))",
        r"shutting down, reason=crashed",
    ),
    sign(
        "start-failed",
        73,
        "Its last start failed, and it never ran.",
        "Start it by `clonebox-tui start M`, or `s`: what libvirt says of that stands here then.",
        r"shutting down, reason=failed",
    ),
)

LIBVIRT = (
    sign(
        "network",
        93,
        "The network {0} that it is connected to is not there, or not started.",
        "Start it: `virsh net-start {0}`; `virsh net-list --all` names those that are there.",
        r"no network with matching name '([^']+)'",
        r"network '([^']+)' is not active",
    ),
    sign(
        "bridge",
        93,
        "The bridge {0} that it is connected to is not there.",
        "Make it on this host, or connect the machine to another one (`virsh edit`).",
        r"Cannot get interface MTU on '([^']+)'",
    ),
    sign(
        "huge-pages",
        93,
        "It wants huge pages, which this host does not have.",
        "Mount hugetlbfs and set vm.nr_hugepages, or take memoryBacking out (`virsh edit`).",
        r"hugetlbfs filesystem is not mounted",
    ),
)
"""libvirt's own words for a start that it refused, before QEMU was begun."""
