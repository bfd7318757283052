//! A look for signals such as Ctrl-C, now and then in a long loop.

use pyo3::prelude::*;

/// After how much text a look is due: some milliseconds' worth.
const INTERVAL: usize = 1 << 21;

/// What a line takes besides its name.
const LINE: usize = 64;

/// Counts the text that was read since the last look.
#[derive(Default)]
pub(super) struct Signals {
    bytes: usize,
}

impl Signals {
    /// Counts a line, or several, with so many bytes besides the fixed ones. Lines
    /// alone would not do: a name may be long.
    ///
    /// # Errors
    ///
    /// What a signal handler raises.
    #[inline]
    pub(super) fn after(&mut self, py: Python<'_>, bytes: usize) -> PyResult<()> {
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(LINE);
        if self.bytes < INTERVAL {
            return Ok(());
        }
        self.bytes = 0;
        py.check_signals()
    }
}
