//! Files in and out, end to end; one binary, as each would link polars again.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod beijing;
mod csv_reading;
mod fault_texts;
mod hostile;
mod round_trips;
mod survey;
mod table;
mod workbooks_and_parquet;
mod writing;
