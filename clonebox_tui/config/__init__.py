"""The files a person writes: .clonebox.yaml, profiles and settings, checked as a whole."""

from clonebox_tui.config.defaults import default_disk_bytes as default_disk_bytes
from clonebox_tui.config.defaults import default_memory_bytes as default_memory_bytes
from clonebox_tui.config.defaults import default_name as default_name
from clonebox_tui.config.defaults import default_vcpus as default_vcpus
from clonebox_tui.config.defaults import guest_user as guest_user
from clonebox_tui.config.document import read_text as read_text
from clonebox_tui.config.editing import REMOVE as REMOVE
from clonebox_tui.config.editing import edit as edit
from clonebox_tui.config.loading import FILE_NAMES as FILE_NAMES
from clonebox_tui.config.loading import LoadedConfig as LoadedConfig
from clonebox_tui.config.loading import Request as Request
from clonebox_tui.config.loading import check as check
from clonebox_tui.config.loading import check_text as check_text
from clonebox_tui.config.loading import find_file as find_file
from clonebox_tui.config.loading import load as load
from clonebox_tui.config.loading import load_text as load_text
from clonebox_tui.config.rendering import render as render
from clonebox_tui.config.schema import schema as schema
from clonebox_tui.config.wish_check import check_wish as check_wish
