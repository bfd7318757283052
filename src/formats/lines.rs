//! A document as lines: where they end, and what number each has.

use memchr::{memchr, memchr_iter};

/// The lines of a document that are not empty, with their numbers; one of spaces and
/// tabs alone counts as empty.
///
/// Lines end at LF and nowhere else: TAB, CR, U+0085 and the like stand raw
/// inside names. An LF after the last line is optional.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
    number: u64,
    ends_in_crlf: bool,
}

impl<'a> Lines<'a> {
    /// The lines of text that a kernel printed just now: all bytes are data.
    pub fn from_kernel(text: &'a [u8]) -> Self {
        Self {
            rest: text,
            number: 0,
            ends_in_crlf: false,
        }
    }

    /// The lines of text from anywhere. Text in which every line ends in CRLF
    /// passed through Windows: there the CR belongs to the line break.
    pub fn from_file(text: &'a [u8]) -> Self {
        Self {
            ends_in_crlf: every_line_ends_in_crlf(text),
            ..Self::from_kernel(text)
        }
    }

    /// Passes over all empty lines at once: a gibibyte of them is no reason to be
    /// deaf to Ctrl-C.
    #[inline]
    fn skip_empty_lines(&mut self) {
        if matches!(self.rest.first(), Some(b'\n' | b' ' | b'\t' | b'\r')) {
            self.skip_blanks();
        }
    }

    fn skip_blanks(&mut self) {
        let (mut count, mut start) = (0, 0);
        let mut bytes = (1_usize..).zip(self.rest).peekable();
        let mut is_at_end = true;
        while let Some((next, byte)) = bytes.next() {
            match byte {
                b'\n' => (count, start) = (u64::saturating_add(count, 1), next),
                b' ' | b'\t' => {}
                b'\r' if self.ends_in_crlf && matches!(bytes.peek(), Some((_, b'\n'))) => {}
                _ => {
                    is_at_end = false;
                    break;
                }
            }
        }
        let rest = self.rest.get(start..).filter(|_| !is_at_end);
        self.rest = rest.unwrap_or_default();
        self.number = self.number.saturating_add(count);
    }

    /// The text from the next line on.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes one line that is not empty off the text, so that this is the rest.
    #[inline]
    pub(crate) fn skip_line(&mut self, rest: &'a [u8]) {
        self.rest = rest;
        self.number = self.number.saturating_add(1);
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u64, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.skip_empty_lines();
        if self.rest.is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let (line, after) = split_line(self.rest);
        self.rest = after.unwrap_or_default();
        let line = match line.strip_suffix(b"\r") {
            Some(line) if self.ends_in_crlf && after.is_some() => line,
            _ => line,
        };
        Some((self.number, line))
    }
}

/// The first line without its LF, and what comes after the LF if there is one.
#[inline]
fn split_line(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr(b'\n', text).and_then(|end| text.split_at_checked(end)) {
        Some((line, rest)) => (line, rest.get(1..)),
        None => (text, None),
    }
}

/// Whether there is an LF, and a CR before each. A last line that is not ended
/// has no line break, so what stands at its end says nothing.
fn every_line_ends_in_crlf(text: &[u8]) -> bool {
    let mut ends = memchr_iter(b'\n', text).peekable();
    let is_any_ended = ends.peek().is_some();
    is_any_ended
        && ends.all(|end| {
            text.get(..end)
                .is_some_and(|before| before.ends_with(b"\r"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, &str)> {
        Lines::from_file(text.as_bytes())
            .map(|(number, line)| (number, std::str::from_utf8(line).unwrap()))
            .collect()
    }

    #[test]
    fn empty_lines_are_skipped_but_counted() {
        assert_eq!(lines(""), []);
        assert_eq!(lines("\n\n"), []);
        assert_eq!(lines("a\n\nb\n"), [(1, "a"), (3, "b")]);
        assert_eq!(lines("\na"), [(2, "a")]);
    }

    #[test]
    fn a_line_of_blanks_is_empty_and_other_blanks_are_text() {
        assert_eq!(lines(" "), []);
        assert_eq!(lines(" \t\n\n\t "), []);
        assert_eq!(lines(" \n a\n\t\n\tb \n "), [(2, " a"), (4, "\tb ")]);
        assert_eq!(lines(" \r\na\r\n \r\n\r\n"), [(2, "a")]);
        assert_eq!(lines(" \r\n\r\r\n"), [(2, "\r")]);
        assert_eq!(lines(" \r\n \r"), [(2, " \r")]);
        assert_eq!(lines(" \r\n\n"), [(1, " \r")]);
        assert_eq!(lines(" \u{a0}\n\u{b}"), [(1, " \u{a0}"), (2, "\u{b}")]);
    }

    #[test]
    fn only_lf_ends_a_line() {
        let line = "a\tb\rc\u{b}d\u{c}e\u{1c}f\u{85}g\u{2028}h";
        assert_eq!(lines(line), [(1, line)]);
    }

    #[test]
    fn carriage_returns_go_only_when_every_line_has_one() {
        assert_eq!(lines("a\r\nb\r\n"), [(1, "a"), (2, "b")]);
        assert_eq!(lines("a\r\n\r\nb\r\n"), [(1, "a"), (3, "b")]);
        assert_eq!(lines("a\r\nb\n"), [(1, "a\r"), (2, "b")]);
        assert_eq!(lines("a\r\n\nb\r\n"), [(1, "a\r"), (3, "b\r")]);
        assert_eq!(lines("a\r\nb"), [(1, "a"), (2, "b")]);
        assert_eq!(lines("a\r\nb\r"), [(1, "a"), (2, "b\r")]);
        assert_eq!(lines("a\r"), [(1, "a\r")]);
    }

    #[test]
    fn the_kernel_never_ends_a_line_in_crlf() {
        let mut lines = Lines::from_kernel(b"a\r\n");
        assert_eq!(lines.next(), Some((1, &b"a\r"[..])));
    }

    #[test]
    fn a_line_can_be_taken_off_the_text() {
        let text = b"\na\nb\n\nc";
        let mut lines = Lines::from_kernel(text);
        assert_eq!(lines.rest(), text);
        assert_eq!(lines.next(), Some((2, &b"a"[..])));
        assert_eq!(lines.rest(), b"b\n\nc");
        lines.skip_line(&text[5..]);
        assert_eq!(lines.rest(), b"\nc");
        assert_eq!(lines.next(), Some((5, &b"c"[..])));
        assert_eq!(lines.rest(), b"");
    }
}
