//! What a reading thread does.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;

use super::{Source, Sources};
use crate::arrow::document::{Documents, Stop, Take};
use crate::arrow::error::Reason;

/// About how much text a thread takes on at once, in bytes.
const GROUP_TEXT: usize = 1 << 20;

/// The most sources that a thread takes on at once.
const GROUP: usize = 256;

/// How many batches of a group are ready before they are asked for.
const READY: usize = 1;

/// What a group of sources gives, in order.
#[derive(Debug)]
pub(super) enum Message {
    /// Rows.
    Batch(RecordBatch),
    /// The end of everything.
    Failed(Stop),
    /// The end of the group. Without it the thread ended too early.
    End,
}

/// What threads share.
#[derive(Debug)]
pub(super) struct Shared<S> {
    sources: Arc<Sources<S>>,
    /// The first source that no thread has taken on. Held while a thread waits for a
    /// place in the queue: what a group needs to end must not need it.
    next: Mutex<usize>,
    /// How many were read, and how much text they had.
    count: AtomicUsize,
    text: AtomicUsize,
    has_failed: AtomicBool,
}

/// Sources that follow each other, and where their batches go.
struct Group {
    range: Range<usize>,
    batches: SyncSender<Message>,
}

impl<S: Source> Shared<S> {
    pub(super) fn new(sources: Arc<Sources<S>>) -> Self {
        Self {
            sources,
            next: Mutex::default(),
            count: AtomicUsize::default(),
            text: AtomicUsize::default(),
            has_failed: AtomicBool::default(),
        }
    }

    /// Whether every source was taken on.
    pub(super) fn is_done(&self) -> bool {
        *self.next() >= self.sources.all.len()
    }

    /// Takes on group after group, until none is left or nobody asks for more.
    pub(super) fn run(&self, groups: &SyncSender<Receiver<Message>>) {
        let mut text = Vec::new();
        while let Some(group) = self.claim(groups) {
            let message = match self.read(&group, &mut text) {
                Ok(()) => Message::End,
                Err(stop) => {
                    self.has_failed.store(true, Relaxed);
                    Message::Failed(stop)
                }
            };
            // Whoever asked may be gone by now; then there is no next group.
            drop(group.batches.send(message));
        }
    }

    fn read(&self, group: &Group, text: &mut Vec<u8>) -> Result<(), Stop> {
        let Sources {
            layout, on_error, ..
        } = *self.sources;
        let mut documents = Documents::new(layout, on_error, Outlet(group.batches.clone()));
        let sources = self.sources.all.get(group.range.clone());
        for source in sources.unwrap_or_default() {
            text.clear();
            match source.read(layout.document, text) {
                Ok(Some(lines)) => documents.add(&source.name(), lines)?,
                Ok(None) => {}
                Err(error) => documents.fail(&source.name(), Reason::from(error))?,
            }
            self.count.fetch_add(1, Relaxed);
            self.text.fetch_add(text.len(), Relaxed);
        }
        documents.finish()?;
        Ok(())
    }

    /// The next sources. Their place in the queue is taken under the same lock, so
    /// that it is in order; where the queue is full, all threads wait here.
    fn claim(&self, groups: &SyncSender<Receiver<Message>>) -> Option<Group> {
        let mut next = self.next();
        let left = self.sources.all.len().saturating_sub(*next);
        if left == 0 || self.has_failed.load(Relaxed) {
            return None;
        }
        let (batches, receiver) = sync_channel(READY);
        groups.send(receiver).ok()?;
        let count = self.group_size().min(self.share_of(left));
        let begin = *next;
        *next = begin.saturating_add(count);
        let range = begin..*next;
        Some(Group { range, batches })
    }

    /// How many sources have as much text as a thread takes on, as far as is known.
    fn group_size(&self) -> usize {
        let (count, text) = (self.count.load(Relaxed), self.text.load(Relaxed));
        // Empty ones tell that many have no text; nothing yet, that one may have much.
        let size = count.saturating_mul(GROUP_TEXT).checked_div(text);
        size.unwrap_or(count).clamp(1, GROUP)
    }

    /// How many of the sources that are left a thread may take, so that towards the
    /// end there is work for all of them.
    fn share_of(&self, left: usize) -> usize {
        let shares = self.sources.threads.saturating_mul(2);
        left.checked_div(shares).unwrap_or(0).max(1)
    }

    fn next(&self) -> MutexGuard<'_, usize> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the batches of a group go.
struct Outlet(SyncSender<Message>);

impl Take for Outlet {
    fn take(&mut self, batch: RecordBatch) -> bool {
        self.0.send(Message::Batch(batch)).is_ok()
    }
}
