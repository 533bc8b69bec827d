"""A folder to clone in stories of the wizard: its findings, its file, its plan, and the job of its build."""

from clonebox_tui.model.environment import (
    GIBIBYTE,
    ApplicationFacts,
    Confidence,
    DetectedItem,
    DetectedKind,
    HostLimits,
    MachineWish,
    PackageFacts,
    PortFacts,
    ProjectFacts,
    ServiceFacts,
    ShareWish,
)
from clonebox_tui.model.job import Job, JobState, JobStep, Progress, StepState
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.rpc import Check, Chunk, Prepared, Survey, Text, WishFaults
from tests.tui.fake_fleet import NOW, URI
from tests.tui.fake_wire import FakeWire

FOLDER = "/home/mia/shop"
_HIGH, _MEDIUM = Confidence.HIGH, Confidence.MEDIUM

ITEMS = (
    DetectedItem(
        "project:shop", DetectedKind.PROJECT, FOLDER, "the folder itself; Git checkout on main, 48 MiB",
        _HIGH, ProjectFacts(FOLDER, True, "main", "git@example.org:mia/shop.git", 48 << 20), suggested=True,
    ),
    DetectedItem(
        "project:docs", DetectedKind.PROJECT, "/home/mia/shop-docs", "Git checkout beside it, 3 MiB",
        _HIGH, ProjectFacts("/home/mia/shop-docs", True, "main"),
    ),
    DetectedItem(
        "project:ssh", DetectedKind.PROJECT, "/home/mia/.ssh", "folder beside it", _HIGH,
        ProjectFacts("/home/mia/.ssh"), secret=True, held_back="it holds keys",
    ),
    DetectedItem(
        "service:nginx", DetectedKind.SERVICE, "nginx",
        "/etc/systemd/system/multi-user.target.wants/nginx.service", _HIGH,
        ServiceFacts("nginx.service", "nginx", "multi-user.target", True), suggested=True,
    ),
    DetectedItem(
        "application:redis", DetectedKind.APPLICATION, "redis-server",
        "process 812 runs /usr/bin/redis-check-rdb, a file of redis-tools", _HIGH,
        ApplicationFacts("redis-server", "/usr/bin/redis-check-rdb", (812,)), suggested=True,
    ),
    DetectedItem(
        "package:jq", DetectedKind.PACKAGE, "jq", "jq 1.6-2.1, installed by hand", _HIGH,
        PackageFacts("1.6-2.1"), suggested=True,
    ),
    DetectedItem(
        "package:vim", DetectedKind.PACKAGE, "vim", "vim 9.0.1378-2, installed by hand", _HIGH,
        PackageFacts("9.0.1378-2"),
    ),
    DetectedItem(
        "port:80", DetectedKind.PORT, "80/tcp", "192.0.2.7:80, nginx (process 640, nginx.service)", _MEDIUM,
        PortFacts(80, "tcp", "192.0.2.7", "inet", False, 640, "nginx", "nginx.service", "nginx"),
    ),
)  # fmt: skip

WISH = MachineWish(
    "clone-shop", 2, 2 * GIBIBYTE, 20 * GIBIBYTE, "mia", 1000,
    shares=(ShareWish(FOLDER, "/home/mia/shop"),),
    packages=("jq", "nginx", "redis-server"),
    services=("nginx",),
)  # fmt: skip

FILE = """\
# What this folder's machine is made of.
version: '1'

vm:
  name: clone-shop
  vcpus: 2
  ram_mb: 2048
  disk_size_gb: 20

paths:
  /home/mia/shop: /home/mia/shop

packages:
  - jq          # installed by hand
  - nginx
  - redis-server

services:
  - nginx       # enabled here
"""

PLAN = Plan(
    "machine.clone",
    f"Clone {FOLDER} into clone-shop",
    (
        PlanStep("disk", "Create the disk", "qemu-img create -f qcow2 -b debian-bookworm disk.qcow2"),
        PlanStep("seed", "Write the first boot's orders", "seed.iso"),
        PlanStep(
            "define", "Define the machine", "virDomainDefineXMLFlags(VALIDATE)",
            "virsh define clone-shop.xml --validate",
        ),
        PlanStep("start", "Start the machine", "virDomainCreate()", "virsh start clone-shop"),
        PlanStep("packages", "Install 3 packages", "apt-get install jq nginx redis-server"),
        PlanStep("services", "Enable and start nginx", "systemctl enable --now nginx"),
        PlanStep("ready", "See that all is there"),
    ),
    "f",
    name="clone-shop",
    bytes_needed=2 * GIBIBYTE,
    undo="Delete the machine; a failed or cancelled clone leaves nothing.",
)  # fmt: skip

SURVEY = Survey(
    (
        Check("connection", "ok", "qemu:///session: QEMU 7.2.22"),
        Check("mmdebstrap", "problem", "not found", "sudo apt-get install mmdebstrap", "mmdebstrap"),
        Check("disk", "ok", "77.4 GiB free for /home/mia/.local/share/clonebox"),
        Check(
            "base image", "warning", "none yet: the first clone builds it, which takes minutes",
            "clonebox-tui image build", fixable=True,
        ),
    ),
    HostLimits(8, 24 * GIBIBYTE, 15 * GIBIBYTE, 77 * GIBIBYTE),
    "kvm",
    "a probe booted",
)  # fmt: skip

BUILD = Job(
    "job-shop", "machine.clone", "clone clone-shop", JobState.RUNNING,
    NOW - 31, "", "clone-shop", NOW - 31, None,
    (
        JobStep("disk", "Create the disk", StepState.DONE),
        JobStep("seed", "Write the first boot's orders", StepState.DONE),
        JobStep("define", "Define the machine", StepState.DONE),
        JobStep("start", "Start the machine", StepState.DONE),
        JobStep("packages", "Install 3 packages", StepState.RUNNING),
        JobStep("services", "Enable and start nginx", StepState.PENDING),
        JobStep("ready", "See that all is there", StepState.PENDING),
    ),
    Progress("installing packages", 2, 3, "packages", 0.5, 2.0),
)  # fmt: skip


class ProjectWire(FakeWire):
    """The fixed fleet, and a host on which the folder can be cloned."""

    def __init__(self) -> None:
        super().__init__()
        self.replies["detect.start"] = (Chunk(3, 1, items=ITEMS, end=True),)

    def _doctor_survey(self, params: object) -> Survey:
        del params
        return SURVEY

    def _clone_prepare(self, params: object) -> Prepared:
        del params
        return Prepared(WISH, URI, FOLDER, FILE, existing=False)

    def _config_check_wish(self, params: object) -> WishFaults:
        wish: MachineWish = params.wish  # type: ignore[attr-defined]
        taken = any(each.name == wish.name for each in self.machines.values())
        return WishFaults({"name": f"{wish.name} is taken on this connection"} if taken else {})

    def _config_render(self, params: object) -> Text:
        del params
        return Text(FILE)

    def _act_plan(self, params: object) -> Plan:
        return PLAN if hasattr(params.act, "wish") else super()._act_plan(params)  # type: ignore[attr-defined]

    def _act_run(self, params: object) -> Job:
        return BUILD if hasattr(params.act, "wish") else super()._act_run(params)  # type: ignore[attr-defined]
