//! Loads: which mappings of a file were made together, as their order tells.
//!
//! What a loader does with an ELF file:
//!
//! - It maps the segments in the order of their addresses. The first is nearly
//!   always the start of the file, and every other load of the same file begins
//!   with it too. So a load goes on until offsets begin anew: with the offset of
//!   its first mapping, or one below.
//! - glibc and musl map the file once over the whole span, as the first segment,
//!   and then the others in their places. What is left of the first mapping in
//!   the holes between them has its base, with any permissions: glibc takes them
//!   all away, musl leaves those of the first segment.
//! - The kernel, which loads programs and their interpreter, leaves holes free.
//!   Others may be mapped there, `[vdso]` for one. Such holes are narrower than
//!   what segments are aligned to.
//!
//! What linkers add: lld, mold and gold begin a segment on the page of the file on
//! which the one before it ends, so that a whole small file is mapped several
//! times from its first page, each time with other permissions: headers, code,
//! what is read-only after relocation, data. Offsets do not begin anew there.
//!
//! A file without code was loaded by no one, if it is no library of data: what
//! does not go on where the last part ended is another place.

use super::files::Part;

/// The widest hole in a load where something else may lie: twice the largest
/// alignment that linkers give segments unasked.
const HOLE: u64 = 4 << 20;

/// The positions of the mappings of each load; all are of one file, in order.
pub(super) fn split(parts: &[Part]) -> Vec<Vec<usize>> {
    let mut loads: Vec<Load<'_>> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let above = parts.get(number.saturating_add(1)..).unwrap_or_default();
        match loads.last_mut() {
            Some(load) if load.goes_on_with(part, above) => load.add(part),
            _ => loads.push(Load::new(part)),
        }
    }
    loads.iter().flat_map(Load::places).collect()
}

/// A load as far as it has been seen.
struct Load<'a> {
    parts: Vec<&'a Part>,
    first: &'a Part,
    /// The last part that was not mapped with the first one.
    last: &'a Part,
    top: &'a Part,
    has_code: bool,
    is_writable: bool,
}

impl<'a> Load<'a> {
    fn new(part: &'a Part) -> Self {
        Self {
            parts: vec![part],
            first: part,
            last: part,
            top: part,
            has_code: part.is_code(),
            is_writable: part.is_writable(),
        }
    }

    fn add(&mut self, part: &'a Part) {
        self.parts.push(part);
        self.top = part;
        self.has_code |= part.is_code();
        self.is_writable |= part.is_writable();
        if part.base() != self.first.base() {
            self.last = part;
        }
    }

    /// Whether the next part of the file belongs to this load; `above` are those
    /// after it.
    fn goes_on_with(&self, next: &Part, above: &[Part]) -> bool {
        let Self { first, last, .. } = self;
        if next.base() == first.base() || next.base() == last.base() {
            return true;
        }
        if next.fields.permissions.is_shared() || first.fields.permissions.is_shared() {
            return false;
        }
        if next.fields.offset < first.fields.offset
            || next.fields.offset == first.fields.offset && self.ends_before(next, above)
        {
            return false;
        }
        let is_neighbour = next.named_below == self.top.named_below.saturating_add(1);
        is_neighbour || next.fields.begin_address.saturating_sub(self.top.reach) <= HOLE
    }

    /// Whether a part with the offset of the first one begins another load, rather
    /// than to be a segment that lies on the same page of the file.
    fn ends_before(&self, next: &Part, above: &[Part]) -> bool {
        let is_past_first_page = self.last.fields.offset > self.first.fields.offset;
        let is_again_first = next.is_like(self.first) && next.is_like(self.last);
        let is_out_of_order =
            next.is_code() && self.has_code || !next.is_writable() && self.is_writable;
        is_past_first_page
            || is_again_first
            || is_out_of_order
            || next.is_code() && self.is_data_below(next, above)
    }

    /// Whether this is the file read as data, just below a load that begins with
    /// its code.
    ///
    /// A linker that puts code on the page of the headers (lld, mold) moves what
    /// follows it by as much again, and has a segment of its own for what is
    /// read-only after relocation. bfd and gold do neither.
    fn is_data_below(&self, code: &Part, above: &[Part]) -> bool {
        if above
            .first()
            .is_some_and(|hole| hole.base() == self.first.base())
        {
            return false;
        }
        let mut others = above.iter().filter(|part| part.base() != self.first.base());
        let (Some(next), after) = (others.next(), others.next()) else {
            return false;
        };
        let is_one_segment = after.is_some_and(|after| {
            after.base() == next.base() && after.is_writable() && !next.is_writable()
        });
        let moved = code.base().saturating_sub(self.first.base());
        is_one_segment
            || !next.is_like(self.first) && next.base().saturating_sub(code.base()) != moved
    }

    /// The places in memory that it is: one, if there is code.
    fn places(&self) -> Vec<Vec<usize>> {
        let mut places: Vec<Vec<usize>> = Vec::new();
        let mut below: Option<&Part> = None;
        for part in &self.parts {
            let is_same = below.is_some_and(|below| self.has_code || self.meets(below, part));
            match places.last_mut() {
                Some(place) if is_same => place.push(part.position),
                _ => places.push(vec![part.position]),
            }
            below = Some(part);
        }
        places
    }

    /// Whether a part without code goes on where the one below it ended.
    fn meets(&self, below: &Part, part: &Part) -> bool {
        let fields = &below.fields;
        let end = fields.offset.saturating_add(fields.size());
        part.base() == self.first.base()
            || part.base() == below.base()
            || part.fields.begin_address == fields.end_address
                && part.fields.offset > self.first.fields.offset
                && part.fields.offset <= end
    }
}

#[cfg(test)]
mod tests;
