//! All objects of a kind in one file: a JSON object a line, compressed with zstd (`deployments.ndjson.zst`).
//!
//! `zstdcat FILE | jq` shows the providers' own objects and nothing else. Their names stand before them in a frame that
//! decoders skip: a read that was cut keeps by name what an earlier one saw. Files of others need no such frame.
//!
//! A bundle is read line by line. However little of it is stored, what is in memory at a time is bounded.

use std::io::{self, BufRead, BufReader, Read, Write};

use crate::id::Text;

/// The longest record that is read, in bytes.
pub const LONGEST_RECORD: usize = 16 << 20;

/// The most records of one file.
const MOST_RECORDS: usize = 1_000_000;

/// How much a file may hold where it stores next to nothing, and how many times of what it stores.
const FREE: u64 = 64 << 20;
const RATIO: u64 = 500;

/// No more memory than 2 to this power is lent to a decoder; 21 is what is written here, 23 what `zstd -19` writes.
const WINDOW_LOG: u32 = 24;

/// Small enough that a collector does not wait for it.
const LEVEL: i32 = 3;

/// How a frame of zstd begins, and one that decoders skip; of the latter sixteen are free to use.
const FRAME: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
const SKIPPED: [u8; 4] = 0x184D_2A50_u32.to_le_bytes();

/// The longest list of names that is believed.
const LONGEST_NAMES: u64 = 256 << 20;

/// Writes records with their names; equal ones in the same order make equal bytes.
pub fn write<'r>(records: impl Iterator<Item = (&'r str, &'r str)>) -> Vec<u8> {
    const IN_MEMORY: &str = "compressing into memory does not fail";
    let mut names = Vec::new();
    let mut lines = zstd::stream::write::Encoder::new(Vec::new(), LEVEL).expect("the level is one of zstd's");
    lines.include_checksum(true).expect("zstd knows checksums");
    for (name, record) in records {
        names.push(name);
        lines.write_all(record.as_bytes()).expect(IN_MEMORY);
        lines.write_all(b"\n").expect(IN_MEMORY);
    }
    let lines = lines.finish().expect(IN_MEMORY);
    let names = serde_json::to_vec(&names).expect("a list of texts has a JSON form");
    let names = zstd::stream::encode_all(names.as_slice(), LEVEL).expect(IN_MEMORY);
    let mut bytes = Vec::with_capacity(8 + names.len() + lines.len());
    // A list of names that does not fit in one frame is left out, as in the files of others.
    if let Ok(length) = u32::try_from(names.len()) {
        bytes.extend_from_slice(&SKIPPED);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&names);
    }
    bytes.extend_from_slice(&lines);
    bytes
}

/// The names of a bundle's records, in their order; `None` if it does not hold them.
pub fn names(bytes: &[u8]) -> Option<Vec<Text>> {
    let rest = bytes.strip_prefix(&SKIPPED)?;
    let (length, rest) = rest.split_at_checked(4)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let frame = rest.get(..usize::try_from(length).ok()?)?;
    let decoder = zstd::stream::read::Decoder::new(frame).ok()?;
    serde_json::from_reader(BufReader::new(decoder.take(LONGEST_NAMES))).ok()
}

/// The records of a bundle one after the other, compressed or not.
pub struct Records<'b> {
    input: Box<dyn BufRead + 'b>,
    line: Vec<u8>,
    number: usize,
    is_over: bool,
}

/// A record, or why it cannot be had.
pub struct Record<'r> {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, or what is wrong with it.
    pub text: Result<&'r [u8], String>,
    /// Nothing behind it was read.
    pub is_last: bool,
}

impl<'b> Records<'b> {
    /// The records of a file; whether it is compressed is seen from its first bytes.
    ///
    /// # Errors
    /// If there is nothing in it, or its compression is of a kind that is not read.
    pub fn new(bytes: &'b [u8]) -> Result<Records<'b>, String> {
        if bytes.is_empty() {
            return Err("the file is empty".to_owned());
        }
        let input: Box<dyn BufRead + 'b> = if bytes.starts_with(&FRAME) || is_skipped(bytes) {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(|error| error.to_string())?;
            decoder.window_log_max(WINDOW_LOG).map_err(|error| error.to_string())?;
            let limit = FREE.saturating_add(RATIO.saturating_mul(bytes.len() as u64));
            Box::new(BufReader::new(Bounded { input: decoder, left: limit, limit }))
        } else {
            Box::new(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        };
        Ok(Records { input, line: Vec::new(), number: 0, is_over: false })
    }

    /// The next record; blank lines are none.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        loop {
            if self.is_over {
                return None;
            }
            let length = match self.read_line() {
                Ok(length) => length,
                Err(error) => {
                    self.is_over = true;
                    let text = Err(format!("it cannot be read from here on: {error}"));
                    return Some(Record { number: self.number + 1, text, is_last: true });
                }
            };
            let is_blank = length <= LONGEST_RECORD && self.line.trim_ascii().is_empty();
            if is_blank {
                continue;
            }
            self.number += 1;
            let number = self.number;
            if number > MOST_RECORDS {
                self.is_over = true;
                let text = Err(format!("at most {MOST_RECORDS} records of a file are read"));
                return Some(Record { number, text, is_last: true });
            }
            let text = if length > LONGEST_RECORD {
                Err(format!("the record has {length} bytes; at most {LONGEST_RECORD} are read"))
            } else {
                Ok(self.line.trim_ascii())
            };
            return Some(Record { number, text, is_last: false });
        }
    }

    /// Reads to the end of a line and says how long it is; of one that is too long only the beginning is kept.
    fn read_line(&mut self) -> io::Result<usize> {
        self.line.clear();
        let mut length = 0;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                self.is_over = true;
                return Ok(length);
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            length += part.len();
            if length <= LONGEST_RECORD {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                return Ok(length);
            }
        }
    }
}

fn is_skipped(bytes: &[u8]) -> bool {
    // The lowest four bits of its first byte are free.
    bytes.len() >= 4 && bytes[0] & 0xF0 == SKIPPED[0] && bytes[1..4] == SKIPPED[1..]
}

/// Ends with an error where more comes out than anybody would put in.
struct Bounded<R> {
    input: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!("it holds more than {} bytes, which is too much for what is stored", self.limit))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Result<String, String>> {
        let mut records = Records::new(bytes).expect("a bundle");
        let mut all = Vec::new();
        while let Some(record) = records.next_record() {
            assert_eq!(record.number, all.len() + 1);
            all.push(record.text.map(|text| String::from_utf8_lossy(text).into_owned()));
        }
        all
    }

    fn compressed(text: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(text, 19).expect("compressed")
    }

    #[test]
    fn what_was_written_is_read_back_with_its_names() {
        let records = [("b", "{\"x\":1}"), ("ä/..", "{}"), ("", "[\"a\\n\"]")];
        let bytes = write(records.into_iter());
        assert_eq!(bytes, write(records.into_iter()), "equal content, equal bytes");
        assert_eq!(all(&bytes), records.map(|(_, text)| Ok(text.to_owned())));
        assert_eq!(names(&bytes).expect("names"), ["b", "ä/..", ""]);
        // Another decoder sees the lines and nothing else.
        assert_eq!(zstd::stream::decode_all(bytes.as_slice()).expect("decoded"), b"{\"x\":1}\n{}\n[\"a\\n\"]\n");
        let empty = write(std::iter::empty());
        assert!(all(&empty).is_empty() && names(&empty).expect("names").is_empty());
    }

    #[test]
    fn files_of_others_are_read_as_they_are() {
        for text in ["{\"x\":1}\n{}\n", "\u{feff}{\"x\":1}\r\n\r\n  {}  "] {
            assert_eq!(all(text.as_bytes()), [Ok("{\"x\":1}".to_owned()), Ok("{}".to_owned())], "{text:?}");
        }
        let two = [compressed(b"{\"x\":1}\n"), compressed(b"{}\n")].concat();
        assert_eq!(all(&two), [Ok("{\"x\":1}".to_owned()), Ok("{}".to_owned())]);
        assert_eq!(names(&two), None);
        assert!(Records::new(b"").is_err());
    }

    #[test]
    fn a_bundle_that_is_cut_gives_what_is_before_the_cut_and_says_so() {
        let lines: String = (0..20_000_u32).map(|n| format!("{{\"n\":{}}}\n", n.wrapping_mul(2_654_435_761))).collect();
        let bytes = compressed(lines.as_bytes());
        let whole = all(&bytes);
        assert!(whole.len() == 20_000 && whole.iter().all(Result::is_ok));
        for at in (1..bytes.len()).step_by(bytes.len() / 7) {
            let cut = all(&bytes[..at.max(4)]);
            let (last, before) = cut.split_last().expect("at least the error");
            assert!(last.is_err(), "cut at {at}");
            assert_eq!(before, &whole[..before.len()], "cut at {at}");
        }
    }

    #[test]
    fn a_record_that_is_too_long_costs_itself_and_no_memory() {
        let long = "x".repeat(LONGEST_RECORD + 1);
        let bytes = compressed(format!("{{}}\n{long}\n{{\"x\":1}}\n").as_bytes());
        let mut records = Records::new(&bytes).expect("a bundle");
        assert!(records.next_record().expect("one").text.is_ok());
        assert!(records.next_record().expect("two").text.expect_err("too long").contains("at most"));
        assert_eq!(records.next_record().expect("three").text.expect("the next one"), b"{\"x\":1}");
        assert!(records.next_record().is_none());
        assert!(records.line.capacity() <= 2 * LONGEST_RECORD);
    }

    #[test]
    fn a_zip_bomb_is_given_up() {
        let mut bomb = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..200 {
            bomb.write_all(&zeros).expect("written");
        }
        let bomb = bomb.finish().expect("written");
        assert!(bomb.len() < 100_000);
        let read = all(&bomb);
        assert_eq!(read.len(), 1);
        assert!(read[0].as_ref().expect_err("a bomb").contains("too much for what is stored"), "{read:?}");
        let many = all(&compressed("{}\n".repeat(MOST_RECORDS + 5).as_bytes()));
        assert_eq!((many.len(), many.last().expect("a last").is_err()), (MOST_RECORDS + 1, true));
    }

    #[test]
    fn a_window_that_takes_too_much_memory_is_refused() {
        let mut wide = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
        wide.window_log(27).expect("a window");
        wide.write_all("{}\n".repeat(100_000).as_bytes()).expect("written");
        let wide = wide.finish().expect("written");
        assert!(all(&wide)[0].is_err());
    }
}
