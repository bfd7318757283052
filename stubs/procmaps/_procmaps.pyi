"""The extension module; users import its contents from `procmaps`."""

import os
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Reversible,
)
from functools import partial
from typing import (
    BinaryIO,
    Final,
    Literal,
    SupportsIndex,
    TypedDict,
    TypeVar,
    final,
    overload,
)

from typing_extensions import CapsuleType, Self, TypeAlias, Unpack

from procmaps.kinds import Kind

__all__ = [
    "AddressSpace",
    "Core",
    "Difference",
    "Location",
    "Map",
    "MemoryUsage",
    "Module",
    "Process",
    "__version__",
    "find",
    "from_bytes",
    "from_core",
    "from_path",
    "from_pid",
    "from_str",
    "pids",
    "rollup",
    "smaps_from_bytes",
    "smaps_from_path",
    "smaps_from_pid",
    "smaps_from_str",
    "sum_usage",
    "sum_usage_by",
]

__version__: Final[str]

_Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_Key = TypeVar("_Key", bound=Hashable)
_Missing = TypeVar("_Missing")

_Field: TypeAlias = Literal[
    "begin_address",
    "end_address",
    "permissions",
    "offset",
    "device",
    "inode",
    "pathname",
]

_Amount: TypeAlias = Literal[
    "size",
    "kernel_page_size",
    "mmu_page_size",
    "rss",
    "pss",
    "pss_dirty",
    "pss_anon",
    "pss_file",
    "pss_shmem",
    "shared_clean",
    "shared_dirty",
    "private_clean",
    "private_dirty",
    "referenced",
    "anonymous",
    "ksm",
    "lazy_free",
    "anon_huge_pages",
    "shmem_pmd_mapped",
    "file_pmd_mapped",
    "shared_hugetlb",
    "private_hugetlb",
    "swap",
    "swap_pss",
    "locked",
    "protection_key",
]

_UsageField: TypeAlias = Literal[
    "map",
    _Amount,
    "thp_eligible",
    "vm_flags",
    "extra",
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

class _UsageArguments(TypedDict):
    map: Map
    size: int | None
    kernel_page_size: int | None
    mmu_page_size: int | None
    rss: int | None
    pss: int | None
    pss_dirty: int | None
    pss_anon: int | None
    pss_file: int | None
    pss_shmem: int | None
    shared_clean: int | None
    shared_dirty: int | None
    private_clean: int | None
    private_dirty: int | None
    referenced: int | None
    anonymous: int | None
    ksm: int | None
    lazy_free: int | None
    anon_huge_pages: int | None
    shmem_pmd_mapped: int | None
    file_pmd_mapped: int | None
    shared_hugetlb: int | None
    private_hugetlb: int | None
    swap: int | None
    swap_pss: int | None
    locked: int | None
    thp_eligible: bool | None
    protection_key: int | None
    vm_flags: frozenset[str] | None
    extra: dict[str, int | str]

@final
class Map:
    """One memory mapping: a range of addresses, and what is mapped there.

    The range is half-open: it contains begin_address and not end_address.
    Addresses, sizes and offsets are integers, in bytes.

    A Map is immutable. Equality, hash and order go by the seven arguments of the
    constructor, in their order.

    `str()` gives the line as the kernel prints it, `bytes()` the same to the byte,
    `dict()` the seven arguments by name. `address in map_` tells whether the range
    contains an address.

    Raises TypeError, OverflowError or ValueError for an argument that a line of
    `/proc/<pid>/maps` can't hold, and for an end before the begin.

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

        A newline in a name is written '\012'. Bytes that are not UTF-8 become
        surrogate escapes, so that os.fsencode() gives them back. In a locale other
        than UTF-8, encode('utf-8', 'surrogateescape') does.
        """
    @property
    def kind(self) -> Kind:
        """What is mapped, judged by the name: 'file', 'anonymous', 'heap', 'stack',
        'vdso', 'vvar', 'vsyscall', 'memfd', 'shared_memory' (System V, shared
        anonymous), 'hugetlb', 'device', 'anon_inode' or 'other'.
        """
    @property
    def path(self) -> str | None:
        r"""The path of the mapped file or device, None for every other kind: the
        pathname without one ' (deleted)' at its end, and with '\012' turned into
        newlines.

        It is the path in the mount namespace of the process. A file whose name
        really holds the four characters '\012' prints the same as one with a
        newline, and a file can be named 'x (deleted)': text can't tell. When the
        kernel was asked, as Process.find() does, newlines are right in every case; a
        copy that is made from the arguments, by replace() or by pickle, is read from
        its text again.
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

        Raises ValueError if the address is not in the mapping, TypeError if it is
        not an integer.
        """
    def replace(self, **changes: Unpack[_Changes]) -> Self:
        """Return a copy with other values for the named arguments of the
        constructor, and with its errors.
        """
    def __replace__(self, **changes: Unpack[_Changes]) -> Self: ...
    def __bytes__(self) -> bytes: ...
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

@final
class AddressSpace(Collection[Map], Reversible[Map]):
    """The memory maps of one moment: an immutable sequence of Map, in their order
    (by begin address first), that finds what is mapped at an address in
    O(log n).

    Takes any iterable of Map. Ranges are half-open throughout; addresses and
    sizes are integers, in bytes.

    `address in space` tells whether an address is mapped, `map_ in space`
    whether the map is an element. Indexing gives a Map. A slice picks maps as
    from a list and is an AddressSpace again, in address order for every step.
    Equality and hash go by the maps.

    Maps may overlap or repeat, as a live process can show them since Linux 6.17.
    Where several contain an address, the last of them in order is the answer:
    the one with the highest begin address, and of those the greatest. An empty
    map is an element, and contains nothing.

    Raises TypeError if one of them is not a Map.
    """

    def __new__(cls, maps: Iterable[Map]) -> Self: ...
    @classmethod
    def from_pid(cls, pid: SupportsIndex, *, proc: _Path = "/proc") -> Self:
        """Return the address space of a running process; see procmaps.from_pid."""
    @classmethod
    def from_core(
        cls, path: str | bytes | os.PathLike[str] | os.PathLike[bytes]
    ) -> Self:
        """Return the address space in a core file; see procmaps.from_core."""
    @classmethod
    def from_path(
        cls,
        path: str | bytes | os.PathLike[str] | os.PathLike[bytes],
        *,
        errors: Literal["strict", "skip"] = "strict",
    ) -> Self:
        """Return the address space in a maps file; see procmaps.from_path."""
    @classmethod
    def from_str(
        cls, maps_data: str, *, errors: Literal["strict", "skip"] = "strict"
    ) -> Self:
        """Return the address space in maps text; see procmaps.from_str."""
    @classmethod
    def from_bytes(
        cls,
        maps_data: bytes | bytearray | memoryview,
        *,
        errors: Literal["strict", "skip"] = "strict",
    ) -> Self:
        """Return the address space in maps bytes; see procmaps.from_bytes."""
    @property
    def size(self) -> int:
        """How many bytes are mapped; what several maps contain counts once."""
    def find(self, address: SupportsIndex) -> Map | None:
        """Return the map that contains the address, or None: also for an integer
        that is no address, such as -1 or 2**64.

        Where several maps contain it, the last of them in order. Raises TypeError if
        the address is not an integer.
        """
    def find_many(self, addresses: Iterable[SupportsIndex]) -> list[Map | None]:
        """Return what find() returns, for each of many addresses in their order.

        Takes any iterable of integers; several times as fast as a loop.
        """
    def overlapping(self, begin: SupportsIndex, end: SupportsIndex) -> Self:
        """Return the maps that share an address with the range from begin up to end.

        An empty range shares no address. Raises ValueError if end is below begin,
        TypeError if one of them is not an integer.
        """
    def covers(self, begin: SupportsIndex, end: SupportsIndex) -> bool:
        """Return whether every address from begin up to end is mapped, by one map or by
        several side by side. True for an empty range.

        Raises ValueError if end is below begin, TypeError if one of them is not an
        integer.
        """
    def gaps(self) -> list[tuple[int, int]]:
        """Return the ranges between the first and the last map that no map contains,
        each as (begin, end), in address order.
        """
    @property
    def modules(self) -> tuple[Module, ...]:
        """The modules, in the order of their lowest maps: each file at each place
        where it is mapped or loaded.
        """
    def module(
        self, name: str | bytes | os.PathLike[str] | os.PathLike[bytes], /
    ) -> Module:
        """Return the module with this file name, or with this path or pathname, as
        printed with ' (deleted)', if it holds a slash. If there are several, the
        first that has code, or else the first.

        Raises LookupError if there is none, with similar names in the message.
        """
    def find_modules(
        self,
        pattern: str | bytes | os.PathLike[str] | os.PathLike[bytes],
        *,
        executable: bool | None = None,
    ) -> tuple[Module, ...]:
        """Return the modules whose name, path or pathname as printed matches a pattern
        of the shell, such as 'libssl*', as fnmatch.fnmatchcase() does, in their order.

        With executable=True those alone that have code, which leaves out files that
        are mapped as data; with executable=False those alone that have none.
        """
    def resolve(self, address: SupportsIndex) -> Location | None:
        """Return what lies at the address: the map that find() returns, its module,
        and where in them; None where nothing is mapped.

        Raises TypeError if the address is not an integer.
        """
    def to_bytes(self) -> bytes:
        """Return the maps as the kernel prints them, each with a newline after it.

        AddressSpace.from_bytes() gives an equal one back, with any bytes in the
        names.
        """
    def diff(self, other: AddressSpace, /) -> Difference:
        """Return what changed from this address space to a later one.

        Raises TypeError if an argument is not an AddressSpace.
        """
    def index(
        self,
        value: Map,
        start: SupportsIndex | None = 0,
        stop: SupportsIndex | None = None,
        /,
    ) -> int:
        """Return the position of a map in the space, from start up to stop.

        Raises ValueError if it is not there, TypeError if it is not a Map.
        """
    def count(self, value: Map, /) -> int:
        """Return how many times the space holds a map that equals this one.

        Raises TypeError if it is not a Map.
        """
    def _repr_html_(self) -> str: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: SupportsIndex, /) -> Map: ...
    @overload
    def __getitem__(self, key: slice, /) -> Self: ...
    def __iter__(self) -> Iterator[Map]: ...
    def __reversed__(self) -> Iterator[Map]: ...
    def __contains__(self, value: Map | SupportsIndex, /) -> bool: ...  # type: ignore[override]
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Map, ...]]]: ...

@final
class Module:
    """The maps of one file at one place: a program, a library, a file of data.

    A file that is mapped or loaded at two places is two modules, and so are a
    deleted file and the one that took its name. Memory without a name is part of
    no module, also where it follows one as a `.bss` does: text can't tell it from
    other memory that happens to lie there.

    `AddressSpace.modules` tells modules apart by device, inode and name, and by
    what loaders do: they map the segments of an ELF file in the order of their
    addresses, the start of the file first. A load goes on until offsets begin
    anew. What is left of the first mapping in holes between segments belongs to
    it, and where the kernel leaves holes free, others may be mapped in them.

    `Process.modules()` reads the program headers of the files besides, and knows
    exactly which map is which segment; then `load_bias` is known.

    To make one takes the maps of one file. `address in module` tells whether a
    map of it contains the address, `map_ in module` whether the map is one of
    them. Two are equal if their maps are.

    Raises ValueError for maps that are not of one file, TypeError if one of them
    is not a Map, OverflowError for a load bias outside of 128 bits.
    """

    def __new__(
        cls, maps: Iterable[Map], load_bias: SupportsIndex | None = None
    ) -> Self: ...
    @property
    def maps(self) -> AddressSpace:
        """The maps of the module; memory between and after them is not among them."""
    @property
    def path(self) -> str | None:
        """The path of the file, as Map.path has it; None for a memfd."""
    @property
    def name(self) -> str:
        """The name of the file: the last part of its path, or 'memfd:' and the name
        of a memfd.
        """
    @property
    def is_deleted(self) -> bool:
        """Whether the file was unlinked, as far as its name tells."""
    @property
    def base_address(self) -> int:
        """Where offset 0 of the file lies, or would lie if it were mapped: the begin
        address of the lowest map less its offset.

        For a shared library or a position-independent program whose first segment
        is linked for address 0, as nearly all are, an address less this is the
        address in the ELF file, as nm and addr2line have it; `load_bias` is right
        for others too. Below zero where the file begins at a place that no memory
        has.
        """
    @property
    def load_bias(self) -> int | None:
        """What was added to the addresses in the ELF file when it was loaded, as
        dl_iterate_phdr(3) has it in `dlpi_addr`: an address less this is the
        address that nm, addr2line and DWARF know. Below zero where the file lies
        below the addresses that it was linked for.

        None where the program headers were not read, as of modules from text, or
        where they do not fit the maps, as of a file that is mapped as data.
        """
    @property
    def begin_address(self) -> int:
        """The begin address of the lowest map of the module."""
    @property
    def end_address(self) -> int:
        """The first address past the last map of the module."""
    @property
    def device(self) -> tuple[int, int]:
        """The device that holds the file, as Map.device has it."""
    @property
    def inode(self) -> int:
        """The inode of the file on its device."""
    @property
    def is_executable(self) -> bool:
        """Whether one of its maps may be executed: that of a program or library that
        was loaded, and of no file that is mapped as data.
        """
    @property
    def size(self) -> int:
        """How many bytes are mapped; what several maps contain counts once."""
    def file_offset(self, address: SupportsIndex) -> int:
        """Return the offset in the file of an address in the module, in bytes.

        Raises ValueError if the address is in none of the module's maps, TypeError
        if it is not an integer.
        """
    def address_of(self, file_offset: SupportsIndex) -> int:
        """Return the lowest address at which the module has this byte of the file.

        Segments can share a page of the file: such a byte is mapped twice, and only
        one of the two is where a program looks for it. Raises ValueError if the byte
        is not mapped, TypeError if file_offset is not an integer.
        """
    def __contains__(self, value: Map | SupportsIndex, /) -> bool: ...
    def _repr_html_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __reduce__(self) -> tuple[type[Self], tuple[AddressSpace, int | None]]: ...

@final
class Location:
    """What lies at an address: the map, the module, and where in them.

    `str()` gives 'libc.so.6+0x29d90', the module's name and the offset from its
    base address. Where there is no module it gives the map's pathname and the
    offset from the map's begin, '[stack]+0x10', or else the address, '0x7f10'.

    `AddressSpace.resolve()` and `Process.resolve()` give one. Two are equal if
    address, map and module are.

    Raises ValueError for an address that is not in the map and a map that is not
    in the module, TypeError for arguments of other types.
    """

    def __new__(
        cls,
        address: SupportsIndex,
        map: Map,  # noqa: A002
        module: Module | None = None,
    ) -> Self: ...
    @property
    def address(self) -> int:
        """The address itself."""
    @property
    def map(self) -> Map:
        """The map that contains the address."""
    @property
    def module(self) -> Module | None:
        """The module that the map belongs to, None where it is of no file."""
    @property
    def file_offset(self) -> int | None:
        """The offset in the module's file, in bytes; None where there is no module."""
    @property
    def offset(self) -> int:
        """The offset from the module's base address, in bytes; where there is no
        module, from the begin of the map.
        """
    @property
    def elf_address(self) -> int | None:
        """The address in the module's ELF file, as nm, addr2line and DWARF have it: the
        address less the module's load bias; None where that is not known.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __reduce__(self) -> tuple[type[Self], tuple[int, Map, Module | None]]: ...

@final
class Difference:
    """What changed in an address space between two moments, each as an AddressSpace.

    A map that is in both is in none of these; one that is listed n times counts
    as n. Where maps of the same range differ, the map has changed. Where all but
    one end is the same, and with it the part of the file, it has grown or shrunk,
    as [heap] and [stack] do. What is left was added or removed.

    `AddressSpace.diff()` gives one. It is true if anything changed. Equality and
    hash go by the two spaces.

    Raises TypeError if an argument is not an AddressSpace.
    """

    def __new__(cls, before: AddressSpace, after: AddressSpace) -> Self: ...
    @property
    def before(self) -> AddressSpace:
        """The earlier address space."""
    @property
    def after(self) -> AddressSpace:
        """The later address space."""
    @property
    def added(self) -> AddressSpace:
        """The maps that were not there before."""
    @property
    def removed(self) -> AddressSpace:
        """The maps that are not there any more."""
    @property
    def changed(self) -> AddressSpace:
        """The maps that have the same range as before, and other permissions, another
        name or another source; as they are after.
        """
    @property
    def grown(self) -> AddressSpace:
        """The maps that have become larger at one end; as they are after."""
    @property
    def shrunk(self) -> AddressSpace:
        """The maps that have become smaller at one end; as they are after."""
    def previous(self, map_: Map, /) -> Map:
        """Return what a map was before that changed, has grown or has shrunk; of equal
        maps the first.

        Raises ValueError if the map is not in `changed`, `grown` or `shrunk`,
        TypeError if it is not a Map.
        """
    def __bool__(self) -> bool: ...
    def _repr_html_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __reduce__(self) -> tuple[type[Self], tuple[AddressSpace, AddressSpace]]: ...

@final
class MemoryUsage:
    """What a memory mapping costs: a record of `/proc/<pid>/smaps`.

    Sizes are integers, in bytes. A field that the kernel does not print is None,
    never 0. The fields depend on its version, its configuration and the machine.
    A field that is not listed here is kept in extra.

    A MemoryUsage is immutable. Equality, hash and order go by all arguments of
    the constructor, in their order; None is the least. `dict()` gives the
    arguments by name.

    Raises TypeError or OverflowError for an argument that a record can't hold.

    Source: show_smap in the kernel's fs/proc/task_mmu.c;
    Documentation/filesystems/proc.rst.
    """

    def __new__(
        cls,
        map: Map,  # noqa: A002
        *,
        size: SupportsIndex | None = None,
        kernel_page_size: SupportsIndex | None = None,
        mmu_page_size: SupportsIndex | None = None,
        rss: SupportsIndex | None = None,
        pss: SupportsIndex | None = None,
        pss_dirty: SupportsIndex | None = None,
        pss_anon: SupportsIndex | None = None,
        pss_file: SupportsIndex | None = None,
        pss_shmem: SupportsIndex | None = None,
        shared_clean: SupportsIndex | None = None,
        shared_dirty: SupportsIndex | None = None,
        private_clean: SupportsIndex | None = None,
        private_dirty: SupportsIndex | None = None,
        referenced: SupportsIndex | None = None,
        anonymous: SupportsIndex | None = None,
        ksm: SupportsIndex | None = None,
        lazy_free: SupportsIndex | None = None,
        anon_huge_pages: SupportsIndex | None = None,
        shmem_pmd_mapped: SupportsIndex | None = None,
        file_pmd_mapped: SupportsIndex | None = None,
        shared_hugetlb: SupportsIndex | None = None,
        private_hugetlb: SupportsIndex | None = None,
        swap: SupportsIndex | None = None,
        swap_pss: SupportsIndex | None = None,
        locked: SupportsIndex | None = None,
        thp_eligible: bool | None = None,
        protection_key: SupportsIndex | None = None,
        vm_flags: Iterable[str] | None = None,
        extra: Mapping[str, SupportsIndex | str] = {},
    ) -> Self: ...
    @property
    def map(self) -> Map:
        """The mapping; of a rollup or a sum the range that it covers, under the name
        '[rollup]'.
        """
    @property
    def size(self) -> int | None:
        """The size of the mapping in bytes, whether in memory or not."""
    @property
    def kernel_page_size(self) -> int | None:
        """The size of its pages in bytes, as the kernel allocates them."""
    @property
    def mmu_page_size(self) -> int | None:
        """The size of its pages in bytes, as the processor maps them; another than
        kernel_page_size only where the kernel emulates a larger page.
        """
    @property
    def rss(self) -> int | None:
        """The resident set size: how many bytes of it are in memory."""
    @property
    def pss(self) -> int | None:
        """The proportional set size in bytes: of each page in memory, the share that
        falls to this process when all that map the page share it evenly.
        """
    @property
    def pss_dirty(self) -> int | None:
        """The part of pss that is dirty: written to and not yet stored, in bytes."""
    @property
    def pss_anon(self) -> int | None:
        """The part of pss that belongs to no file, in bytes; in a rollup only."""
    @property
    def pss_file(self) -> int | None:
        """The part of pss that belongs to files, in bytes; in a rollup only."""
    @property
    def pss_shmem(self) -> int | None:
        """The part of pss that is shared memory (shmem, tmpfs), in bytes; in a
        rollup only.
        """
    @property
    def shared_clean(self) -> int | None:
        """Bytes in memory that are mapped more than once and not written to.

        It is counted page by page, whether the mapping is shared or private.
        """
    @property
    def shared_dirty(self) -> int | None:
        """Bytes in memory that are mapped more than once and written to."""
    @property
    def private_clean(self) -> int | None:
        """Bytes in memory that are mapped once and not written to."""
    @property
    def private_dirty(self) -> int | None:
        """Bytes in memory that are mapped once and written to."""
    @property
    def referenced(self) -> int | None:
        """Bytes in memory that are marked as accessed."""
    @property
    def anonymous(self) -> int | None:
        """Bytes in memory that belong to no file, among them the copies of a file's
        pages that were written to in a private mapping.
        """
    @property
    def ksm(self) -> int | None:
        """Bytes in memory that kernel samepage merging (KSM) has merged, without
        pages of zeros.
        """
    @property
    def lazy_free(self) -> int | None:
        """Bytes in memory that were given up with madvise(MADV_FREE) and are not
        freed yet.
        """
    @property
    def anon_huge_pages(self) -> int | None:
        """Bytes in transparent huge pages that belong to no file."""
    @property
    def shmem_pmd_mapped(self) -> int | None:
        """Bytes in transparent huge pages of shared memory (shmem, tmpfs)."""
    @property
    def file_pmd_mapped(self) -> int | None:
        """Bytes in transparent huge pages of other files."""
    @property
    def shared_hugetlb(self) -> int | None:
        """Bytes in pages of hugetlbfs that are mapped more than once; not in rss,
        pss or any other field.
        """
    @property
    def private_hugetlb(self) -> int | None:
        """Bytes in pages of hugetlbfs that are mapped once; not in rss, pss or any
        other field, but in uss.
        """
    @property
    def swap(self) -> int | None:
        """Bytes of it that are in swap space; for shared memory those of the mapped
        part of the object.
        """
    @property
    def swap_pss(self) -> int | None:
        """The proportional share of swap in bytes; without shared memory."""
    @property
    def locked(self) -> int | None:
        """The part of pss that is locked in memory (mlock), in bytes."""
    @property
    def uss(self) -> int | None:
        """The unique set size: private_clean + private_dirty + private_hugetlb, the
        bytes that would be free without this process. None where one of the first
        two is; kernels before 4.4 don't count the third.
        """
    @property
    def thp_eligible(self) -> bool | None:
        """Whether the mapping can get transparent huge pages, of any size that is
        enabled now.
        """
    @property
    def protection_key(self) -> int | None:
        """The memory protection key, see pkeys(7); printed only where the processor
        has such keys.
        """
    @property
    def vm_flags(self) -> frozenset[str] | None:
        """The kernel's flags for the mapping as codes of two letters, such as 'rd';
        describe_flags() says what they mean.
        """
    @property
    def extra(self) -> Mapping[str, int | str]:
        """All fields that have no attribute, by the kernel's names: a number is an
        int, in bytes where the kernel prints kB, anything else a str.
        """
    def describe_flags(self) -> dict[str, str]:
        """Return what the codes in vm_flags mean, in the kernel's order. A code that is
        not known is explained by itself, and comes last.

        Source: show_smap_vma_flags in the kernel's fs/proc/task_mmu.c.
        """
    @overload
    def asdict(self, *, missing: None = None) -> _UsageArguments: ...
    @overload
    def asdict(
        self, *, missing: _Missing
    ) -> dict[str, Map | int | frozenset[str] | dict[str, int | str] | _Missing]:
        """Return the arguments of the constructor by name, with another value for
        those that are None if `missing` is given: MemoryUsage(**usage.asdict())
        equals the usage.
        """
    def keys(self) -> tuple[_UsageField, ...]:
        """Return the names of the constructor's arguments, for dict(usage)."""
    @overload
    def __getitem__(self, key: Literal["map"], /) -> Map: ...
    @overload
    def __getitem__(self, key: _Amount, /) -> int | None: ...
    @overload
    def __getitem__(self, key: Literal["thp_eligible"], /) -> bool | None: ...
    @overload
    def __getitem__(self, key: Literal["vm_flags"], /) -> frozenset[str] | None: ...
    @overload
    def __getitem__(self, key: Literal["extra"], /) -> dict[str, int | str]: ...
    @overload
    def __getitem__(
        self, key: str, /
    ) -> Map | int | frozenset[str] | dict[str, int | str] | None: ...
    def _repr_html_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: MemoryUsage, /) -> bool: ...
    def __le__(self, other: MemoryUsage, /) -> bool: ...
    def __gt__(self, other: MemoryUsage, /) -> bool: ...
    def __ge__(self, other: MemoryUsage, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __reduce__(self) -> tuple[partial[Self], tuple[()]]: ...

def from_pid(
    pid: SupportsIndex,
    *,
    readable: bool | None = None,
    writable: bool | None = None,
    executable: bool | None = None,
    shared: bool | None = None,
    file_backed: bool | None = None,
    proc: _Path = "/proc",
) -> list[Map]:
    """Return the memory maps of a running process, as the kernel lists them now.

    Where it is faster than reading the text, the kernel is asked for one map
    after the other (ioctl PROCMAP_QUERY, Linux 6.11). The answer is the same,
    and `path` is then right about newlines in every case.

    A filter that is True keeps the maps that have the property, one that is
    False the maps that lack it; None keeps both. The kernel itself looks for
    properties that are True. A map is file_backed if it has a source: a file, a
    device or shared memory.

    A kernel thread or a zombie has no maps: the list is empty. If the first
    thread of a process has ended, a living thread is read. If a process changes
    its maps while they are listed, the list is not that of one moment (neither
    is the text, since Linux 6.17): a page that is mapped meanwhile can be listed
    twice or not at all. A map that stays all the time is listed.

    `proc` is the mount of procfs to look in; see pids().

    Raises ProcessLookupError if there is no such process, PermissionError if
    its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
    another OSError if reading fails otherwise, all with `errno` and `filename`;
    NotImplementedError on systems other than Linux.

    Source: `/proc/<pid>/maps`, proc(5); do_procmap_query in the kernel's
    fs/proc/task_mmu.c.
    """

def from_core(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> list[Map]:
    """Return the memory maps of a process that has died, from its core file.

    Ranges and permissions are those of the program headers PT_LOAD, names and
    offsets those of the note NT_FILE. A core file tells neither device nor
    inode, which are 0, and rarely whether memory was shared: it is private
    unless the file tells otherwise. As far as the notes tell, [heap], [stack]
    and [vdso] have their names. What gdb's gcore leaves out has the permissions
    that its file's program headers give it, or '---p' where these are not in the
    core file either.

    Headers and notes alone are read, however long the file is; one that was cut short
    is read as far as it goes.

    Raises the OSError that the system means, with `errno` and `filename`, and
    ParseError if it is not a core file, with the offset of the fault.

    Source: core(5); elf_core_dump in the kernel's fs/binfmt_elf.c.
    """

def from_path(
    path: str | bytes | os.PathLike[str] | os.PathLike[bytes],
    *,
    errors: Literal["strict", "skip"] = "strict",
) -> list[Map]:
    """Return the memory maps in a file, such as a saved copy of `/proc/<pid>/maps`.

    FreeBSD's `/proc/<pid>/map` is read as well; offset, device and inode, which
    it lacks, are 0. With errors='skip', other lines are left out and blanks
    before a line are allowed, to find the maps in a report.

    Raises the OSError that the system means, with `errno` and `filename`, and
    ParseError at the first line that is not a maps line.
    """

def from_str(
    maps_data: str, *, errors: Literal["strict", "skip"] = "strict"
) -> list[Map]:
    """Return the memory maps in text that has the form of `/proc/<pid>/maps`.

    Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
    them. FreeBSD's form and errors='skip' are as for from_path().

    Raises ParseError at the first line that is not a maps line.
    """

def from_bytes(
    maps_data: bytes | bytearray | memoryview,
    *,
    errors: Literal["strict", "skip"] = "strict",
) -> list[Map]:
    """Return the memory maps in bytes that have the form of `/proc/<pid>/maps`.

    Takes bytes, bytearray, memoryview or any other object with a buffer. FreeBSD's
    form and errors='skip' are as for from_path().

    Raises ParseError at the first line that is not a maps line.
    """

def pids(*, proc: _Path = "/proc") -> list[int]:
    """Return the numbers of all processes, in their order.

    `proc` is the mount of procfs to look in, such as that of a container's host,
    `/host/proc`. A mount with the option hidepid=2 lists only processes of the
    same user, and does not tell that it hides others; see proc(5).

    Raises FileNotFoundError if `proc` is not there or no procfs is mounted at it,
    with `errno` and `filename`; NotImplementedError on systems other than Linux.
    """

@final
class Core:
    """A process that has died, as its core file tells: what Process is for a living
    one.

    Maps are those of procmaps.from_core. Modules are exact where the program headers of
    their files are known: the kernel and gdb write the start of each into the core
    file, unless bit 4 of `/proc/<pid>/coredump_filter` is off. Where it has only a part
    of them, the file on the disk is read if its build ID is the one in the core file.
    Otherwise modules are as AddressSpace.modules has them.

    A Core is a context manager, is closed when nothing refers to it any more, and can
    be shared by threads. After close() its methods raise ValueError.

    Raises what procmaps.from_core raises.
    """

    def __new__(
        cls, path: str | bytes | os.PathLike[str] | os.PathLike[bytes]
    ) -> Self: ...
    @property
    def pid(self) -> int | None:
        """The number that the process had, also after close(); None where the core file
        does not tell.
        """
    @property
    def program(self) -> str | None:
        """The path of the program that died, also after close(); None where the core
        file does not tell.

        It is the file that had the program headers (AT_PHDR in the note NT_AUXV), less
        ' (deleted)': what `/proc/<pid>/exe` named.
        """
    def maps(self) -> list[Map]:
        """Return all maps of the process; see procmaps.from_core."""
    def address_space(self) -> AddressSpace:
        """Return all maps of the process as an AddressSpace; see maps(). Its modules
        are as from text, those of modules() are exact.
        """
    def modules(self) -> tuple[Module, ...]:
        """Return the modules, in the order of their lowest maps: each file at each
        place where it was mapped or loaded, with `load_bias` where its program headers
        are known.
        """
    def find(self, address: SupportsIndex) -> Map | None:
        """Return the map that contains an address, or None; see AddressSpace.find()."""
    def resolve(self, address: SupportsIndex) -> Location | None:
        """Return what lay at the address: the map, its module among modules(), and
        where in them; None where nothing was mapped.

        Raises TypeError if the address is not an integer.
        """
    def build_id(self, where: SupportsIndex | Map | Module) -> bytes | None:
        """Return the build ID of the ELF file that was mapped at an address, or of that
        of a Map or a Module: the content of its note NT_GNU_BUILD_ID; None where no
        such file was mapped, it has none or the core file does not have it.

        Raises TypeError for an argument of another type, OverflowError for an address
        outside of 64 bits.
        """
    def close(self) -> None:
        """Close the core file. Closing twice does no harm. A question that another
        thread has asked is still answered.
        """
    @property
    def closed(self) -> bool:
        """Whether close() was called."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Process:
    """A live process, whose `/proc/<pid>/maps` is held open: every answer is about
    the address space that the process had when it was opened, also if another
    process gets the pid later.

    find() and find_next() ask the kernel for one map (ioctl PROCMAP_QUERY, Linux
    6.11), which takes the same time however many maps there are; maps() asks for
    one after the other where that costs less than the text. On an older kernel
    they read the text, with the same answer; with query=False they always do.
    `proc` is the mount of procfs to look in; see pids().

    Once the process has ended, or executed another program, every question
    raises ProcessLookupError. A process that has no maps when it is opened, a
    kernel thread or a zombie, has an empty list of them. If the first thread of
    a process has ended, a living thread is asked.

    A Process is a context manager, is closed when nothing refers to it any more,
    and can be shared by threads and with the child of a fork. After close() its
    methods raise ValueError. Each reading of text opens a file of its own, so
    readers don't disturb each other; it takes the same rights as opening the
    Process.

    Raises ProcessLookupError if there is no such process, PermissionError if its
    maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS), another
    OSError if opening fails otherwise, all with `errno` and `filename`;
    NotImplementedError on systems other than Linux.

    Source: `/proc/<pid>/maps`, proc(5); do_procmap_query in the kernel's
    fs/proc/task_mmu.c.
    """

    def __new__(
        cls, pid: SupportsIndex, *, query: bool = True, proc: _Path = "/proc"
    ) -> Self: ...
    @property
    def pid(self) -> int:
        """The number of the process, also after close()."""
    @property
    def has_maps(self) -> bool:
        """Whether the process had an address space when it was opened. A kernel thread
        and a zombie have none.
        """
    @property
    def is_query_supported(self) -> bool:
        """Whether single maps are asked for with PROCMAP_QUERY, found out when the
        process was opened; otherwise they are looked for in the text.
        """
    def maps(
        self,
        *,
        readable: bool | None = None,
        writable: bool | None = None,
        executable: bool | None = None,
        shared: bool | None = None,
        file_backed: bool | None = None,
    ) -> list[Map]:
        """Return all maps of the process that the filters keep, as the kernel lists
        them now; see from_pid().
        """
    def address_space(self) -> AddressSpace:
        """Return all maps of the process as an AddressSpace; see maps()."""
    def smaps(self) -> list[MemoryUsage]:
        """Return what each map of the process costs in memory now; see
        smaps_from_pid().

        Unlike that function, it is never about another process that has got the pid.

        Raises ProcessLookupError if the process is gone, also if it ends while it is
        read.
        """
    def rollup(self) -> MemoryUsage:
        """Return what all maps of the process cost together now, as the function of
        that name does.

        Raises what smaps() raises.
        """
    def find(self, address: SupportsIndex) -> Map | None:
        """Return the map that contains an address, or None.

        If the kernel was asked, `path` is right about newlines in every case.

        Raises TypeError if the address is not an integer, OverflowError if it is one
        outside of 64 bits, ProcessLookupError if the process is gone.
        """
    def find_next(
        self,
        address: SupportsIndex,
        *,
        readable: bool | None = None,
        writable: bool | None = None,
        executable: bool | None = None,
        shared: bool | None = None,
        file_backed: bool | None = None,
    ) -> Map | None:
        """Return the map that contains an address, or else the next one above it, of
        those that the filters of from_pid() keep, or None where there is none; see
        find().
        """
    def modules(self) -> tuple[Module, ...]:
        """Return the modules of the process, by the program headers of their files,
        which tell which map is which segment, and the `load_bias`.

        The files are found as open() finds them. Only their headers are read, once
        for each file, at most 64 KiB. If they can't be read or don't fit the maps,
        as those of a file that has changed, the module is the one that
        AddressSpace.modules gives.

        Raises what maps() raises.
        """
    def resolve(self, address: SupportsIndex) -> Location | None:
        """Return what lies at an address: the map that find() returns, its module, as
        modules() has it, and where in them; None where nothing is mapped.

        Only the file at the address is read, and once: as long as the map stays the
        same, later answers use the same module.

        Raises what find() raises.
        """
    @property
    def program(self) -> str:
        """The path of the program that the process executes, without the ' (deleted)'
        of one that was unlinked, as its own root directory has it.

        Raises FileNotFoundError for a kernel thread, ProcessLookupError for a process
        that is gone or a zombie, PermissionError as find() does.

        Source: `/proc/<pid>/exe`, proc_pid_exe(5).
        """
    def path_of(self, where: SupportsIndex | Map | Module) -> str:
        """Return a path by which other programs can open the file that is mapped, as
        long as it is mapped: at an address, in a Map or in a Module.

        It is found as open() finds it, and is the mapped file: below `proc` in
        `<pid>/map_files`, else `<pid>/exe` or `<pid>/root`, or else the path that it
        has in the caller's root directory.

        Raises what open() raises.
        """
    def build_id(self, where: SupportsIndex | Map | Module) -> bytes | None:
        """Return the build ID of the ELF file that is mapped at an address, in a Map or
        in a Module, the content of its note NT_GNU_BUILD_ID; None where no regular
        file is mapped or it has none.

        The file is read, found as open() finds it. If it can't be opened and
        PROCMAP_QUERY is supported, the kernel is asked, which knows build IDs of at
        most 20 bytes; but only if the name tells that it is a regular file. Other
        files are never read, since a socket would lose what it has received.

        Raises what find() raises, and what open() raises for the file.
        """
    def open(self, where: SupportsIndex | Map | Module) -> BinaryIO:
        """Open the file that is mapped, for reading in binary: at an address, in a Map
        or in a Module.

        It is found wherever the process lives, in a container too. With
        CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN it is opened through
        `/proc/<pid>/map_files`, which has deleted files and files without a path
        too, such as a memfd. Otherwise the program is opened through
        `/proc/<pid>/exe`, and the path of any other file is looked up in
        `/proc/<pid>/root` and in the caller's root directory. The file that is
        opened is the mapped one or none: its device and inode are those of the map.
        Files of different btrfs subvolumes, or layers of an overlay, can have these
        in common; there a link also has to lead to the map's name, and a path to a
        file with the build ID that PROCMAP_QUERY gives. The `name` of the file
        object is the pathname of the map.

        Raises ValueError for a map without a source, FileNotFoundError if the file
        is not there any more or another one is in its place, PermissionError if your
        rights don't suffice, ProcessLookupError if the process is gone, and for an
        address what find() raises.
        """
    def close(self) -> None:
        """Close the files of the process. Closing twice does no harm. A question that
        another thread has asked is still answered.
        """
    @property
    def closed(self) -> bool:
        """Whether close() was called."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

def find(
    pid: SupportsIndex, address: SupportsIndex, *, proc: _Path = "/proc"
) -> Map | None:
    """Return the map of a running process that contains an address, or None: one
    question to a Process that is opened for it. For several addresses keep a
    Process open: it can't be confused with another one that gets the pid later.

    Raises what Process() and Process.find() raise.
    """

def smaps_from_pid(pid: SupportsIndex, *, proc: _Path = "/proc") -> list[MemoryUsage]:
    """Return what each memory mapping of a running process costs now.

    The kernel walks through the page tables for it, so it takes longer than
    from_pid(). A kernel thread or a zombie has no maps: the list is empty.

    Raises ProcessLookupError if there is no such process, PermissionError if
    its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
    another OSError if reading fails otherwise, all with `errno` and `filename`;
    NotImplementedError on systems other than Linux.

    Source: `/proc/<pid>/smaps`, proc(5).
    """

def smaps_from_path(
    path: str | bytes | os.PathLike[str] | os.PathLike[bytes],
) -> list[MemoryUsage]:
    """Return what each memory mapping in a file costs, such as a saved copy of
    `/proc/<pid>/smaps` or `/proc/<pid>/smaps_rollup`.

    Raises the OSError that the system means, with `errno` and `filename`, and
    ParseError at the first line that does not belong there.
    """

def smaps_from_str(smaps_data: str) -> list[MemoryUsage]:
    """Return what each memory mapping costs in text that has the form of
    `/proc/<pid>/smaps`: a maps line, then fields such as `Rss: 4 kB`, in any
    order and spacing.

    Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
    them. Raises ParseError at the first line that does not belong there; plain
    maps text, which has no fields, is refused too.
    """

def smaps_from_bytes(smaps_data: bytes | bytearray | memoryview) -> list[MemoryUsage]:
    """Return what each memory mapping costs in bytes that have the form of
    `/proc/<pid>/smaps`; see smaps_from_str().

    Takes bytes, bytearray, memoryview or any other object with a buffer.
    """

def rollup(pid: SupportsIndex, *, proc: _Path = "/proc") -> MemoryUsage:
    """Return what all mappings of a running process cost together, as the kernel
    adds it up: a MemoryUsage whose map is the range from the first to the last,
    named '[rollup]'.

    The kernel leaves out `size`, and fields that can't be added up. It has
    pss_anon, pss_file and pss_shmem, which single mappings don't have. Kernels
    before 4.14 have no such file: there it is sum_usage(smaps_from_pid(pid)), as
    it is for a process without maps, whose sum is 0.

    Raises what smaps_from_pid() raises.

    Source: `/proc/<pid>/smaps_rollup`; show_smaps_rollup in the kernel's
    fs/proc/task_mmu.c.
    """

def sum_usage(usages: Iterable[MemoryUsage]) -> MemoryUsage:
    """Return what all these mappings cost together, as a MemoryUsage whose map is
    the range from the lowest address to the highest, named '[rollup]'.

    A field is None unless every mapping has it. Page sizes, thp_eligible,
    protection_key and vm_flags are None, and extra is empty, because they can't
    be added up. The sum of nothing is 0. A sum of sums is the sum of all their
    parts.

    Over mappings of several processes, pss, uss and swap_pss still add up to
    what is in use; rss counts a shared page once for each process. Each pss is
    rounded down to 1024 bytes, so a sum is at most that much per mapping below
    the pss of rollup().

    Raises OverflowError if a sum does not fit in 64 bits, TypeError if one of
    them is not a MemoryUsage.
    """

@overload
def sum_usage_by(
    usages: Iterable[MemoryUsage], key: Literal["pathname", "module"]
) -> dict[str | None, MemoryUsage]: ...
@overload
def sum_usage_by(
    usages: Iterable[MemoryUsage], key: Literal["kind"]
) -> dict[Kind, MemoryUsage]: ...
@overload
def sum_usage_by(
    usages: Iterable[MemoryUsage], key: Callable[[MemoryUsage], _Key]
) -> dict[_Key, MemoryUsage]:
    """Return a dict with what these mappings cost, in groups: from what the mappings
    of a group have in common to their sum_usage(), in the order in which the
    groups first occur.

    The key 'pathname' is the name as printed, None for mappings without one;
    'module' is the path of the mapped file or device, so that a deleted file
    counts with the one that took its place, None for all other mappings;
    'kind' is the kind, such as 'heap'. A function is called with each MemoryUsage,
    and what it returns, anything that can be a key of a dict, names the group.

    Raises ValueError for another key, and what sum_usage() and the function raise.
    """

@final
class _ArrowTable:
    """What is behind procmaps.arrow.Table, which documents it."""

    @staticmethod
    def from_maps(
        maps: Iterable[Map],
        source: _Path | None,
        raw_names: bool,
        signed: bool,
    ) -> _ArrowTable: ...
    @staticmethod
    def from_usages(
        usages: Iterable[MemoryUsage],
        source: _Path | None,
        raw_names: bool,
        signed: bool,
    ) -> _ArrowTable: ...
    @staticmethod
    def from_documents(
        pairs: Iterable[tuple[_Path, str | bytes | bytearray | memoryview]],
        what: str,
        errors: str,
        raw_names: bool,
        signed: bool,
    ) -> _ArrowTable: ...
    @staticmethod
    def from_paths(
        paths: Iterable[_Path],
        what: str,
        errors: str,
        threads: SupportsIndex | None,
        raw_names: bool,
        signed: bool,
    ) -> _ArrowTable: ...
    @staticmethod
    def from_pids(
        pids: Iterable[SupportsIndex] | None,
        what: str,
        errors: str,
        threads: SupportsIndex | None,
        raw_names: bool,
        signed: bool,
        proc: _Path,
    ) -> _ArrowTable: ...
    @property
    def column_names(self) -> tuple[str, ...]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType: ...
    def __arrow_c_schema__(self) -> CapsuleType: ...
