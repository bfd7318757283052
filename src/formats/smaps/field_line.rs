//! One field of smaps: a name, a colon and a value.
//!
//! Kernels pad values to different widths; where a value is wider than its
//! column, no space is left at all: `ShadowCallStack:10373888 kB`.

/// The line as name and value, if it is a field: a letter and other characters
/// that are no blanks, a colon, and a value, which may be empty. A maps line
/// never is one, because a space comes before its colon.
pub fn parse(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr3(b':', b' ', b'\t', line)?;
    let (name, rest) = line.split_at_checked(end)?;
    let value = rest.strip_prefix(b":")?;
    let begins = name.first().is_some_and(u8::is_ascii_alphabetic);
    begins.then_some((name, trim(value)))
}

/// The text without blanks at both ends.
#[inline]
pub fn trim(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// A value that consists of decimal digits, perhaps with kB after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Without a unit.
    Plain(u64),
    /// With kB after it, here in bytes.
    InKilobytes(u64),
    /// More than 64 bits hold.
    TooLarge,
}

/// The number that a value is, if it is one.
#[inline]
pub fn number(value: &[u8]) -> Option<Number> {
    let digits = value
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, unit) = value.split_at_checked(digits).filter(|_| digits > 0)?;
    let amount = digits.iter().try_fold(0_u64, |amount, digit| {
        amount.checked_mul(10)?.checked_add(u64::from(digit & 0xf))
    });
    let number = match trim(unit) {
        b"" => amount.map(Number::Plain),
        b"kB" => amount
            .and_then(|amount| amount.checked_mul(1024))
            .map(Number::InKilobytes),
        _ => return None,
    };
    Some(number.unwrap_or(Number::TooLarge))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_a_name_a_colon_and_perhaps_a_value() {
        let read = |line: &'static str| {
            parse(line.as_bytes()).map(|(name, value)| (name.escape_ascii().to_string(), value))
        };
        let field = |name: &str, value: &'static [u8]| Some((name.to_owned(), value));
        assert_eq!(read("Rss:      4 kB"), field("Rss", b"4 kB"));
        assert_eq!(read("A_b(c)-1:4"), field("A_b(c)-1", b"4"));
        assert_eq!(read("VmFlags: rd mr \t"), field("VmFlags", b"rd mr"));
        assert_eq!(read("VmFlags:"), field("VmFlags", b""));
        assert_eq!(read("Name:  [anon: a:b ]"), field("Name", b"[anon: a:b ]"));
        for line in [
            "", ":", ": 4", "Rss", "Rss 4:", " Rss: 4", "1000: 4", "_a: 4",
        ] {
            assert_eq!(read(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_maps_line_is_no_field() {
        assert_eq!(parse(b"a000-b000 r--p 00000000 08:01 42 /x"), None);
        assert_eq!(parse(b"g000-b000 r--p 00000000 08:01 42 /x"), None);
    }

    #[test]
    fn a_number_has_digits_and_perhaps_a_unit() {
        assert_eq!(number(b"0"), Some(Number::Plain(0)));
        assert_eq!(number(b"007"), Some(Number::Plain(7)));
        assert_eq!(number(b"4 kB"), Some(Number::InKilobytes(4096)));
        assert_eq!(number(b"4kB"), Some(Number::InKilobytes(4096)));
        assert_eq!(number(b"4 \t kB"), Some(Number::InKilobytes(4096)));
        for text in [
            "", "kB", "-1", "+1", "4 KB", "4 MB", "4 kB x", "0x4", "4 4", "4.0",
        ] {
            assert_eq!(number(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn a_number_has_64_bits() {
        assert_eq!(
            number(b"18446744073709551615"),
            Some(Number::Plain(u64::MAX))
        );
        assert_eq!(number(b"18446744073709551616"), Some(Number::TooLarge));
        let kilobytes = Number::InKilobytes(u64::MAX - 1023);
        assert_eq!(number(b"18014398509481983 kB"), Some(kilobytes));
        assert_eq!(number(b"18014398509481984 kB"), Some(Number::TooLarge));
    }
}
