//! Tables as streams of Arrow record batches, which other libraries read without copies by way of Python's objects.
//!
//! A batch is made when the reader asks for it, so that a large table is never there twice, and without the interpreter's
//! lock where the reader lets it go.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Int64Builder, ListBuilder, MapBuilder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use portal_core::{Catalog, EntityType, Ref};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::entities::{Cell, Column, Kind, Known, columns};

/// How many rows a batch has.
const ROWS: usize = 16_384;

/// A table that is read batch by batch.
pub(crate) trait Table: Send + 'static {
    /// Names and kinds of its columns.
    fn columns(&self) -> Vec<(&'static str, Kind)>;

    /// Appends the next rows, at most so many or a few more; false at the end.
    fn fill(&mut self, rows: usize, row: &mut dyn FnMut(&mut dyn Iterator<Item = Cell>)) -> bool;
}

/// A capsule with the whole table as a stream.
pub(crate) fn stream<T: Table>(py: Python<'_>, table: T) -> PyResult<Bound<'_, PyCapsule>> {
    let batches = Batches::new(table);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), c"arrow_array_stream")
}

/// A capsule with the schema of a table.
pub(crate) fn schema<'py, T: Table>(py: Python<'py>, table: &T) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = schema_of(&table.columns());
    let schema = FFI_ArrowSchema::try_from(&schema).map_err(|error| PyValueError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

/// Entities of one type.
pub(crate) struct Entities {
    catalog: Arc<Catalog>,
    columns: &'static [Column],
    refs: std::vec::IntoIter<Ref>,
}

impl Entities {
    pub(crate) fn new(catalog: Arc<Catalog>, of: EntityType, refs: Vec<Ref>) -> Entities {
        Entities { catalog, columns: columns(of), refs: refs.into_iter() }
    }
}

impl Table for Entities {
    fn columns(&self) -> Vec<(&'static str, Kind)> {
        self.columns.iter().map(|column| (column.name(), column.kind)).collect()
    }

    fn fill(&mut self, rows: usize, row: &mut dyn FnMut(&mut dyn Iterator<Item = Cell>)) -> bool {
        for entity in self.refs.by_ref().take(rows) {
            if let Some(known) = Known::find(&self.catalog, &entity) {
                row(&mut self.columns.iter().map(|column| (column.read)(&known)));
            }
        }
        self.refs.len() > 0
    }
}

struct Batches<T> {
    table: T,
    columns: Vec<(&'static str, Kind)>,
    schema: SchemaRef,
    has_more: bool,
}

impl<T: Table> Batches<T> {
    fn new(table: T) -> Batches<T> {
        let columns = table.columns();
        let schema = Arc::new(schema_of(&columns));
        Batches { table, columns, schema, has_more: true }
    }
}

impl<T: Table> Iterator for Batches<T> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.has_more {
            let mut builders: Vec<Builder> = self.columns.iter().map(|(_, kind)| Builder::new(*kind)).collect();
            let mut rows = 0;
            self.has_more = self.table.fill(ROWS, &mut |cells| {
                rows += 1;
                for (builder, cell) in builders.iter_mut().zip(cells) {
                    builder.append(cell);
                }
            });
            if rows > 0 {
                let arrays = builders.into_iter().map(Builder::finish).collect();
                return Some(RecordBatch::try_new(Arc::clone(&self.schema), arrays));
            }
        }
        None
    }
}

impl<T: Table> RecordBatchReader for Batches<T> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

fn schema_of(columns: &[(&'static str, Kind)]) -> Schema {
    let field =
        |(name, kind): &(&'static str, Kind)| Field::new(*name, Builder::new(*kind).finish().data_type().clone(), true);
    Schema::new(columns.iter().map(field).collect::<Vec<Field>>())
}

/// Makes one column of a batch.
enum Builder {
    Text(StringBuilder),
    Texts(ListBuilder<StringBuilder>),
    Pairs(MapBuilder<StringBuilder, StringBuilder>),
    Flag(BooleanBuilder),
    Number(Int64Builder),
    Time(TimestampMicrosecondBuilder),
}

impl Builder {
    fn new(kind: Kind) -> Builder {
        match kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Texts => Builder::Texts(ListBuilder::new(StringBuilder::new())),
            Kind::Pairs => Builder::Pairs(MapBuilder::new(None, StringBuilder::new(), StringBuilder::new())),
            Kind::Flag => Builder::Flag(BooleanBuilder::new()),
            Kind::Number => Builder::Number(Int64Builder::new()),
            Kind::Time => Builder::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        }
    }

    /// Appends a value of this builder's kind.
    fn append(&mut self, cell: Cell) {
        match (self, cell) {
            (Builder::Text(builder), Cell::Text(text)) => builder.append_option(text),
            (Builder::Texts(builder), Cell::Texts(texts)) => {
                for text in &texts {
                    builder.values().append_value(text);
                }
                builder.append(true);
            }
            (Builder::Pairs(builder), Cell::Pairs(pairs)) => {
                for (key, value) in &pairs {
                    builder.keys().append_value(key);
                    builder.values().append_value(value);
                }
                builder.append(true).expect("as many keys as values were appended");
            }
            (Builder::Flag(builder), Cell::Flag(flag)) => builder.append_value(flag),
            (Builder::Number(builder), Cell::Number(number)) => builder.append_option(number),
            (Builder::Time(builder), Cell::Time(at)) => builder.append_option(at.map(|at| at.as_microsecond())),
            _ => unreachable!("a column's cells are of its kind: a test reads every column"),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Builder::Text(mut builder) => ArrayBuilder::finish(&mut builder),
            Builder::Texts(mut builder) => ArrayBuilder::finish(&mut builder),
            Builder::Pairs(mut builder) => ArrayBuilder::finish(&mut builder),
            Builder::Flag(mut builder) => ArrayBuilder::finish(&mut builder),
            Builder::Number(mut builder) => ArrayBuilder::finish(&mut builder),
            Builder::Time(mut builder) => ArrayBuilder::finish(&mut builder),
        }
    }
}
