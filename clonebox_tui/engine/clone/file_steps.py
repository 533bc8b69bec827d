"""The steps of a clone that make files on this host: project file, image, folder, keys, disk, seed."""

import shlex
from pathlib import Path

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.clone import blueprint, disk, folder, keys, project_file, seed
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.job import BASE, KEEPING, SPEC, Clone
from clonebox_tui.engine.images.locking import discard_abandoned
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.engine.intact import require_intact
from clonebox_tui.engine.standing import keep_standing
from clonebox_tui.model.spec import MachineSpec


def file_steps(clone: Clone, base: Base, built: bool) -> list[Step]:
    """Those steps in order; with `built` False, `base` is the image as it will be."""
    return [
        *([_project_file(clone)] if clone.act.config_text else []),
        _image(clone, base, built),
        _folder(clone),
        _keys(clone),
        _disk(clone, base),
        _seed(clone),
    ]


def _project_file(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        await project_file.write(Path(clone.act.directory), clone.act.config_text, run)

    async def undo(run: StepRun) -> None:
        await project_file.take_back(run)

    target = Path(clone.act.directory) / ".clonebox.yaml"
    return Step("config", "Write the project file", do, undo, f"write {target}")


def _image(clone: Clone, base: Base, built: bool) -> Step:
    async def do(run: StepRun) -> None:
        found = await clone.around.bases.find(clone.connection, clone.act.wish.base_image)
        if found is None:
            # A finished image is kept whatever becomes of the clone: the next one needs it.
            found = await clone.around.bases.build(clone.connection, run)
        boot = (found.boot.kernel, found.boot.initrd) if found.boot else ()
        await require_intact([found.disk], f"The image {found.name}", boot)
        await run.remember(**{BASE: msgspec.to_builtins(found)})

    async def undo(run: StepRun) -> None:
        store = clone.around.places.images(clone.connection) / "images"
        await in_thread(lambda: discard_abandoned(store, run.job_id))

    if built:
        return Step("image", f"Use the base image {base.name}", do, call=f"read {base.disk}")
    call, line = "mmdebstrap, mke2fs, qemu-img", "clonebox-tui image build"
    return Step("image", f"Build the base image {base.name}", do, undo, call, line)


def _folder(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        wish, base = clone.act.wish, _base(run)
        disk.refuse_full(clone.folder)
        blueprint.refuse_taken_ports(wish)
        spec = blueprint.draw(
            wish,
            base,
            clone.folder,
            await clone.around.accelerator(wish.accel),
            clone.provider.connection.capabilities,
            clone.act.directory,
        )
        await run.remember(**{SPEC: msgspec.to_builtins(spec)})
        await in_thread(lambda: folder.make_folder(clone.folder, run.job_id, open_to_qemu=clone.open_to_qemu))

    async def undo(run: StepRun) -> None:
        kept = KEEPING in run.memory
        await in_thread(lambda: folder.remove_folder(clone.folder, run.job_id, kept=kept))

    return Step("folder", "Make the machine's folder", do, undo, f"mkdir {clone.folder}")


def _keys(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        spec = clone.spec(run.memory)
        login = keys.fresh_pair(f"{spec.user}@{spec.name}")
        host = keys.fresh_pair(f"host@{spec.name}")
        named = msgspec.structs.replace(spec, key_path=str(clone.folder / keys.KEY), host_key=host.public)
        await run.remember(**{SPEC: msgspec.to_builtins(named)})

        def write() -> None:
            keys.write_login_key(clone.folder, login)
            keys.write_private(clone.folder / keys.HOST_KEY, host.private)
            line = keys.known_hosts_line(host.public, spec.name, blueprint.ssh_port(spec))
            keys.write_public(clone.folder / keys.KNOWN_HOSTS, line)

        await in_thread(write)

    # The folder's undo removes them, and what stands below, too.
    return Step(
        "keys",
        "Make fresh keys",
        do,
        call="Ed25519PrivateKey.generate(), twice",
        equivalent="ssh-keygen -t ed25519",
    )


def _disk(clone: Clone, base: Base) -> Step:
    async def do(run: StepRun) -> None:
        found, spec = _base(run), clone.spec(run.memory)
        size = clone.act.wish.disk_bytes
        layer, below = Path(spec.disk_path), Path(found.disk)
        await disk.create_layer(below, found.format, layer, size)
        await in_thread(lambda: keep_standing(layer, below, found.format))

    target = clone.folder / blueprint.DISK
    words = disk.create_command(Path(base.disk), base.format, target, clone.act.wish.disk_bytes)
    line = shlex.join(words)
    return Step("disk", "Make the disk, a layer over the image", do, call=line, equivalent=line)


def _seed(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        spec = clone.spec(run.memory)

        def write() -> None:
            _write_seed(clone, spec)

        await in_thread(write)

    target = clone.folder / blueprint.SEED
    line = f"genisoimage -V {seed.VOLUME} -J -r -o {shlex.quote(str(target))} user-data meta-data"
    return Step(
        "seed", "Write the seed of the first boot", do, call=f"pycdlib: write {target}", equivalent=line
    )


def _write_seed(clone: Clone, spec: MachineSpec) -> None:
    wish, host_key = clone.act.wish, clone.folder / keys.HOST_KEY
    login = (clone.folder / f"{keys.KEY}.pub").read_text().strip()
    name = seed.host_name(wish.name)
    # Images built here boot by their kernel and have the agent.
    kind = seed.CloudConfig if spec.boot else seed.ForeignConfig
    config = kind(
        hostname=name,
        users=[seed.User(wish.username, wish.uid, [login])],
        ssh_keys=seed.HostKeys(host_key.read_text(), spec.host_key),
    )
    meta = seed.MetaData(spec.uuid, name)
    seed.write_seed(clone.folder / blueprint.SEED, seed.user_data(config), seed.meta_data(meta))
    # The guest's own private key lives in the guest only.
    host_key.unlink()


def _base(run: StepRun) -> Base:
    return msgspec.convert(run.memory[BASE], Base)
