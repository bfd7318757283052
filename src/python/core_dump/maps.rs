//! From a core file to maps.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::core_dump::CoreDump;
use crate::formats::core_file::CoreError;
use crate::mapping::Spelling;
use crate::python::errors::core_error;
use crate::python::mapping::collection::{Collection, Collector};

/// Return the memory maps of a process that has died, from its core file.
///
/// Ranges and permissions are those of the program headers PT_LOAD, names and
/// offsets those of the note NT_FILE. A core file tells neither device nor
/// inode, which are 0, and rarely whether memory was shared: it is private
/// unless the file tells otherwise. As far as the notes tell, [heap], [stack]
/// and [vdso] have their names. What gdb's gcore leaves out has the permissions
/// that its file's program headers give it, or '---p' where these are not in the
/// core file either.
///
/// Headers and notes alone are read, however long the file is; one that was cut short
/// is read as far as it goes.
///
/// Raises the OSError that the system means, with `errno` and `filename`, and
/// ParseError if it is not a core file, with the offset of the fault.
///
/// Source: core(5); elf_core_dump in the kernel's fs/binfmt_elf.c.
#[pyfunction]
pub(in crate::python) fn from_core<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    collect(py, &open(py, path)?.0)
}

/// Opens a core file, named by anything that names a file, with the GIL released, and
/// returns its name as well.
pub(in crate::python) fn open<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<(CoreDump, Bound<'py, PyString>)> {
    let filename = py.import("os")?.call_method1("fsdecode", (path,))?;
    let path = PathBuf::from(filename.extract::<OsString>()?);
    loop {
        match py.detach(|| CoreDump::open(&path)) {
            Ok(core) => return Ok((core, filename.cast_into()?)),
            Err(CoreError::System(error)) if error.kind() == io::ErrorKind::Interrupted => {
                py.check_signals()?;
            }
            Err(error) => return Err(core_error(&error, &filename)),
        }
    }
}

/// One `Map` per mapping, in the order of their addresses.
pub(in crate::python) fn collect<'py, C: Collection<'py>>(
    py: Python<'py>,
    core: &CoreDump,
) -> PyResult<C> {
    let mut maps = Collector::new(py, Spelling::Raw);
    for (fields, name) in core.core().mappings() {
        maps.add(&fields, name)?;
    }
    Ok(maps.into_collection())
}
