"""Shows what befell the worker's own files, in a dialog that counts as seen once it is closed."""

from typing import TYPE_CHECKING

from clonebox_tui.model.problem import ProblemError

if TYPE_CHECKING:
    from clonebox_tui.tui.face import Face


def show_trouble(face: "Face") -> None:
    """Nothing happens without any, or when it is shown already."""
    session = face.session
    trouble, session.trouble = session.trouble, None
    if trouble is None:
        return
    from clonebox_tui.model.rpc import TROUBLE_SEEN, Nothing
    from clonebox_tui.tui.screens.problem import ProblemScreen

    async def seen() -> None:
        try:
            await session.call(TROUBLE_SEEN, Nothing())
        except ProblemError:
            return  # it is told once more, then

    def closed(_taken: bool | None) -> None:
        face.run_worker(seen())

    face.push_screen(ProblemScreen("Reading the list of jobs", trouble), closed)
