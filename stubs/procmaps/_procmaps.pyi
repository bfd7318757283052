"""The extension module; users import its contents from `procmaps`."""

import os
from typing import Final, Literal, SupportsIndex, TypedDict, final, overload

from typing_extensions import Self, TypeAlias, Unpack

__all__ = [
    "Map",
    "__version__",
    "from_bytes",
    "from_path",
    "from_pid",
    "from_str",
]

__version__: Final[str]

_Field: TypeAlias = Literal[
    "begin_address",
    "end_address",
    "permissions",
    "offset",
    "device",
    "inode",
    "pathname",
]

_Kind: TypeAlias = Literal[
    "file",
    "anonymous",
    "heap",
    "stack",
    "vdso",
    "vvar",
    "vsyscall",
    "memfd",
    "shared_memory",
    "hugetlb",
    "device",
    "anon_inode",
    "other",
]

class _Arguments(TypedDict):
    begin_address: int
    end_address: int
    permissions: str
    offset: int
    device: tuple[int, int]
    inode: int
    pathname: str | None

class _Changes(TypedDict, total=False):
    begin_address: SupportsIndex
    end_address: SupportsIndex
    permissions: str
    offset: SupportsIndex
    device: tuple[SupportsIndex, SupportsIndex] | list[SupportsIndex]
    inode: SupportsIndex
    pathname: str | None

@final
class Map:
    """One memory mapping: a range of addresses, and what is mapped there.

    The range is half-open: it contains begin_address and not end_address.
    Addresses, sizes and offsets are integers, in bytes.

    A Map is immutable. Two are equal if all seven arguments of the constructor
    are; so they are hashed, and in that order they are compared.

    `str()` gives the line as the kernel prints it, `dict()` the seven arguments
    by name. `address in map_` tells whether the range contains an address.

    Raises TypeError, OverflowError or ValueError for an argument that no line
    of `/proc/<pid>/maps` can hold, and for an end before the begin.

    Source: proc(5); show_map_vma in the kernel's fs/proc/task_mmu.c.
    """

    __match_args__: Final = (
        "begin_address",
        "end_address",
        "permissions",
        "offset",
        "device",
        "inode",
        "pathname",
    )

    def __new__(
        cls,
        begin_address: SupportsIndex,
        end_address: SupportsIndex,
        permissions: str = "---p",
        offset: SupportsIndex = 0,
        device: tuple[SupportsIndex, SupportsIndex] | list[SupportsIndex] = (0, 0),
        inode: SupportsIndex = 0,
        pathname: str | None = None,
    ) -> Self: ...
    @property
    def begin_address(self) -> int:
        """The first address in the mapping."""
    @property
    def end_address(self) -> int:
        """The first address past the mapping: the range is half-open."""
    @property
    def size(self) -> int:
        """The size of the mapping in bytes: end_address - begin_address."""
    @property
    def permissions(self) -> str:
        """The permissions as the kernel prints them, such as 'r-xp': read, write,
        execute, and s for shared or p for private (copy-on-write).
        """
    @property
    def is_readable(self) -> bool:
        """Whether the pages may be read."""
    @property
    def is_writable(self) -> bool:
        """Whether the pages may be written."""
    @property
    def is_executable(self) -> bool:
        """Whether the pages may be executed."""
    @property
    def is_shared(self) -> bool:
        """Whether writes go to the source and to all who map it (MAP_SHARED)."""
    @property
    def is_private(self) -> bool:
        """Whether writes stay in this process (MAP_PRIVATE, copy-on-write)."""
    @property
    def offset(self) -> int:
        """Where in its source the mapping begins, in bytes; 0 where it has none."""
    @property
    def device(self) -> tuple[int, int]:
        """The device that holds the source, as (major, minor); (0, 0) where there
        is none. Compare with os.major() and os.minor() of a file's st_dev; on
        btrfs and overlay file systems stat(2) reports another device.
        """
    @property
    def inode(self) -> int:
        """The inode of the source on its device; 0 where there is none."""
    @property
    def pathname(self) -> str | None:
        r"""The name as printed, or None where there is none: a path, perhaps with
        ' (deleted)' after it, or a pseudo-path such as '[heap]'.

        A newline in a name stands as '\012'; bytes that are not UTF-8 stand as
        surrogate escapes, so that os.fsencode() gives them back.
        """
    @property
    def kind(self) -> _Kind:
        """What is mapped, judged by the name: 'file', 'anonymous', 'heap', 'stack',
        'vdso', 'vvar', 'vsyscall', 'memfd', 'shared_memory' (System V, shared
        anonymous), 'hugetlb', 'device', 'anon_inode' or 'other'.
        """
    @property
    def path(self) -> str | None:
        r"""The path of the mapped file or device, None for every other kind: the
        pathname less one ' (deleted)', and with newlines for '\012'.

        It is the path in the mount namespace of the process. A file whose name
        really holds the four characters '\012' prints the same as one with a
        newline, and a file can be named 'x (deleted)': text can't tell.
        """
    @property
    def is_deleted(self) -> bool:
        """Whether the mapped file or device was unlinked, as far as its name tells.

        Always False for other kinds: the kernel marks every memfd, System V and
        shared anonymous mapping as deleted.
        """
    def file_offset(self, address: SupportsIndex) -> int:
        """Return the offset in the mapping's source of an address in the mapping,
        in bytes: offset + (address - begin_address).

        Raises ValueError if the address is not in the mapping, TypeError if it
        is no integer.
        """
    def replace(self, **changes: Unpack[_Changes]) -> Self:
        """Return a copy with other values for the named arguments of the
        constructor, and with its errors.
        """
    def __replace__(self, **changes: Unpack[_Changes]) -> Self: ...
    def asdict(self) -> _Arguments:
        """Return the seven arguments of the constructor by name: Map(**m.asdict())
        equals m.
        """
    def keys(self) -> tuple[_Field, ...]:
        """Return the names of the constructor's arguments, for dict(map_)."""
    @overload
    def __getitem__(
        self, key: Literal["begin_address", "end_address", "offset", "inode"], /
    ) -> int: ...
    @overload
    def __getitem__(self, key: Literal["permissions"], /) -> str: ...
    @overload
    def __getitem__(self, key: Literal["device"], /) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, key: Literal["pathname"], /) -> str | None: ...
    @overload
    def __getitem__(self, key: str, /) -> int | str | tuple[int, int] | None: ...
    def __contains__(self, address: SupportsIndex, /) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Map, /) -> bool: ...
    def __le__(self, other: Map, /) -> bool: ...
    def __gt__(self, other: Map, /) -> bool: ...
    def __ge__(self, other: Map, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __reduce__(
        self,
    ) -> tuple[
        type[Self],
        tuple[int, int, str, int, tuple[int, int], int, str | None],
    ]: ...

def from_pid(pid: SupportsIndex) -> list[Map]:
    """Return the memory maps of a running process, as the kernel lists them now.

    A kernel thread or a zombie has no maps: the list is empty. Since Linux 6.17
    the list of a process that is changing meanwhile is not one moment's: a page
    can be listed twice or not at all.

    Raises ProcessLookupError if there is no such process, PermissionError if
    its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
    another OSError if reading fails otherwise, all with `errno` and `filename`;
    NotImplementedError on systems other than Linux.

    Source: /proc/<pid>/maps, proc(5).
    """

def from_path(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> list[Map]:
    """Return the memory maps in a file, such as a saved copy of `/proc/<pid>/maps`.

    Raises the OSError that the system means, with `errno` and `filename`, and
    ParseError at the first line that is not a maps line.
    """

def from_str(maps_data: str) -> list[Map]:
    """Return the memory maps in text that has the form of `/proc/<pid>/maps`.

    Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
    them. Raises ParseError at the first line that is not a maps line.
    """

def from_bytes(maps_data: bytes | bytearray | memoryview) -> list[Map]:
    """Return the memory maps in bytes that have the form of `/proc/<pid>/maps`.

    Takes bytes, bytearray, memoryview or any other object with a buffer. Raises
    ParseError at the first line that is not a maps line.
    """
