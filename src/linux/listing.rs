//! All mappings of a process, asked for one after the other with `PROCMAP_QUERY`.
//!
//! The kernel spends most of the time for a maps text on printing it. Each query
//! goes on where the last mapping ended, so that no mapping is lost that stands all
//! the while, whatever changes around it.
//!
//! The text is taken where it costs less, and where the kernel or a sandbox refuses
//! to answer. Measured on Linux 6.18, x86-64, nanoseconds a mapping:
//!
//! | mapping           | text | query |
//! | ----------------- | ---- | ----- |
//! | without a name    |  280 |   350 |
//! | with one          | 1180 |   670 |
//!
//! So the text costs less only where less than an eighth of the mappings are named.
//! That is judged by the first batch, which is lost then: 256 queries, about as many
//! microseconds as a text of 300 lines takes.

use std::fs::File;
use std::io;
use std::ops::Range;

use rustix::io::Errno;

use crate::linux::filter::Filter;
use crate::linux::gate::{self, ABOVE_32_BITS, Gate, Known};
use crate::linux::lookup::Lookup;
use crate::linux::maps_file;
use crate::linux::process::Process;
use crate::linux::procfs::ProcessPath;
use crate::linux::query::{LONG_NAME, QueryFlags, query};
use crate::linux::reading;
use crate::mapping::Fields;

/// How many mappings make a batch: those of an ordinary process.
const BATCH: usize = 256;

/// Room for their names: 60 bytes is the average of an ordinary process.
const NAMES: usize = 32 * 1024;

/// Of so many mappings one has to have a name, or the text costs less.
const NAMED_ONE_IN: usize = 8;

/// Mappings as the kernel answered them: names stand as they are, a newline too.
#[derive(Debug, Default)]
pub struct Batch {
    entries: Vec<(Fields, Range<usize>)>,
    names: Vec<u8>,
    names_end: usize,
}

impl Batch {
    /// The mappings and their raw names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Fields, Option<&[u8]>)> {
        self.entries.iter().map(|(fields, name)| {
            let name = self.names.get(name.clone());
            (fields, name.filter(|name| !name.is_empty()))
        })
    }

    /// Makes it empty, with room for all that a batch can hold.
    fn clear(&mut self) -> io::Result<()> {
        self.entries.clear();
        self.entries.try_reserve_exact(BATCH)?;
        self.names
            .try_reserve_exact(NAMES.saturating_sub(self.names.len()))?;
        self.names.resize(NAMES, 0);
        self.names_end = 0;
        Ok(())
    }

    /// Where the next name goes; `None` where the batch is full.
    fn room(&mut self) -> Option<&mut [u8]> {
        let end = self.names_end.saturating_add(LONG_NAME);
        self.names.get_mut(self.names_end..end)
    }

    /// Adds a mapping, whose name lies where there was room for it.
    fn push(&mut self, fields: Fields, name_length: usize) {
        let name = self.names_end..self.names_end.saturating_add(name_length);
        self.names_end = name.end;
        self.entries.push((fields, name));
    }

    fn push_gate(&mut self, gate: &Gate) {
        let room = self.room().and_then(|room| room.get_mut(..gate.name.len()));
        if let Some(room) = room {
            room.copy_from_slice(gate.name);
            self.push(gate.fields, gate.name.len());
        }
    }
}

/// What a step of a listing gave.
#[derive(Debug)]
pub enum Step {
    /// The batch goes on.
    Batch,
    /// The batch is the last one.
    LastBatch,
    /// This is the text of all maps, in place of all batches.
    Text(Vec<u8>),
}

/// Whose maps are listed.
#[derive(Debug)]
enum Listed<'a> {
    /// Those of whoever has the pid, opened when needed.
    Path(&'a ProcessPath, Option<File>),
    /// Those of a process that is held open.
    Process(&'a Process),
}

/// A listing, which goes on step by step.
#[derive(Debug)]
pub struct Listing<'a> {
    listed: Listed<'a>,
    filter: Filter,
    /// Where the last mapping ended.
    address: u64,
    is_by_text: bool,
}

impl<'a> Listing<'a> {
    /// The mappings of whoever has the pid, of a living thread where the first one
    /// has ended; nothing is opened yet.
    pub fn of_path(path: &'a ProcessPath, filter: Filter) -> Self {
        Self::new(Listed::Path(path, None), filter)
    }

    /// The mappings of a process.
    pub fn of_process(process: &'a Process, filter: Filter) -> Self {
        let mut listing = Self::new(Listed::Process(process), filter);
        listing.is_by_text |= !process.is_query_supported();
        listing
    }

    fn new(listed: Listed<'a>, filter: Filter) -> Self {
        Self {
            listed,
            filter,
            address: 0,
            is_by_text: gate::can_be_wanted(filter) && gate::known() == Known::Nothing,
        }
    }

    /// Fills the batch anew with the mappings that come next, or else reads the text,
    /// from which those that are wanted are yet to be picked.
    ///
    /// # Errors
    ///
    /// What the system says: ESRCH where there is no such process. After
    /// `ErrorKind::Interrupted` a further call goes on.
    pub fn advance(&mut self, batch: &mut Batch) -> io::Result<Step> {
        if !self.is_by_text {
            if let Some(step) = self.query_batch(batch)? {
                if let Listed::Process(process) = self.listed {
                    process.check_sharing()?;
                }
                return Ok(step);
            }
            self.is_by_text = true;
        }
        let text = match &self.listed {
            Listed::Path(path, _) => maps_file::read(path, "maps")?,
            Listed::Process(process) => process.text()?,
        };
        gate::learn(&text);
        Ok(Step::Text(text))
    }

    /// `None` where the text has to be taken: also where the address space is gone,
    /// in the place of which another program may have one by now.
    fn query_batch(&mut self, batch: &mut Batch) -> io::Result<Option<Step>> {
        let maps = match &mut self.listed {
            Listed::Process(process) => process.maps_file(),
            Listed::Path(_, Some(file)) => file,
            Listed::Path(path, file) => file.insert(reading::open(&path.file("maps"))?),
        };
        let flags = QueryFlags::new(Lookup::CoveringOrNext, self.filter);
        let is_first = self.address == 0;
        let (mut asked, mut named) = (0_usize, 0_usize);
        batch.clear()?;
        while asked < BATCH {
            let Some(room) = batch.room() else {
                break;
            };
            let answer = match query(maps, self.address, flags, room, &mut []) {
                Ok(answer) if answer.fields.end_address > self.address => answer,
                Err(Errno::NOENT) => {
                    let is_known = add_gate(maps, self.address, self.filter, batch);
                    return Ok(is_known.then_some(Step::LastBatch));
                }
                Err(Errno::INTR) => return Ok(Some(Step::Batch)),
                _ => return Ok(None),
            };
            self.address = answer.fields.end_address;
            asked = asked.saturating_add(1);
            named = named.saturating_add(usize::from(answer.name_size > 0));
            if self.filter.admits(&answer.fields) {
                batch.push(answer.fields, answer.name_size.saturating_sub(1));
            }
        }
        // What a filter demands the kernel finds sooner than it prints the rest.
        let is_nameless = named.saturating_mul(NAMED_ONE_IN) < asked;
        let is_text_better = is_first && is_nameless && !self.filter.has_demands();
        Ok((!is_text_better).then_some(Step::Batch))
    }
}

/// Adds the gate if it is wanted and there is one; whether that is known.
fn add_gate(maps: &File, last_end: u64, filter: Filter, batch: &mut Batch) -> bool {
    if !gate::can_be_wanted(filter) {
        return true;
    }
    match gate::known() {
        Known::Nothing => false,
        Known::NoGate => true,
        Known::Gate(gate) => {
            let is_above =
                |address| query(maps, address, Lookup::CoveringOrNext, &mut [], &mut []).is_ok();
            let is_64_bit = last_end > ABOVE_32_BITS || is_above(ABOVE_32_BITS);
            if is_64_bit && filter.admits(&gate.fields) {
                batch.push_gate(&gate);
            }
            is_64_bit
        }
    }
}
