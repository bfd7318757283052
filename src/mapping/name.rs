//! What a pathname field says: the kind of mapping, the clean path, deleted.
//!
//! The forms come from `show_map_vma` and the `d_path` of each file system
//! (`fs/proc/task_mmu.c`, `mm/shmem.c`, `ipc/shm.c`, `fs/hugetlbfs/inode.c`,
//! `fs/aio.c`, `fs/anon_inodes.c`); older and other kernels are named beside
//! their form. Everything here is lexical: a file may bear any of these names.

use std::borrow::Cow;
use std::collections::TryReserveError;

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
    ///
    /// # Errors
    ///
    /// If there is no memory for a path other than the name.
    pub fn new(pathname: Option<&'a [u8]>) -> Result<Self, TryReserveError> {
        let parts = Self::as_it_stands(pathname);
        let path = match parts.path {
            Some(Cow::Borrowed(path)) => Some(unescape(path)?),
            path => path,
        };
        Ok(Self { path, ..parts })
    }

    /// The path is a part of the name, whatever is escaped in it.
    fn as_it_stands(pathname: Option<&'a [u8]>) -> Self {
        let kind = Kind::of(pathname);
        let name = pathname.filter(|_| kind.has_path());
        let live = name.and_then(|name| name.strip_suffix(DELETED));
        Self {
            kind,
            is_deleted: live.is_some(),
            path: live.or(name).map(Cow::Borrowed),
        }
    }

    /// Takes a name apart that is not escaped, such as `PROCMAP_QUERY` gives it:
    /// a newline stands as itself, so that the path is certain.
    pub fn of_unescaped(name: &'a [u8]) -> Self {
        Self::as_it_stands(Some(name))
    }
}

/// The name as the kernel prints it, with every LF escaped.
///
/// # Errors
///
/// If there is no memory for another name.
pub fn escape(name: &[u8]) -> Result<Cow<'_, [u8]>, TryReserveError> {
    replace(name, b"\n", ESCAPED_LF)
}

/// The path with every escaped LF put back.
///
/// # Errors
///
/// If there is no memory for another path.
pub fn unescape(path: &[u8]) -> Result<Cow<'_, [u8]>, TryReserveError> {
    replace(path, ESCAPED_LF, b"\n")
}

/// The text with every `old` replaced by `new`.
fn replace<'a>(text: &'a [u8], old: &[u8], new: &[u8]) -> Result<Cow<'a, [u8]>, TryReserveError> {
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some((before, found)) =
        memmem::find(rest, old).and_then(|at| rest.split_at_checked(at))
    {
        replaced.try_reserve(before.len().saturating_add(new.len()))?;
        replaced.extend_from_slice(before);
        replaced.extend_from_slice(new);
        rest = found.strip_prefix(old).unwrap_or_default();
    }
    if rest.len() == text.len() {
        return Ok(Cow::Borrowed(text));
    }
    replaced.try_reserve(rest.len())?;
    replaced.extend_from_slice(rest);
    Ok(Cow::Owned(replaced))
}

#[cfg(test)]
mod tests;
