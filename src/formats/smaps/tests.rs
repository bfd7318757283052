use super::*;
use crate::formats::maps;

const HEADER: &str = "1000-3000 r-xp 00002000 08:01 42 /usr/bin/a";

fn read(text: &str) -> Result<Vec<MappingUsage<'_>>, ParseError> {
    records(Lines::from_file(text.as_bytes())).collect()
}

/// The message for this line after a header.
fn reason(line: &str) -> String {
    let text = format!("{HEADER}\nSwap: 0 kB\n\n{line}");
    let error = records(Lines::from_file(text.as_bytes()))
        .last()
        .unwrap()
        .unwrap_err();
    assert_eq!(
        (error.line_number, error.line),
        (4, line.as_bytes().to_vec())
    );
    error.reason
}

#[test]
fn fields_are_known_by_name_in_any_order() {
    let text = format!(
        "{HEADER}\nRss: 4 kB\nSize:8 kB\nVmFlags: rd mr \nTHPeligible: 1\nNew:  7 kB\n\
         {HEADER}\nSize: 12288\nName:  [anon:x y]\nRss:\t8 kB\nVmFlags:\nProtectionKey: 3\n"
    );
    let [first, second] = <[_; 2]>::try_from(read(&text).unwrap()).unwrap();
    assert_eq!(first.map, line::parse(HEADER.as_bytes()).unwrap());
    assert_eq!(first.usage.get(Field::Size), Some(8192));
    assert_eq!(first.usage.get(Field::Rss), Some(4096));
    assert_eq!(first.usage.get(Field::Pss), None);
    assert_eq!(first.usage.get(Field::ThpEligible), Some(1));
    assert_eq!(first.vm_flags, Some(&b"rd mr"[..]));
    assert_eq!(first.extra, [(&b"New"[..], Value::Number(7168))]);
    assert_eq!(second.usage.get(Field::Size), Some(12288));
    assert_eq!(second.usage.get(Field::Rss), Some(8192));
    assert_eq!(second.usage.get(Field::ThpEligible), None);
    assert_eq!(second.usage.get(Field::ProtectionKey), Some(3));
    assert_eq!(second.vm_flags, Some(&b""[..]));
    assert_eq!(second.extra, [(&b"Name"[..], Value::Text(b"[anon:x y]"))]);
}

#[test]
fn a_name_that_begins_like_the_usual_next_one_is_its_own() {
    let text = format!(
        "{HEADER}\nRss: 4 kB\nPss: 4 kB\n{HEADER}\nRss: 8 kB\nPss_Dirty: 1 kB\nPss: 2 kB\n"
    );
    let usage = read(&text).unwrap().pop().unwrap().usage;
    assert_eq!(usage.get(Field::PssDirty), Some(1024));
    assert_eq!(usage.get(Field::Pss), Some(2048));
}

#[test]
fn fields_in_the_columns_of_a_kernel_are_read_like_any_other() {
    let in_columns = format!(
        "{HEADER}\n\
         Size:                  8 kB\n\
         Rss:                   4 kB\n\
         THPeligible:           1\n\
         VmFlags: rd mr\n"
    );
    let freely = in_columns.replace("  ", "");
    let text = [in_columns.as_str(); 3].concat();
    let mut records = records(Lines::from_kernel(text.as_bytes()));
    assert_eq!(records.bytes_left(), text.len());
    for left in [2, 1] {
        // The maps line that ends a record has been read with it.
        let expected = read(&freely).unwrap().pop();
        assert_eq!(records.next().unwrap().ok(), expected);
        let header = HEADER.len() + 1;
        assert_eq!(records.bytes_left(), left * in_columns.len() - header);
    }
    // What came in this order before is taken without a search for its name.
    let mut usage = Usage::default();
    records.order.restart();
    records.usual_fields(&mut usage);
    assert_eq!(usage.get(Field::Size), Some(8192));
    assert_eq!(usage.get(Field::Rss), Some(4096));
    assert_eq!(usage.get(Field::ThpEligible), Some(1));
    assert_eq!(records.bytes_left(), "VmFlags: rd mr\n".len());
}

#[test]
fn a_bad_value_is_named() {
    assert_eq!(
        reason("Rss: 4 MB"),
        "Rss: expected decimal digits (at most 64 bits of bytes), with or without kB, \
         found \"4 MB\""
    );
    assert!(reason("Rss:").ends_with("found the end of the line"));
    assert!(reason("Pss: 18014398509481984 kB").starts_with("Pss: expected decimal digits"));
    assert_eq!(
        reason("ProtectionKey: 4 kB"),
        "ProtectionKey: expected decimal digits (at most 64 bits), found \"4 kB\""
    );
    assert_eq!(
        reason("New: 18446744073709551616"),
        "New: expected a number of at most 64 bits, found \"18446744073709551616\""
    );
}

#[test]
fn a_field_comes_once() {
    assert_eq!(
        reason("Swap: 1 kB"),
        "Swap: expected one such field in a mapping, found \"Swap: 1 kB\""
    );
    let twice = |line: &str| read(&format!("{HEADER}\n{line}\n{line}\n")).unwrap_err();
    assert!(
        twice("VmFlags: rd")
            .reason
            .starts_with("VmFlags: expected one")
    );
    assert!(twice("New: 1").reason.starts_with("New: expected one"));
}

#[test]
fn a_field_comes_once_in_whatever_order() {
    // The second mapping leaves the order of the first, and comes back to it where
    // Pss is next for a second time.
    let text = format!(
        "{HEADER}\nRss: 4 kB\nPss:                   4 kB\n\
         {HEADER}\nPss: 4 kB\nRss: 4 kB\nPss:                   8 kB\n"
    );
    let error = read(&text).unwrap_err();
    assert_eq!(error.line_number, 7);
    assert!(error.reason.starts_with("Pss: expected one"));
}

#[test]
fn the_fields_of_one_mapping_have_an_end() {
    let fields: Vec<_> = (0..=MOST_EXTRA).map(|n| format!("New{n}: {n}")).collect();
    let text = format!("{HEADER}\n{}", fields.join("\n"));
    let error = read(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4098: field: expected at most 4096 unknown ones in a mapping, \
         found \"New4096: 4096\""
    );
    let (most, _) = text.rsplit_once('\n').unwrap();
    let twice = read(&format!("{most}\n{most}")).unwrap().len();
    assert_eq!(twice, 2);
}

#[test]
fn what_is_neither_field_nor_header_is_refused() {
    assert_eq!(
        reason("nonsense"),
        "field: expected a name, \":\" and a value, or the maps line of the next mapping, \
         found \"nonsense\""
    );
    assert!(reason(" Rss: 4 kB").starts_with("field: "));
    assert!(reason("abc").starts_with("field: "));
    assert!(reason("-4000 r--p 0 0:0 0").starts_with("field: "));
    assert!(reason("3000-4000 r--p 0 0:0").starts_with("inode: "));
    assert!(reason("3000-2000 r--p 0 0:0 0").starts_with("end address: "));
}

#[test]
fn a_document_begins_with_a_header() {
    let error = read("\nRss: 4 kB\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: mapping: expected a maps line before the first field, found \"Rss: 4 kB\""
    );
    assert!(
        read("nonsense")
            .unwrap_err()
            .reason
            .starts_with("begin address: ")
    );
    assert_eq!(read("").unwrap(), []);
}

#[test]
fn a_header_without_fields_is_no_smaps() {
    let error = read(&format!("{HEADER}\n{HEADER}\n")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1: fields: expected lines such as \"Rss: 4 kB\" after it, found none"
    );
    assert_eq!(
        (error.line, error.seems),
        (HEADER.into(), Some(Document::Maps))
    );
    assert_eq!(read(HEADER).unwrap_err().seems, Some(Document::Maps));
    let error = read(&format!("{HEADER}\nRss: 4 kB\n{HEADER}\n")).unwrap_err();
    assert_eq!((error.line_number, error.seems), (3, None));
}

#[test]
fn after_an_error_there_is_nothing() {
    let text = format!("{HEADER}\n{HEADER}\nRss: 4 kB\n");
    let mut records = records(Lines::from_file(text.as_bytes()));
    assert!(records.next().unwrap().is_err());
    assert!(records.next().is_none());
}

#[test]
fn a_field_in_maps_text_is_recognised() {
    let seems = |line: &str| {
        let error = maps::records(Lines::from_file(line.as_bytes())).next();
        recognise(error.unwrap().unwrap_err()).seems
    };
    assert_eq!(seems("Size:                  4 kB"), Some(Document::Smaps));
    assert_eq!(seems("VmFlags:"), Some(Document::Smaps));
    assert_eq!(seems("Subject: maps"), None);
    assert_eq!(seems("Size 4"), None);
}
