//! Rows of bytes by number.

use std::sync::Arc;

use super::index;

/// How many rows are copied to change one.
const CHUNK: usize = 256;

/// Rows, one behind the other. A copy shares what is not changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    chunks: Arc<Vec<Arc<Chunk>>>,
    len: usize,
}

#[derive(Clone, Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where each row ends.
    ends: Vec<u32>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Nothing for a number that no row has.
    pub(crate) fn get(&self, at: usize) -> &[u8] {
        self.chunks.get(at / CHUNK).and_then(|chunk| chunk.get(at % CHUNK)).unwrap_or_default()
    }

    /// Adds a row, which is written behind what stands there.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let chunks = Arc::make_mut(&mut self.chunks);
        if chunks.last().is_none_or(|chunk| chunk.ends.len() == CHUNK) {
            chunks.push(Arc::default());
        }
        let chunk = Arc::make_mut(chunks.last_mut().expect("one was pushed if there was none"));
        write(&mut chunk.bytes);
        chunk.ends.push(end(chunk.bytes.len()));
        if chunk.ends.len() == CHUNK {
            chunk.bytes.shrink_to_fit();
            chunk.ends.shrink_to_fit();
        }
        self.len += 1;
    }

    /// Puts another row in the place of one.
    pub(crate) fn replace(&mut self, at: usize, row: &[u8]) {
        Arc::make_mut(&mut Arc::make_mut(&mut self.chunks)[at / CHUNK]).replace(at % CHUNK, row);
    }
}

impl Chunk {
    fn get(&self, at: usize) -> Option<&[u8]> {
        let end = index(*self.ends.get(at)?);
        self.bytes.get(self.start(at)..end)
    }

    fn start(&self, at: usize) -> usize {
        if at == 0 { 0 } else { index(self.ends[at - 1]) }
    }

    fn replace(&mut self, at: usize, row: &[u8]) {
        let old = self.start(at)..index(self.ends[at]);
        let (grown, shrunk) = (end(row.len()), end(old.len()));
        self.bytes.splice(old, row.iter().copied());
        self.ends[at..].iter_mut().for_each(|end| *end = *end + grown - shrunk);
    }
}

fn end(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("a few entities do not take four gigabytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_replaced_and_a_copy_keeps_what_it_had() {
        let mut rows = Rows::default();
        let row = |at: usize| vec![b'x'; at % 5];
        (0..600).for_each(|at| rows.push(|bytes| bytes.extend(row(at))));
        let before = rows.clone();
        rows.replace(300, b"another");
        rows.replace(302, b"");
        for at in 0..600 {
            assert_eq!(before.get(at), row(at));
            match at {
                300 => assert_eq!(rows.get(at), b"another"),
                302 => assert_eq!(rows.get(at), b""),
                _ => assert_eq!(rows.get(at), row(at)),
            }
        }
        assert_eq!((rows.len(), rows.get(600)), (600, &[][..]));
    }
}
