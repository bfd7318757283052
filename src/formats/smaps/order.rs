//! In which order the fields come: a kernel prints every mapping's in the same, so
//! that after each field one comparison finds the next.

use crate::formats::smaps::usage::Field;

/// Which field came after which.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The field that came after each, and after [`START`] the first.
    next: [Option<Field>; START + 1],
    last: usize,
}

const START: usize = Field::COUNT;

impl Order {
    pub(super) fn restart(&mut self) {
        self.last = START;
    }

    /// The field that came here in the mapping before.
    #[inline]
    pub(super) fn next(&self) -> Option<Field> {
        self.next.get(self.last).copied().flatten()
    }

    #[inline]
    pub(super) fn advance(&mut self, field: Field) {
        self.last = field as usize;
    }

    pub(super) fn learn(&mut self, field: Field) {
        if let Some(next) = self.next.get_mut(self.last) {
            *next = Some(field);
        }
        self.advance(field);
    }
}
