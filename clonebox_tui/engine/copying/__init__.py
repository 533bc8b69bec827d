"""Files and folders between this host and a guest, by the agent alone: no network, no SSH."""

from clonebox_tui.engine.copying.bringing import BringHandler as BringHandler
from clonebox_tui.engine.copying.fetching import FetchHandler as FetchHandler
