//! Translation to Python and nothing else: one file per class.

// Doc comments here are docstrings, in which Python's names have no backticks.
#![allow(clippy::doc_markdown)]
// PyO3 hands over what an argument was turned into.
#![allow(clippy::needless_pass_by_value)]

mod arrow;
mod convert;
mod core_dump;
mod errors;
mod formats;
mod html;
mod interpreter;
mod linux;
mod mapping;
mod signals;
mod space;

/// Whether `CPython` places objects well enough for what is in them: where pointers have
/// 32 bits at multiples of 8, which is less than `i128` needs on i686.
const fn can_be_placed<T>() -> bool {
    align_of::<T>() <= size_of::<[usize; 2]>()
}

/// The extension module; users import its contents from `procmaps`.
#[pyo3::pymodule(name = "_procmaps")]
mod extension {
    use pyo3::prelude::*;
    use pyo3::types::{IntoPyDict, PyTuple, PyType};

    use super::arrow::table::Table;
    #[pymodule_export]
    use super::core_dump::core::Core;
    #[pymodule_export]
    use super::core_dump::maps::from_core;
    #[pymodule_export]
    use super::formats::maps::{from_bytes, from_path, from_str};
    #[pymodule_export]
    use super::formats::memory_usage::MemoryUsage;
    #[pymodule_export]
    use super::formats::smaps::{
        rollup, smaps_from_bytes, smaps_from_path, smaps_from_pid, smaps_from_str,
    };
    #[pymodule_export]
    use super::formats::sums::{sum_usage, sum_usage_by};
    #[pymodule_export]
    use super::linux::listing::from_pid;
    #[pymodule_export]
    use super::linux::live::find;
    #[pymodule_export]
    use super::linux::proc_root::pids;
    #[pymodule_export]
    use super::linux::process::Process;
    #[pymodule_export]
    use super::mapping::map::Map;
    #[pymodule_export]
    use super::space::address_space::AddressSpace;
    #[pymodule_export]
    use super::space::difference::Difference;
    #[pymodule_export]
    use super::space::location::Location;
    #[pymodule_export]
    use super::space::module::Module;

    const _: () = assert!(
        super::can_be_placed::<AddressSpace>()
            && super::can_be_placed::<Core>()
            && super::can_be_placed::<Difference>()
            && super::can_be_placed::<Location>()
            && super::can_be_placed::<Map>()
            && super::can_be_placed::<MemoryUsage>()
            && super::can_be_placed::<Module>()
            && super::can_be_placed::<Process>()
            && super::can_be_placed::<Table>()
    );

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        super::interpreter::claim(py)?;
        match_as_sequence(&py.get_type::<AddressSpace>())?;
        super::errors::parse_error_class(py)?;
        // For procmaps.arrow alone: what is added otherwise is public.
        module.setattr("_ArrowTable", py.get_type::<Table>())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// Lets `match` take what is of this class for a sequence, as `collections.abc`
    /// does for its own. Not as a `Sequence`: polars makes a column of objects of
    /// what is one, and does not ask for its table.
    fn match_as_sequence(class: &Bound<'_, PyType>) -> PyResult<()> {
        /// `Py_TPFLAGS_SEQUENCE`, of Python's `Include/object.h`.
        const FLAG: u32 = 1 << 5;
        let py = class.py();
        let names = [("__abc_tpflags__", FLAG)].into_py_dict(py)?;
        let bases = PyTuple::empty(py);
        let matched = py.import("abc")?.getattr("ABCMeta")?;
        let matched = matched.call1(("SequencePattern", bases, names))?;
        matched.call_method1("register", (class,))?;
        Ok(())
    }
}
