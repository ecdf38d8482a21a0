//! Rows in the binary format of `COPY`, the fastest way into PostgreSQL.
//!
//! <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".

use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use futures::SinkExt;
use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Client;

use crate::sql::error::Failure;
use crate::sql::types::postgres::microseconds;

/// How much is sent at once. So much, and what the socket holds, is all that a change of any size takes in memory.
const CHUNK: usize = 256 * 1024;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Sends rows to the columns of a table that `target` names: `entity (ref, name)`.
pub(super) async fn copy<T: Send>(
    client: &Client,
    target: &str,
    items: impl IntoIterator<Item = T, IntoIter: Send>,
    columns: impl Fn(&mut Row<'_>, T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut sink = pin!(client.copy_in::<_, Bytes>(&format!("COPY {target} FROM STDIN BINARY")).await?);
    let mut buffer = BytesMut::with_capacity(CHUNK + CHUNK / 4);
    buffer.put_slice(SIGNATURE);
    buffer.put_i32(0); // flags
    buffer.put_i32(0); // length of the header's extension
    for item in items {
        let mut row = Row { start: buffer.len(), columns: 0, buffer: &mut buffer };
        row.buffer.put_i16(0);
        columns(&mut row, item)?;
        row.end();
        if buffer.len() >= CHUNK {
            sink.feed(buffer.split().freeze()).await?;
            buffer.reserve(CHUNK + CHUNK / 4);
        }
    }
    buffer.put_i16(-1);
    sink.feed(buffer.freeze()).await?;
    sink.finish().await?;
    Ok(())
}

/// A row that is being written, column by column.
pub(super) struct Row<'b> {
    buffer: &'b mut BytesMut,
    start: usize,
    columns: i16,
}

impl Row<'_> {
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn maybe_text(&mut self, text: Option<&str>) {
        self.maybe(text, Row::text);
    }

    pub(super) fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    pub(super) fn time(&mut self, time: Timestamp) {
        self.number(microseconds(time));
    }

    pub(super) fn maybe_time(&mut self, time: Option<Timestamp>) {
        self.maybe(time, Row::time);
    }

    pub(super) fn maybe_bytes(&mut self, bytes: Option<&[u8]>) {
        self.maybe(bytes, Row::bytes);
    }

    /// A value as `json`: the text itself.
    pub(super) fn json<T: Serialize + ?Sized>(&mut self, what: &str, value: &T) -> Result<(), Failure> {
        self.columns += 1;
        let at = self.buffer.len();
        self.buffer.put_i32(0);
        serde_json::to_writer((&mut *self.buffer).writer(), value).map_err(|error| Failure::content(what, error))?;
        let length = length_of(self.buffer.len() - at - 4);
        self.buffer[at..at + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    pub(super) fn null(&mut self) {
        self.columns += 1;
        self.buffer.put_i32(-1);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.columns += 1;
        self.buffer.put_i32(length_of(bytes.len()));
        self.buffer.put_slice(bytes);
    }

    fn maybe<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => put(self, value),
            None => self.null(),
        }
    }

    fn end(self) {
        self.buffer[self.start..self.start + 2].copy_from_slice(&self.columns.to_be_bytes());
    }
}

/// PostgreSQL takes no field of a gigabyte or more, and says so.
fn length_of(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_its_columns_and_their_bytes() {
        let mut buffer = BytesMut::new();
        buffer.put_i16(0);
        let mut row = Row { buffer: &mut buffer, start: 0, columns: 0 };
        row.text("ab");
        row.maybe_text(None);
        row.json("a list", &["é"]).expect("JSON");
        row.end();
        let expected = b"\0\x03\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\x06[\"\xc3\xa9\"]";
        assert_eq!(&buffer[..], expected);
    }
}
