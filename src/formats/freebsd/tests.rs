use super::*;

const LIBRARY: &str = "0x8002c1000 0x8002e2000 33 0 0xfffff8000a5c1000 r-x 2 1 0x1000 COW NC \
                       vnode /lib/libc.so.7 NCH -1";

/// The permissions and the name of a line.
fn read(line: &str) -> (&'static str, Option<&str>) {
    let mapping = parse(line.as_bytes()).unwrap();
    let name = mapping.pathname.map(|name| str::from_utf8(name).unwrap());
    (mapping.fields.permissions.as_str(), name)
}

/// The reason of the fault in a line.
fn reason(line: &str) -> String {
    let fault = parse(line.as_bytes()).unwrap_err();
    fault.at(1, line.as_bytes()).reason
}

#[test]
fn every_field_of_a_mapping_is_read() {
    let mapping = parse(LIBRARY.as_bytes()).unwrap();
    let fields = Fields {
        begin_address: 0x8_002c_1000,
        end_address: 0x8_002e_2000,
        permissions: Permissions::from_bytes(b"r-xp").unwrap(),
        offset: 0,
        device: Device::NONE,
        inode: 0,
    };
    assert_eq!(mapping.fields, fields);
    assert_eq!(mapping.pathname, Some(&b"/lib/libc.so.7"[..]));
}

#[test]
fn memory_with_a_source_is_shared_unless_copied_on_write() {
    let line = |copy, object_type, path| {
        format!("0x1000 0x2000 1 0 0 rw- 1 0 0x3000 {copy} NNC {object_type} {path} CH 1001")
    };
    for (copy, object_type, path, expected) in [
        ("COW", "vnode", "/a b", ("rw-p", Some("/a b"))),
        ("NCOW", "vnode", "/a", ("rw-s", Some("/a"))),
        ("NCOW", "device", "-", ("rw-s", None)),
        ("NCOW", "phys", "-", ("rw-s", None)),
        ("NCOW", "swap", "-", ("rw-p", None)),
        ("NCOW", "default", "-", ("rw-p", None)),
        ("NCOW", "none", "-", ("rw-p", None)),
        ("NCOW", "dead", "-", ("rw-p", None)),
        ("COW", "unknown", "-", ("rw-p", None)),
    ] {
        assert_eq!(read(&line(copy, object_type, path)), expected);
    }
}

#[test]
fn a_path_holds_what_looks_like_the_fields_after_it() {
    let line = LIBRARY.replace("/lib/libc.so.7", "/a  CH 12 NCH -1 ");
    assert_eq!(read(&line), ("r-xp", Some("/a  CH 12 NCH -1 ")));
}

#[test]
fn each_field_is_named_where_it_is_wrong() {
    for (old, new, expected) in [
        ("0x8002c1000 ", "0x ", "begin address: "),
        ("0x8002c1000 ", "0x12345678123456781 ", "begin address: "),
        ("0x8002e2000 ", "8002e2000 ", "end address: "),
        ("0x8002e2000 ", "0x8002e2000z ", "end address: "),
        (
            "0x8002e2000 ",
            "0x8002c0fff ",
            "end address: expected at least the begin address",
        ),
        (" 33 ", " -1 ", "resident pages: "),
        (" 33 0 ", " 33 x ", "private resident pages: "),
        ("0xfffff8000a5c1000", "(null)", "object: "),
        ("r-x", "rxw", "permissions: "),
        ("r-x ", "r-xp ", "permissions: "),
        ("r-x 2 ", "r-x two ", "reference count: "),
        (" 2 1 ", " 2 one ", "shadow count: "),
        ("0x1000 ", "1000 ", "flags: "),
        ("COW", "COWS", "copy-on-write: "),
        (" NC ", " CN ", "needs copy: "),
        ("vnode", "vnodes", "type: "),
        (" /lib/libc.so.7", "", "pathname: "),
        ("NCH -1", "", "charged user: "),
        ("NCH", "nch", "charged: "),
        ("-1", "nobody", "charged user: "),
        ("-1", "-1 ", "charged user: "),
        ("libc", "li\0bc", "pathname: "),
    ] {
        let line = LIBRARY.replacen(old, new, 1);
        assert_ne!(line, LIBRARY, "{old:?}");
        let reason = reason(&line);
        assert!(reason.starts_with(expected), "{old:?}: {reason}");
    }
}

#[test]
fn a_message_quotes_the_line_from_the_field_on() {
    assert_eq!(
        reason(&LIBRARY.replace("COW", "COPY")),
        r#"copy-on-write: expected "COW" or "NCOW" and a space, found "COPY NC vnode /lib/libc.so.7 NCH -1""#
    );
    assert_eq!(
        reason("0x1000"),
        r#"end address: expected "0x", hexadecimal digits (at most 64 bits) and a space, found the end of the line"#
    );
}

#[test]
fn any_line_cut_short_is_refused() {
    for end in 0..LIBRARY.len() {
        assert!(parse(&LIBRARY.as_bytes()[..end]).is_err(), "{end}");
    }
}

#[test]
fn a_line_is_of_this_form_by_its_beginning() {
    assert!(begins_line(LIBRARY.as_bytes()));
    assert!(begins_line(b"0x"));
    for line in ["", "0", "8002c1000-8002e2000 r-xp 0 0:0 0", " 0x8002c1000"] {
        assert!(!begins_line(line.as_bytes()), "{line:?}");
    }
}

#[test]
fn an_empty_mapping_is_legal() {
    let line = LIBRARY.replace("0x8002e2000", "0x8002c1000");
    assert_eq!(parse(line.as_bytes()).unwrap().fields.size(), 0);
}
