//! Many sources as one stream of batches, in order, read by several threads.
//!
//! Each thread takes the next few sources, makes batches of them, and hands these over
//! through a channel of their own; the channels stand in a queue, in the order of the
//! sources. Both are bounded, and so is what is read but not taken yet, however many
//! sources there are.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};

use super::document::{OnError, Stop};
use super::layout::Layout;
use crate::formats::error::Document;
use crate::formats::lines::Lines;
use worker::{Message, Shared};

mod worker;

/// Where text can be read.
pub trait Source: Send + Sync + 'static {
    /// What rows say of where they come from.
    fn name(&self) -> Cow<'_, [u8]>;

    /// Reads into empty room; nothing where the source is to be passed over.
    ///
    /// # Errors
    ///
    /// Why it can't be read.
    fn read<'a>(&self, document: Document, text: &'a mut Vec<u8>) -> io::Result<Option<Lines<'a>>>;
}

/// What is to be read, and how.
#[derive(Clone, Debug)]
pub struct Sources<S> {
    /// In the order of the rows.
    pub all: Vec<S>,
    /// Which columns there are.
    pub layout: Layout,
    /// What becomes of a source that fails.
    pub on_error: OnError,
    /// How many threads read.
    pub threads: usize,
}

/// How long a wait for rows goes on before a look at what may interrupt it.
const BETWEEN_INTERRUPTS: Duration = Duration::from_millis(100);

/// Asked now and then whether to go on; else it gives the reason.
pub type Interrupt = Box<dyn FnMut() -> Result<(), String> + Send>;

/// The batches of all sources. Threads start when the first batch is asked for, and
/// stop when the stream is dropped.
pub struct SourceStream<S> {
    sources: Arc<Sources<S>>,
    schema: SchemaRef,
    interrupt: Interrupt,
    state: State<S>,
    /// The process that made the stream: a fork has its memory, not its threads.
    process: u32,
}

enum State<S> {
    Waiting,
    Running(Running<S>),
    Ended,
}

struct Running<S> {
    shared: Arc<Shared<S>>,
    /// What each of the groups of sources gives, in order.
    groups: Receiver<Receiver<Message>>,
    current: Option<Receiver<Message>>,
}

impl<S: Source> SourceStream<S> {
    /// A stream from the first source to the last.
    pub fn new(sources: Arc<Sources<S>>, interrupt: Interrupt) -> Self {
        Self {
            schema: sources.layout.schema(),
            sources,
            interrupt,
            state: State::Waiting,
            process: std::process::id(),
        }
    }

    /// The next batch, or why there is none.
    ///
    /// # Errors
    ///
    /// [`Stop`], after which there are no further batches.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, Stop> {
        if self.process != std::process::id() {
            return Err(failed("the stream began before a fork: ask for it anew"));
        }
        if matches!(self.state, State::Waiting) {
            self.state = State::Running(Running::start(&self.sources)?);
        }
        let batch = match &mut self.state {
            State::Running(running) => running.next(&mut self.interrupt),
            State::Waiting | State::Ended => Ok(None),
        };
        if !matches!(batch, Ok(Some(_))) {
            self.state = State::Ended;
        }
        batch
    }
}

impl<S> Drop for SourceStream<S> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // The locks of channels may be held by threads that are not here.
            std::mem::forget(std::mem::replace(&mut self.state, State::Ended));
        }
    }
}

impl<S: Source> Running<S> {
    fn start(sources: &Arc<Sources<S>>) -> Result<Self, Stop> {
        let shared = Arc::new(Shared::new(Arc::clone(sources)));
        let threads = sources.threads.clamp(1, sources.all.len().max(1));
        let (sender, groups) = sync_channel(threads);
        for number in 0..threads {
            let (shared, sender) = (Arc::clone(&shared), sender.clone());
            let thread = Builder::new().name("procmaps-arrow".to_owned());
            match thread.spawn(move || shared.run(&sender)) {
                Ok(_) => {}
                // Fewer threads take longer.
                Err(_) if number > 0 => break,
                Err(error) => return Err(failed(&format!("no thread could start: {error}"))),
            }
        }
        Ok(Self {
            shared,
            groups,
            current: None,
        })
    }

    fn next(&mut self, interrupt: &mut Interrupt) -> Result<Option<RecordBatch>, Stop> {
        loop {
            let Some(group) = &self.current else {
                match wait(&self.groups, interrupt)? {
                    Some(group) => self.current = Some(group),
                    None if self.shared.is_done() => return Ok(None),
                    None => return Err(ended_early()),
                }
                continue;
            };
            match wait(group, interrupt)? {
                Some(Message::Batch(batch)) => return Ok(Some(batch)),
                Some(Message::Failed(stop)) => return Err(stop),
                Some(Message::End) => self.current = None,
                None => return Err(ended_early()),
            }
        }
    }
}

/// What a channel gives; `None` where nothing can come any more.
fn wait<T>(channel: &Receiver<T>, interrupt: &mut Interrupt) -> Result<Option<T>, Stop> {
    loop {
        interrupt().map_err(|reason| failed(&reason))?;
        match channel.recv_timeout(BETWEEN_INTERRUPTS) {
            Ok(value) => return Ok(Some(value)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn ended_early() -> Stop {
    failed("a reading thread ended too early")
}

fn failed(reason: &str) -> Stop {
    // As in the message of a `SourceError`.
    let reason = reason.replace('\0', r"\x00");
    Stop::Arrow(ArrowError::ExternalError(reason.into()))
}

impl<S: Source> Iterator for SourceStream<S> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_batch() {
            Ok(batch) => batch.map(Ok),
            Err(Stop::Failed(error)) => Some(Err(error.into())),
            Err(Stop::Arrow(error)) => Some(Err(error)),
            Err(Stop::Unwanted) => None,
        }
    }
}

impl<S: Source> RecordBatchReader for SourceStream<S> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

#[cfg(test)]
mod tests;
