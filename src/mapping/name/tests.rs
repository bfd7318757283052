use super::*;

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
        let parts = Name::new(name.as_bytes(), Spelling::Printed).unwrap();
        assert_eq!(parts.as_bytes(), name.as_bytes());
        assert_eq!(parts.is_deleted(), is_deleted, "{name}");
        assert_eq!(parts.path(), path.map(str::as_bytes), "{name}");
        assert_eq!(parts.is_path(), path == Some(name), "{name}");
    }
}

#[test]
fn a_raw_name_has_a_certain_path() {
    for (name, printed, path) in [
        (&b"/a\nb"[..], &br"/a\012b"[..], Some(&b"/a\nb"[..])),
        (br"/a\012b", br"/a\012b", Some(br"/a\012b")),
        (b"/\n\n (deleted)", br"/\012\012 (deleted)", Some(b"/\n\n")),
        (b"/dev/\n", br"/dev/\012", Some(b"/dev/\n")),
        (b"/memfd:\n (deleted)", br"/memfd:\012 (deleted)", None),
        (b"[heap]", b"[heap]", None),
    ] {
        let parts = Name::new(name, Spelling::Raw).unwrap();
        assert_eq!(parts.as_bytes(), printed);
        assert_eq!(parts.path(), path);
        assert_eq!(parts.kind(), Kind::of(Some(printed)));
        assert_eq!(parts.is_made_of(name, Spelling::Raw), name == printed);
        let other = Name::new(printed, Spelling::Printed).unwrap();
        assert!(other.is_made_of(printed, Spelling::Printed));
        let is_other = other.path().is_some_and(|path| path.contains(&b'\n'));
        assert_eq!(other.is_made_of(printed, Spelling::Raw), !is_other);
    }
}

#[test]
fn a_file_name_is_the_last_part_of_the_path() {
    for (name, file_name) in [
        ("/usr/lib/libc.so.6", "libc.so.6"),
        ("/usr/lib/libc.so.6 (deleted)", "libc.so.6"),
        ("/", ""),
        ("/memfd:x (deleted)", "memfd:x"),
        ("[heap]", "[heap]"),
    ] {
        let parts = Name::new(name.as_bytes(), Spelling::Printed).unwrap();
        assert_eq!(parts.file_name(), file_name.as_bytes(), "{name}");
    }
}

#[test]
fn names_are_ordered_by_code_points_of_which_bytes_are_some() {
    let mut names: Vec<&[u8]> = vec![
        "\u{10000}".as_bytes(),
        b"\xff",
        "\u{e000}".as_bytes(),
        b"\x80",
        "\u{d7ff}".as_bytes(),
        b"a",
        b"a\xff",
        b"a\x80b",
    ];
    names.sort_by(|a, b| compare(a, b));
    let expected: Vec<&[u8]> = vec![
        b"a",
        b"a\x80b",
        b"a\xff",
        "\u{d7ff}".as_bytes(),
        b"\x80",
        b"\xff",
        "\u{e000}".as_bytes(),
        "\u{10000}".as_bytes(),
    ];
    assert_eq!(names, expected);
}
