//! From what a program prints to lines, one at a time, each within bounds.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The longest line, in bytes: as much as the core reads as one record.
pub(super) const LONGEST: usize = 16 << 20;

/// What a line counts for at least: the shortest object takes so much memory, whatever it takes on paper.
const LEAST: u64 = 256;

/// What is kept of a line's memory for the next one.
const KEPT: usize = 1 << 20;

/// A line that is not blank.
pub(super) struct Line<'l> {
    /// Its number, from 1; blank lines count.
    pub(super) number: usize,
    /// What it says, without its end.
    pub(super) bytes: &'l [u8],
    /// Whether its end was seen: a program that is killed leaves half a line.
    pub(super) is_ended: bool,
}

impl Line<'_> {
    /// How a message names it.
    pub(super) fn place(&self) -> String {
        let cut = if self.is_ended { "" } else { ", the last one and perhaps cut off" };
        format!("line {}{cut}", self.number)
    }
}

/// Who is given the lines.
pub(super) trait Listener: Send {
    /// Takes a line.
    ///
    /// # Errors
    /// If the program cannot be followed any further; the text says why, and names the line.
    fn line(&mut self, line: Line<'_>) -> Result<(), String>;
}

/// Hands every line to a listener, until no more come.
///
/// # Errors
/// If a bound is broken, nothing can be read, or the listener has had enough; the text says which.
pub(super) async fn each_line(
    from: impl AsyncRead + Unpin,
    most_mib: u64,
    listener: &mut dyn Listener,
) -> Result<(), String> {
    let mut reader = BufReader::with_capacity(64 << 10, from);
    let most = most_mib.saturating_mul(1 << 20);
    let (mut line, mut number) = (Vec::new(), 0);
    let (mut length, mut total) = (0_u64, 0_u64);
    loop {
        let chunk = reader.fill_buf().await.map_err(|error| format!("its stdout cannot be read: {error}"))?;
        let is_over = chunk.is_empty();
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        if line.len() + part.len() > LONGEST {
            return Err(format!("line {} is longer than {} MiB", number + 1, LONGEST >> 20));
        }
        line.extend_from_slice(part);
        let used = end.map_or(chunk.len(), |at| at + 1);
        reader.consume(used);
        length += used as u64;
        if total + length > most {
            return Err(format!(
                "it printed more than {most_mib} MiB, where a line counts for {LEAST} bytes at least; raise \
                 `max_output_mib` if that is right"
            ));
        }
        if end.is_some() || is_over {
            number += 1;
            total += length.max(LEAST);
            length = 0;
            let bytes = line.trim_ascii();
            if !bytes.is_empty() {
                listener.line(Line { number, bytes, is_ended: end.is_some() })?;
            }
            line.clear();
            line.shrink_to(KEPT);
        }
        if is_over {
            return Ok(());
        }
    }
}
