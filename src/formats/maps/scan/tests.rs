//! The scanner beside the grammar.

#![allow(clippy::arithmetic_side_effects)] // the numbers are the test's own

use super::*;
use crate::formats::maps::line::parse_any;

/// Numbers that look random and are the same in every run: xorshift64
/// (Marsaglia, 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Digits, as many as the kernel often prints or as the grammar allows.
    fn number(&mut self, usual: usize, alphabet: &str) -> String {
        let digits = match self.below(4) {
            0 => 1 + self.below(20),
            _ => usual,
        };
        let digit = |_| char::from(alphabet.as_bytes()[self.below(alphabet.len())]);
        (0..digits).map(digit).collect()
    }

    /// A line in the form of the kernel's, of which each number is arbitrary.
    fn line(&mut self) -> Vec<u8> {
        let hex = self.one_of(&["0123456789abcdef", "0123456789abcdefABCDEF", "0f"]);
        // A high first digit makes most ranges end after they begin.
        let mut line = format!("0{}-f{}", self.number(11, hex), self.number(11, hex));
        line += self.one_of(&[" r-xp ", " rw-s ", " ---p ", " rwxp  "]);
        line += &self.number(8, hex);
        let (major, minor) = (self.number(2, hex), self.number(2, hex));
        line += &[" ", &major, ":", &minor, " "].concat();
        line += &self.number(6, "0123456789");
        line += &" ".repeat(self.below(30));
        line += self.one_of(&["", "/usr/lib/libc.so.6", "[heap]", "/a  b ", "\t"]);
        line.into_bytes()
    }

    /// Changes one byte to another that means something somewhere in a line.
    fn mutate(&mut self, line: &mut Vec<u8>) {
        let alphabet = b"0189afgAFG-+:_ rwxps/\t\n\r\0\x7f\x80\xff";
        let byte = alphabet[self.below(alphabet.len())];
        let place = self.below(line.len() + 1);
        match self.below(3) {
            _ if place == line.len() => line.push(byte),
            0 => line.insert(place, byte),
            1 => line[place] = byte,
            _ => drop(line.remove(place)),
        }
    }
}

/// Miri takes a tenth of a second for each.
const LINES: u32 = if cfg!(miri) { 300 } else { 20_000 };

#[test]
fn the_scanner_takes_nothing_that_the_grammar_reads_otherwise() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut taken, mut left) = (0_u32, 0_u32);
    for _ in 0..LINES {
        let mut line = chance.line();
        for _ in 0..chance.below(3) {
            chance.mutate(&mut line);
        }
        match usual_line(&line) {
            Some(record) => {
                assert_eq!(parse_any(&line), Ok(record), "{}", line.escape_ascii());
                taken += 1;
            }
            None => left += 1,
        }
    }
    // Neither side of the test is idle.
    let few = LINES * 3 / 20;
    assert!(taken > few && left > few, "{taken} taken, {left} left");
}

#[test]
fn a_kernel_line_is_not_left_to_the_grammar() {
    for line in [
        "7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774          /usr/lib/libc.so.6",
        "00400000-00452000 r-xp 00000000 08:02 173521                  /usr/bin/dbus-daemon",
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0       [vsyscall]",
        "7f3a5c000000-7f3a5c021000 rw-p 00000000 00:00 0 ",
        "7f3a5c000000-7f3a5c021000 rw-s 100000000 103:1a 18446744073709551 /dev/dri/card0",
    ] {
        assert!(usual_line(line.as_bytes()).is_some(), "{line}");
    }
}

#[test]
fn each_byte_is_the_digit_that_it_is_or_none() {
    for byte in 0..=u8::MAX {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        assert_eq!(digits([byte]), digit, "{byte}");
        assert_eq!(digits([b'1', byte]), digit.map(|digit| 16 + digit));
        let text = [byte, b' '];
        let number = digit.map(|digit| (digit, &b""[..]));
        assert_eq!(hexadecimal(&text, b' '), number, "{byte}");
    }
}

#[test]
fn the_usual_digits_are_decoded_at_their_places() {
    let line = b"7f0000001000-7f0000002000 r-xp 00001000 fe:01 42 /x";
    let (fields, rest) = fixed_fields(line).unwrap();
    assert_eq!(
        (fields.begin_address, fields.size()),
        (0x7f00_0000_1000, 0x1000)
    );
    assert_eq!((fields.offset, fields.device.major), (0x1000, 0xfe));
    assert_eq!((fields.device.minor, rest), (1, &b"42 /x"[..]));
    // What has others is left to those that take any.
    for other in [
        &line[1..],
        b"7f0000001000-7f0000002000 r-xp 00001000 103:01 42 /x",
    ] {
        assert!(fixed_fields(other).is_none());
        assert!(free_fields(other).is_some());
    }
}
