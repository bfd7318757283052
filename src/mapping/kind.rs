//! The kind of a mapping, judged by its name.
//!
//! The forms come from `show_map_vma` and the `d_path` of each file system
//! (`fs/proc/task_mmu.c`, `mm/shmem.c`, `ipc/shm.c`, `fs/hugetlbfs/inode.c`,
//! `fs/aio.c`, `fs/anon_inodes.c`); older and other kernels are named beside
//! their form. A file may bear any of these names.

use super::name::DELETED;

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

#[cfg(test)]
mod tests;
