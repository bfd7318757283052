use super::*;

const MAPPED: &str =
    "7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774                     /usr/lib/a b";

/// Both ways of reading a line, which have to agree.
fn read(line: &str) -> Result<Mapping<'_>, String> {
    let record = parse(line.as_bytes());
    assert_eq!(record, parse_any(line.as_bytes()), "{line:?}");
    record.map_err(|fault| fault.at(1, b"").reason)
}

#[test]
fn a_kernel_line_is_read_field_by_field() {
    let record = read(MAPPED).unwrap();
    let expected = Fields {
        begin_address: 0x7f3a_5c00_0000,
        end_address: 0x7f3a_5c02_1000,
        permissions: Permissions::from_bytes(b"r-xp").unwrap(),
        offset: 0x2000,
        device: Device {
            major: 0xfe,
            minor: 0,
        },
        inode: 247_774,
    };
    assert_eq!(record.fields, expected);
    assert_eq!(record.pathname, Some(&b"/usr/lib/a b"[..]));
}

#[test]
fn a_name_keeps_every_byte_but_its_leading_spaces() {
    for (rest, name) in [
        ("", None),
        (" ", None),
        ("    ", None),
        (" x", Some("x")),
        ("     x ", Some("x ")),
        (
            " /a  b\tc\r\u{b}\u{c}\u{85}\u{2028}",
            Some("/a  b\tc\r\u{b}\u{c}\u{85}\u{2028}"),
        ),
        (" \t", Some("\t")),
    ] {
        let line = format!("1000-2000 rw-s 0 0:0 5{rest}");
        assert_eq!(
            read(&line).unwrap().pathname,
            name.map(str::as_bytes),
            "{rest:?}"
        );
    }
    let bytes = b"1000-2000 rw-s 00000000 00:00 5 /\xff\xfe";
    assert_eq!(parse(bytes).unwrap().pathname, Some(&b"/\xff\xfe"[..]));
}

#[test]
fn the_widest_numbers_fit_and_wider_ones_name_their_field() {
    let widest = read(
        "ffffffffffffffff-FFFFFFFFFFFFFFFF ---p ffffffffffffffff \
                       ffffffff:ffffffff 18446744073709551615",
    )
    .unwrap()
    .fields;
    assert_eq!(widest.begin_address, u64::MAX);
    assert_eq!(widest.end_address, u64::MAX);
    assert_eq!(widest.offset, u64::MAX);
    assert_eq!(
        widest.device,
        Device {
            major: u32::MAX,
            minor: u32::MAX
        }
    );
    assert_eq!(widest.inode, u64::MAX);
    let zeros = read(
        "00000000000000000001-00000000000000000002 ---p 000000000000000000003 \
                      000000004:000000005 0000000000000000000000006",
    )
    .unwrap()
    .fields;
    assert_eq!(
        (zeros.begin_address, zeros.end_address, zeros.offset),
        (1, 2, 3)
    );
    assert_eq!(
        (zeros.device, zeros.inode),
        (Device { major: 4, minor: 5 }, 6)
    );
    for (line, field) in [
        ("10000000000000000-2 ---p 0 0:0 0", "begin address"),
        ("1-10000000000000000 ---p 0 0:0 0", "end address"),
        ("1-2 ---p 10000000000000000 0:0 0", "offset"),
        ("1-2 ---p 0 100000000:0 0", "device major"),
        ("1-2 ---p 0 0:100000000 0", "device minor"),
        ("1-2 ---p 0 0:0 18446744073709551616", "inode"),
    ] {
        let reason = read(line).unwrap_err();
        assert!(
            reason.starts_with(&format!("{field}: expected ")),
            "{reason}"
        );
    }
}

#[test]
fn a_fault_names_the_field_what_it_should_be_and_what_is_there() {
    for (line, reason) in [
        (
            "",
            r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found the end of the line"#,
        ),
        (
            " 1-2 ---p",
            r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found " 1-2 ---p""#,
        ),
        (
            "1g-2 ---p",
            r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found "1g-2 ---p""#,
        ),
        (
            "1 2",
            r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found "1 2""#,
        ),
        (
            "1-",
            "end address: expected hexadecimal digits (at most 64 bits) and a space, found the end of the line",
        ),
        (
            "1-2\t---p",
            r#"end address: expected hexadecimal digits (at most 64 bits) and a space, found "2\t---p""#,
        ),
        (
            "2-1 ---p 0 0:0 0",
            r#"end address: expected at least the begin address, 2, found "1""#,
        ),
        (
            "1-2",
            r#"permissions: expected four characters such as "r-xp" and a space, found the end of the line"#,
        ),
        (
            "1-2  wr-p 0",
            r#"permissions: expected four characters such as "r-xp" and a space, found "wr-p 0""#,
        ),
        (
            "1-2 r--pp 0",
            r#"permissions: expected four characters such as "r-xp" and a space, found "r--pp 0""#,
        ),
        (
            "1-2 r--p 0x",
            r#"offset: expected hexadecimal digits (at most 64 bits) and a space, found "0x""#,
        ),
        (
            "1-2 r--p 0 :1",
            r#"device major: expected hexadecimal digits (at most 32 bits) and ":", found ":1""#,
        ),
        (
            "1-2 r--p 0 1:",
            "device minor: expected hexadecimal digits (at most 32 bits) and a space, found the end of the line",
        ),
        (
            "1-2 r--p 0 1:1 -1 /x",
            r#"inode: expected decimal digits (at most 64 bits), then a space or the end, found "-1 /x""#,
        ),
        (
            "1-2 r--p 0 1:1 12/x",
            r#"inode: expected decimal digits (at most 64 bits), then a space or the end, found "12/x""#,
        ),
        (
            "1-2 r--p 0 1:1 12 /x\0y",
            r#"pathname: expected no NUL byte, found "\x00y""#,
        ),
        (
            "1-2 r--p 0 1:1 12 \0",
            r#"pathname: expected no NUL byte, found "\x00""#,
        ),
    ] {
        assert_eq!(read(line).unwrap_err(), reason, "{line:?}");
    }
}

#[test]
fn an_empty_mapping_is_legal() {
    assert_eq!(read("1-1 ---p 0 0:0 0").unwrap().fields.end_address, 1);
}
