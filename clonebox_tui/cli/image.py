"""`image list|build|import|remove`: base images."""

from pathlib import Path

import click

from clonebox_tui.cli.acting import act_now
from clonebox_tui.cli.completing import IMAGE
from clonebox_tui.cli.output import emit, json_option, size, table, when
from clonebox_tui.cli.session import Session, absolute, command
from clonebox_tui.model.acts import BuildImage, ImportImage, RemoveImage
from clonebox_tui.model.rpc import IMAGES, OnConnection

_wait = click.option("--wait/--no-wait", default=True, help="Wait until it is done (the default).")


@click.group(short_help="Base images.")
def image() -> None:
    """Base images, from which machines are cloned."""


@image.command("list")
@json_option
@command
async def list_images(session: Session, as_json: bool) -> None:
    """List the base images, with who uses them."""
    async with session.client() as client:
        connection = session.connection(await session.fleet(client))
        images = (await client.call(IMAGES, OnConnection(connection))).images
    if as_json:
        emit("images", images)
    elif not images:
        click.echo("No images yet. The first clone builds one, or run `clonebox-tui image build`.")
    else:
        table(
            ("NAME", "KIND", "CREATED", "SIZE>", "VIRTUAL>", "USED BY"),
            (
                (
                    each.name,
                    each.kind,
                    when(each.created_at),
                    size(each.size_bytes),
                    size(each.virtual_size_bytes),
                    ", ".join(each.used_by) or "-",
                )
                for each in images
            ),
        )


@image.command()
@click.option("--suite", default="", metavar="S", help="Debian release; the host's own by default.")
@click.option("--package", "packages", multiple=True, metavar="P", help="Put this package in too.")
@_wait
@json_option
@command
async def build(session: Session, suite: str, packages: tuple[str, ...], wait: bool, as_json: bool) -> int:
    """Build a Debian base image from the host's own package mirror."""
    async with session.client() as client:
        connection = session.connection(await session.fleet(client))
        return await act_now(client, BuildImage(connection, suite, packages), wait=wait, as_json=as_json)


@image.command("import")
@click.argument("source", metavar="FILE|URL")
@click.option("--sha512", default="", metavar="HEX", help="Refuse anything else.")
@click.option("--name", default="", metavar="N", help="Name of the image; the file's by default.")
@_wait
@json_option
@command
async def import_image(
    session: Session, source: str, sha512: str, name: str, wait: bool, as_json: bool
) -> int:
    """Bring in a disk image (qcow2, raw, …) from a file or URL."""
    async with session.client() as client:
        connection = session.connection(await session.fleet(client))
        act = ImportImage(_absolute(source), connection, name, sha512)
        return await act_now(client, act, wait=wait, as_json=as_json)


@image.command()
@click.argument("name", metavar="IMAGE", type=IMAGE)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@command
async def remove(session: Session, name: str, yes: bool, as_json: bool) -> int:
    """Delete IMAGE; refused while a machine uses it."""
    async with session.client() as client:
        connection = session.connection(await session.fleet(client))
        return await act_now(client, RemoveImage(name, connection), yes=yes, as_json=as_json)


def _absolute(source: str) -> str:
    """A file as the worker, which has no folder of its own, can find it; addresses stay."""
    return source if "://" in source else absolute(Path(source))
