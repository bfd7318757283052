//! What a pathname field says: the kind of mapping, the clean path, deleted.
//!
//! The forms come from `show_map_vma` and the `d_path` of each file system
//! (`fs/proc/task_mmu.c`, `mm/shmem.c`, `ipc/shm.c`, `fs/hugetlbfs/inode.c`,
//! `fs/aio.c`, `fs/anon_inodes.c`); older and other kernels are named beside
//! their form. Everything here is lexical: a file may bear any of these names.

use std::borrow::Cow;

use memchr::memmem;

/// What is mapped, as far as the name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file in a file system, `/dev/shm` included.
    File,
    /// No name, or a name given with `PR_SET_VMA_ANON_NAME`: `[anon:...]`.
    Anonymous,
    /// `[heap]`, the program break.
    Heap,
    /// `[stack]`; before Linux 4.5 also `[stack:<tid>]`.
    Stack,
    /// `[vdso]`, code that the kernel lends to every process.
    Vdso,
    /// `[vvar]` and `[vvar_vclock]`, the data of the vdso.
    Vvar,
    /// `[vsyscall]`, the fixed page of old x86-64 system calls.
    Vsyscall,
    /// `memfd_create(2)` and `memfd_secret(2)`.
    Memfd,
    /// System V and shared anonymous memory.
    SharedMemory,
    /// Anonymous huge pages (`MAP_HUGETLB`).
    Hugetlb,
    /// A device node: anything under `/dev` but `/dev/shm`.
    Device,
    /// `anon_inode:...`, such as an `io_uring` or a perf buffer.
    AnonInode,
    /// What has no file behind it and fits no other kind.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::File,
        Self::Anonymous,
        Self::Heap,
        Self::Stack,
        Self::Vdso,
        Self::Vvar,
        Self::Vsyscall,
        Self::Memfd,
        Self::SharedMemory,
        Self::Hugetlb,
        Self::Device,
        Self::AnonInode,
        Self::Other,
    ];

    /// The kind that a name stands for.
    #[must_use]
    pub fn of(pathname: Option<&[u8]>) -> Self {
        match pathname {
            None => Self::Anonymous,
            Some(name) if name.starts_with(b"/") => Self::of_absolute(name),
            Some(name) if name.starts_with(b"[") => Self::of_bracketed(name),
            Some(name) if name.starts_with(b"anon_inode:") => Self::AnonInode,
            // gVisor prints System V memory without a slash, its key in decimal.
            Some(name) if name.starts_with(b"SYSV") => Self::SharedMemory,
            Some(_) => Self::Other,
        }
    }

    fn of_absolute(name: &[u8]) -> Self {
        match name {
            b"/dev/zero (deleted)" => Self::SharedMemory,
            b"/anon_hugepage (deleted)" => Self::Hugetlb,
            b"/secretmem (deleted)" => Self::Memfd,
            b"/[aio] (deleted)" => Self::Other,
            _ if name.starts_with(b"/memfd:") => Self::Memfd,
            _ if name.starts_with(b"/dmabuf:") => Self::Other,
            _ if is_sysv(name) => Self::SharedMemory,
            _ if name.starts_with(b"/dev/shm/") => Self::File,
            _ if name.starts_with(b"/dev/") => Self::Device,
            _ => Self::File,
        }
    }

    fn of_bracketed(name: &[u8]) -> Self {
        match name {
            b"[heap]" => Self::Heap,
            b"[stack]" => Self::Stack,
            b"[vdso]" => Self::Vdso,
            b"[vvar]" | b"[vvar_vclock]" => Self::Vvar,
            b"[vsyscall]" => Self::Vsyscall,
            _ if name.starts_with(b"[anon:") => Self::Anonymous,
            _ if name.starts_with(b"[anon_shmem:") => Self::SharedMemory,
            _ if is_thread_stack(name) => Self::Stack,
            _ => Self::Other,
        }
    }

    /// The name of this kind in Python and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Anonymous => "anonymous",
            Self::Heap => "heap",
            Self::Stack => "stack",
            Self::Vdso => "vdso",
            Self::Vvar => "vvar",
            Self::Vsyscall => "vsyscall",
            Self::Memfd => "memfd",
            Self::SharedMemory => "shared_memory",
            Self::Hugetlb => "hugetlb",
            Self::Device => "device",
            Self::AnonInode => "anon_inode",
            Self::Other => "other",
        }
    }

    /// Whether a mapping of this kind has a path in the file system.
    #[inline]
    #[must_use]
    pub fn has_path(self) -> bool {
        matches!(self, Self::File | Self::Device)
    }
}

/// `/SYSV` and the key in eight hexadecimal digits; always unlinked.
fn is_sysv(name: &[u8]) -> bool {
    name.strip_prefix(b"/SYSV")
        .and_then(|rest| rest.strip_suffix(DELETED))
        .is_some_and(|key| key.len() == 8 && key.iter().all(u8::is_ascii_hexdigit))
}

fn is_thread_stack(name: &[u8]) -> bool {
    name.strip_prefix(b"[stack:")
        .and_then(|rest| rest.strip_suffix(b"]"))
        .is_some_and(|tid| !tid.is_empty() && tid.iter().all(u8::is_ascii_digit))
}

/// What `d_path` appends to the name of an unlinked file.
pub const DELETED: &[u8] = b" (deleted)";

/// LF is the one character that the kernel escapes in a name.
const ESCAPED_LF: &[u8] = br"\012";

/// A name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pathname<'a> {
    /// What is mapped.
    pub kind: Kind,
    /// Whether the name carries the mark of an unlinked file or device.
    pub is_deleted: bool,
    /// The file's path; `None` for kinds that have none.
    pub path: Option<Cow<'a, [u8]>>,
}

impl<'a> Pathname<'a> {
    /// Takes a name field apart. At most one ` (deleted)` goes from the path,
    /// and `\012` in it is read as a newline: a file whose name really holds
    /// those characters prints the same.
    #[must_use]
    pub fn new(pathname: Option<&'a [u8]>) -> Self {
        let kind = Kind::of(pathname);
        let Some(name) = pathname.filter(|_| kind.has_path()) else {
            return Self {
                kind,
                is_deleted: false,
                path: None,
            };
        };
        let live = name.strip_suffix(DELETED);
        Self {
            kind,
            is_deleted: live.is_some(),
            path: Some(unescape(live.unwrap_or(name))),
        }
    }

    /// Takes a name apart that is not escaped, such as `PROCMAP_QUERY` gives it:
    /// a newline stands as itself, so that the path is certain.
    #[must_use]
    pub fn of_unescaped(name: &'a [u8]) -> Self {
        let guess = Self::new(Some(name));
        Self {
            path: guess
                .path
                .is_some()
                .then(|| Cow::Borrowed(name.strip_suffix(DELETED).unwrap_or(name))),
            ..guess
        }
    }
}

/// The name as the kernel prints it, with every LF escaped.
#[must_use]
pub fn escape(name: &[u8]) -> Cow<'_, [u8]> {
    replace(name, b"\n", ESCAPED_LF)
}

/// The path with every escaped LF put back.
#[must_use]
pub fn unescape(path: &[u8]) -> Cow<'_, [u8]> {
    replace(path, ESCAPED_LF, b"\n")
}

/// The text with every `old` replaced by `new`.
fn replace<'a>(text: &'a [u8], old: &[u8], new: &[u8]) -> Cow<'a, [u8]> {
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some((before, found)) =
        memmem::find(rest, old).and_then(|at| rest.split_at_checked(at))
    {
        replaced.extend_from_slice(before);
        replaced.extend_from_slice(new);
        rest = found.strip_prefix(old).unwrap_or_default();
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    replaced.extend_from_slice(rest);
    Cow::Owned(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_kind() {
        for (name, kind) in [
            ("/usr/lib/libc.so.6", Kind::File),
            ("/usr/lib/libc.so.6 (deleted)", Kind::File),
            ("/", Kind::File),
            ("/dev/shm/x", Kind::File),
            ("/dev/shm/x (deleted)", Kind::File),
            ("/dev/shmem", Kind::Device),
            ("/devices", Kind::File),
            ("/dev/zero", Kind::Device),
            ("/dev/dri/card0", Kind::Device),
            ("/dev/zero (deleted)", Kind::SharedMemory),
            ("/SYSV00000000 (deleted)", Kind::SharedMemory),
            ("/SYSVdeadBEEF (deleted)", Kind::SharedMemory),
            ("/SYSV00000000", Kind::File),
            ("/SYSV0000000 (deleted)", Kind::File),
            ("SYSV00000007", Kind::SharedMemory),
            ("[anon_shmem:glue]", Kind::SharedMemory),
            ("/memfd: (deleted)", Kind::Memfd),
            ("/memfd:x (deleted)", Kind::Memfd),
            ("/secretmem (deleted)", Kind::Memfd),
            ("/anon_hugepage (deleted)", Kind::Hugetlb),
            ("/anon_hugepage", Kind::File),
            ("[anon:]", Kind::Anonymous),
            ("[anon: a b]", Kind::Anonymous),
            ("[heap]", Kind::Heap),
            ("[stack]", Kind::Stack),
            ("[stack:4711]", Kind::Stack),
            ("[stack:]", Kind::Other),
            ("[vdso]", Kind::Vdso),
            ("[vvar]", Kind::Vvar),
            ("[vvar_vclock]", Kind::Vvar),
            ("[vsyscall]", Kind::Vsyscall),
            ("[uprobes]", Kind::Other),
            ("[rollup]", Kind::Other),
            ("anon_inode:[io_uring]", Kind::AnonInode),
            ("socket:[37694]", Kind::Other),
            ("/[aio] (deleted)", Kind::Other),
            ("/dmabuf:", Kind::Other),
        ] {
            assert_eq!(Kind::of(Some(name.as_bytes())), kind, "{name}");
        }
        assert_eq!(Kind::of(None), Kind::Anonymous);
    }

    #[test]
    fn only_files_and_devices_have_a_path_and_can_be_deleted() {
        for (name, is_deleted, path) in [
            ("/a", false, Some("/a")),
            ("/a (deleted)", true, Some("/a")),
            ("/a (deleted) (deleted)", true, Some("/a (deleted)")),
            ("/a(deleted)", false, Some("/a(deleted)")),
            ("/dev/x (deleted)", true, Some("/dev/x")),
            (r"/a\012b\012\012 (deleted)", true, Some("/a\nb\n\n")),
            (r"/a\0123\01\", false, Some("/a\n3\\01\\")),
            (r"/a\\012", false, Some("/a\\\n")),
            ("/memfd:x (deleted)", false, None),
            ("/dev/zero (deleted)", false, None),
            ("[heap]", false, None),
        ] {
            let pathname = Pathname::new(Some(name.as_bytes()));
            assert_eq!(pathname.is_deleted, is_deleted, "{name}");
            assert_eq!(pathname.path.as_deref(), path.map(str::as_bytes), "{name}");
        }
        assert_eq!(Pathname::new(None).path, None);
    }

    #[test]
    fn an_unescaped_name_has_a_certain_path() {
        for (name, printed, path) in [
            (&b"/a\nb"[..], &br"/a\012b"[..], Some(&b"/a\nb"[..])),
            (br"/a\012b", br"/a\012b", Some(br"/a\012b")),
            (b"/\n\n (deleted)", br"/\012\012 (deleted)", Some(b"/\n\n")),
            (b"/dev/\n", br"/dev/\012", Some(b"/dev/\n")),
            (b"/memfd:\n (deleted)", br"/memfd:\012 (deleted)", None),
            (b"[heap]", b"[heap]", None),
        ] {
            let pathname = Pathname::of_unescaped(name);
            assert_eq!(escape(name), printed);
            assert_eq!(pathname.path.as_deref(), path);
            assert_eq!(pathname.kind, Kind::of(Some(printed)));
        }
    }

    #[test]
    fn kinds_have_distinct_names() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 13);
    }
}
