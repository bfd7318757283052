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
fn kinds_have_distinct_names() {
    let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 13);
}
