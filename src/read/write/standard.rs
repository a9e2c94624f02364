//! The standard streams, and what keeps them from being written to that the standard library passes over, or that ends
//! the process in the middle.

use std::io::{Result, Write};
#[cfg(unix)]
use std::os::fd::AsFd;

/// Standard output: what cannot be written is an error, and nothing of it is written.
pub fn standard_output() -> impl Write {
    Checked(std::io::stdout().lock())
}

/// Standard error: likewise.
pub fn standard_error() -> impl Write {
    Checked(std::io::stderr().lock())
}

/// A stream that is looked at before something is written to it.
struct Checked<S>(S);

#[cfg(unix)]
impl<S: Write + AsFd> Write for Checked<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        takes(&self.0, bytes.len())?;
        self.0.write_all(bytes)?;
        self.0.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

#[cfg(not(unix))]
impl<S: Write> Write for Checked<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

/// Whether so many bytes can be written to a stream, as far as that can be known before.
///
/// # Errors
/// If they cannot.
#[cfg(unix)]
pub fn takes(stream: &impl AsFd, length: usize) -> Result<()> {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, tell};
    let flags = fcntl_getfl(stream)?;
    // The standard library takes that for written.
    if flags & OFlags::RWMODE == OFlags::RDONLY {
        return Err(std::io::Error::other("it is open for reading only"));
    }
    let data = fstat(stream)?;
    if !FileType::from_raw_mode(data.st_mode).is_file() {
        return Ok(());
    }
    within_limit(
        if flags.contains(OFlags::APPEND) { u64::try_from(data.st_size).unwrap_or(0) } else { tell(stream)? },
        length,
    )
}

/// Whether so many bytes can be written to a stream.
///
/// # Errors
/// None: nothing is known before.
#[cfg(not(unix))]
pub fn takes<S>(_: &S, _: usize) -> Result<()> {
    Ok(())
}

/// Whether so many bytes can be written from an offset of a file. At the limit that it sets on the size of files, the
/// system ends the process unless that asked for an error, so that it is asked before.
#[cfg(unix)]
pub(super) fn within_limit(offset: u64, length: usize) -> Result<()> {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::Fsize).current {
        Some(most) if offset.saturating_add(length as u64) > most => Err(rustix::io::Errno::FBIG.into()),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) fn within_limit(_: u64, _: usize) -> Result<()> {
    Ok(())
}
