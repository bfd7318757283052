//! Which mappings are wanted, by their properties.

use crate::mapping::Fields;

/// What is asked of a mapping: `Some(true)` that it has a property, `Some(false)`
/// that it lacks it. The default asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Pages may be read.
    pub readable: Option<bool>,
    /// Pages may be written.
    pub writable: Option<bool>,
    /// Pages may be executed.
    pub executable: Option<bool>,
    /// Writes are shared; otherwise they are private.
    pub shared: Option<bool>,
    /// There is a source: a file, a device or shared memory.
    pub file_backed: Option<bool>,
}

impl Filter {
    /// A filter of all its properties, in the order of the fields.
    pub fn new(
        readable: Option<bool>,
        writable: Option<bool>,
        executable: Option<bool>,
        shared: Option<bool>,
        file_backed: Option<bool>,
    ) -> Self {
        Self {
            readable,
            writable,
            executable,
            shared,
            file_backed,
        }
    }

    /// Whether a mapping with these fields is wanted.
    #[inline]
    pub fn admits(&self, fields: &Fields) -> bool {
        let permissions = fields.permissions;
        let agrees = |wanted: Option<bool>, found| wanted.is_none_or(|wanted| wanted == found);
        agrees(self.readable, permissions.is_readable())
            && agrees(self.writable, permissions.is_writable())
            && agrees(self.executable, permissions.is_executable())
            && agrees(self.shared, permissions.is_shared())
            && agrees(self.file_backed, fields.has_source())
    }

    /// Whether any property has to be there, which the kernel can be asked for.
    pub fn has_demands(&self) -> bool {
        [
            self.readable,
            self.writable,
            self.executable,
            self.shared,
            self.file_backed,
        ]
        .contains(&Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::maps::line::parse;

    const LINES: [&str; 5] = [
        "1000-2000 r-xp 00000000 08:01 42 /usr/lib/libc.so.6",
        "2000-3000 rw-s 00000000 00:01 7 /dev/zero (deleted)",
        "3000-4000 rw-p 00000000 00:00 0 [heap]",
        "4000-5000 ---p 00000000 00:00 0",
        "5000-6000 r--s 00000000 00:0e 0 anon_inode:[io_uring]",
    ];

    fn admitted(filter: Filter) -> Vec<usize> {
        let admits = |line: &&str| filter.admits(&parse(line.as_bytes()).unwrap().fields);
        let positions = LINES.iter().enumerate();
        let admitted = positions.filter(|(_, line)| admits(line));
        admitted.map(|(position, _)| position).collect()
    }

    #[test]
    fn each_property_is_wanted_unwanted_or_not_asked_for() {
        type Set = fn(Option<bool>) -> Filter;
        let none = Filter::default();
        let cases: [(Set, &[usize]); 5] = [
            (
                |readable| Filter {
                    readable,
                    ..Filter::default()
                },
                &[0, 1, 2, 4],
            ),
            (
                |writable| Filter {
                    writable,
                    ..Filter::default()
                },
                &[1, 2],
            ),
            (
                |executable| Filter {
                    executable,
                    ..Filter::default()
                },
                &[0],
            ),
            (
                |shared| Filter {
                    shared,
                    ..Filter::default()
                },
                &[1, 4],
            ),
            (
                |file_backed| Filter {
                    file_backed,
                    ..Filter::default()
                },
                &[0, 1, 4],
            ),
        ];
        assert_eq!(admitted(none), [0, 1, 2, 3, 4]);
        for (filter, with) in cases {
            let without: Vec<_> = (0..5).filter(|at| !with.contains(at)).collect();
            assert_eq!(admitted(filter(Some(true))), with);
            assert_eq!(admitted(filter(Some(false))), without);
            assert_eq!(filter(None), none);
            assert!(filter(Some(true)).has_demands());
            assert!(!filter(Some(false)).has_demands());
        }
    }

    #[test]
    fn all_that_is_asked_for_has_to_agree() {
        let filter = Filter {
            readable: Some(true),
            executable: Some(false),
            file_backed: Some(true),
            ..Filter::default()
        };
        assert_eq!(admitted(filter), [1, 4]);
    }
}
