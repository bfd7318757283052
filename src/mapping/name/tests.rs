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
        let pathname = Pathname::new(Some(name.as_bytes())).unwrap();
        assert_eq!(pathname.is_deleted, is_deleted, "{name}");
        assert_eq!(pathname.path.as_deref(), path.map(str::as_bytes), "{name}");
    }
    assert_eq!(Pathname::new(None).unwrap().path, None);
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
        assert_eq!(escape(name).unwrap(), printed);
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
