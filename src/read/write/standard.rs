//! The standard streams, and what keeps them from being written to that the standard library passes over, or that ends
//! the process in the middle.

use std::io::{Result, Write};
#[cfg(unix)]
use std::os::fd::AsFd;

/// Standard output: what cannot be written is an error, and nothing of it is written.
pub fn standard_output() -> impl Write {
    let stream = std::io::stdout().lock();
    Checked { is_closed: is_closed(&stream), stream }
}

/// Whether standard output takes so many bytes, as far as that can be known before.
///
/// # Errors
/// If it is closed, or does not take them.
pub fn standard_output_takes(length: usize) -> Result<()> {
    let stream = std::io::stdout();
    match is_closed(&stream) {
        true => Err(closed()),
        false => takes(&stream, length),
    }
}

/// Standard error: likewise.
pub fn standard_error() -> impl Write {
    Checked { stream: std::io::stderr().lock(), is_closed: false }
}

/// A stream that is looked at before something is written to it.
struct Checked<S> {
    stream: S,
    /// Whether what is written would go nowhere.
    is_closed: bool,
}

#[cfg(unix)]
impl<S: Write + AsFd> Write for Checked<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.is_closed {
            return Err(closed());
        }
        takes(&self.stream, bytes.len())?;
        self.stream.write_all(bytes)?;
        self.stream.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.stream.flush()
    }
}

#[cfg(not(unix))]
impl<S: Write> Write for Checked<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.stream.flush()
    }
}

fn closed() -> std::io::Error {
    std::io::Error::other("it is closed")
}

/// Whether the program was started with this stream closed. Rust then opens the null device for reading and writing in
/// its place; a shell that is asked for `/dev/null` opens it for writing alone.
#[cfg(target_os = "linux")]
fn is_closed(stream: &impl AsFd) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};
    let is_both = || fcntl_getfl(stream).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR);
    let is_null = || match (fstat(stream), stat("/dev/null")) {
        (Ok(ours), Ok(null)) => null.st_rdev != 0 && ours.st_rdev == null.st_rdev,
        _ => false,
    };
    is_both() && is_null()
}

#[cfg(not(target_os = "linux"))]
fn is_closed<S>(_: &S) -> bool {
    false
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
