//! A record written back as the kernel prints it, byte for byte.

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

/// The whole line, without its line break.
pub fn line(record: &Mapping<'_>) -> Vec<u8> {
    match record.pathname {
        None => header(&record.fields).into_bytes(),
        Some(name) => {
            let mut line = header_before_name(&record.fields).into_bytes();
            line.extend_from_slice(name);
            line
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::maps::line::parse;

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
}
