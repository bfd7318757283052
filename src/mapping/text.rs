//! A record written back as the kernel prints it, byte for byte.

use std::collections::TryReserveError;

use crate::mapping::{Fields, Mapping};

/// The column in which a 64-bit kernel begins the name: `seq_setwidth` in
/// `show_vma_header_prefix` asks for `25 + 6 * sizeof(void *) - 1` bytes, and
/// `seq_pad` adds a space after them.
const NAME_COLUMN: usize = 73;

/// All fields but the name, with the space that always ends them.
pub fn header(fields: &Fields) -> String {
    let device = fields.device;
    format!(
        "{:08x}-{:08x} {} {:08x} {:02x}:{:02x} {} ",
        fields.begin_address,
        fields.end_address,
        fields.permissions.as_str(),
        fields.offset,
        device.major,
        device.minor,
        fields.inode,
    )
}

/// As [`header`], padded to the column in which the name begins.
pub fn header_before_name(fields: &Fields) -> String {
    let mut text = header(fields);
    let padding = NAME_COLUMN.saturating_sub(text.len()).max(1);
    text.extend(std::iter::repeat_n(' ', padding));
    text
}

/// The line up to where its name begins or would begin.
pub fn before_name(mapping: &Mapping<'_>) -> String {
    match mapping.pathname {
        None => header(&mapping.fields),
        Some(_) => header_before_name(&mapping.fields),
    }
}

/// The whole line, without its line break.
pub fn line(mapping: &Mapping<'_>) -> Vec<u8> {
    let mut line = before_name(mapping).into_bytes();
    line.extend_from_slice(mapping.pathname.unwrap_or_default());
    line
}

/// The lines of a document, each with its line break. It is read back exactly: where
/// every line ends in CR, as a name can, an empty line at the end says that the CR is
/// no part of the line breaks.
///
/// # Errors
///
/// If there is no memory for it.
pub fn document<'a>(
    mappings: impl IntoIterator<Item = Mapping<'a>>,
) -> Result<Vec<u8>, TryReserveError> {
    let mut text = Vec::new();
    let mut every_line_ends_in_cr = true;
    for mapping in mappings {
        let start = before_name(&mapping);
        let name = mapping.pathname.unwrap_or_default();
        let size = start.len().saturating_add(name.len());
        text.try_reserve(size.saturating_add(2))?;
        text.extend_from_slice(start.as_bytes());
        text.extend_from_slice(name);
        text.push(b'\n');
        every_line_ends_in_cr &= name.ends_with(b"\r");
    }
    if every_line_ends_in_cr && !text.is_empty() {
        text.push(b'\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::lines::Lines;
    use crate::formats::maps::line::parse;
    use crate::formats::maps::records;

    #[test]
    fn a_document_of_names_that_end_in_cr_is_read_back() {
        for lines in [
            &["1000-2000 r--p 00000000 00:00 1 /a\r"][..],
            &[
                "1000-2000 r--p 00000000 00:00 1 /a\r",
                "3000-4000 ---p 0 0:0 0 \r",
            ],
            &[
                "1000-2000 r--p 00000000 00:00 1 /a\r",
                "3000-4000 ---p 0 0:0 0",
            ],
            &[],
        ] {
            let mappings: Vec<_> = lines.iter().map(|line| parse(line.as_bytes())).collect();
            let mappings: Vec<_> = mappings.into_iter().map(Result::unwrap).collect();
            let text = document(mappings.iter().copied()).unwrap();
            let again: Vec<_> = records(Lines::from_file(&text))
                .map(Result::unwrap)
                .collect();
            assert_eq!(again, mappings);
        }
    }

    #[test]
    fn kernel_lines_come_back_exactly() {
        for text in [
            "7f3a5c000000-7f3a5c001000 rw-p 00000000 00:00 0 ",
            "00000000-00001000 r-xp 00000000 00:00 0 ",
            "55d0c1a2e000-55d0c1a30000 r--p 00000000 fe:00 247774                     /usr/bin/sleep",
            "7f3a5c020000-7f3a5c021000 r--p 00000000 00:12a 2                         /mnt/t259/f",
            "7f3a5c022000-7f3a5c023000 r--s 3fffffffffffe000 00:27 18446744073709551615  /mnt/fuse/f",
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
            "7f3a5c02d000-7f3a5c02e000 r--p 00000000 fe:00 10266882                   /tmp/n/trail ",
        ] {
            let record = parse(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(line(&record)).unwrap(), text);
        }
    }

    #[test]
    fn a_document_is_its_lines_and_nothing_more() {
        let lines = |text: &[&str]| {
            let mappings = text.iter().map(|line| parse(line.as_bytes()).unwrap());
            String::from_utf8(document(mappings).unwrap()).unwrap()
        };
        let plain = "00001000-00002000 rw-p 00000000 00:00 0 ";
        let other = "00003000-00004000 rw-p 00000000 00:00 0 ";
        assert_eq!(lines(&[]), "");
        assert_eq!(lines(&[plain, other]), format!("{plain}\n{other}\n"));
        let name = format!("{other:<73}/a\r");
        assert_eq!(lines(&[plain, &name]), format!("{plain}\n{name}\n"));
        assert_eq!(lines(&[&name]), format!("{name}\n\n"));
    }
}
