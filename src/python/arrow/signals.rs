//! Signals such as Ctrl-C, while a stream is read.

use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::arrow::sources::Interrupt;

/// How often signals are looked for.
const INTERVAL: Duration = Duration::from_millis(50);

/// What a stream asks whether to go on. Python answers signals on its main thread
/// alone, so nothing but a stream of that thread is interrupted.
///
/// A consumer may have given up the GIL, and raises an exception of its own for what
/// ends a stream. A `KeyboardInterrupt` is raised once more after that.
pub(super) fn interrupt(py: Python<'_>) -> PyResult<Interrupt> {
    let threading = py.import("threading")?;
    let main = threading.call_method0("main_thread")?;
    if !threading.call_method0("current_thread")?.is(&main) {
        return Ok(Box::new(|| Ok(())));
    }
    let main = thread::current().id();
    let mut last = Instant::now();
    Ok(Box::new(move || {
        if last.elapsed() < INTERVAL || thread::current().id() != main {
            return Ok(());
        }
        last = Instant::now();
        // While the interpreter ends there is nobody left to answer.
        Python::try_attach(answer).unwrap_or(Ok(()))
    }))
}

fn answer(py: Python<'_>) -> Result<(), String> {
    let Err(raised) = py.check_signals() else {
        return Ok(());
    };
    if raised.is_instance_of::<PyKeyboardInterrupt>(py) {
        let again = py
            .import("_thread")
            .and_then(|it| it.call_method0("interrupt_main"));
        // Without it the stream ends all the same.
        drop(again);
    }
    Err(raised.to_string())
}
