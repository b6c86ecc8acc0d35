//! `firmgrade schema`: the JSON Schema of the files that firmgrade reads.

use crate::args::{SchemaArgs, SchemaFile};
use crate::failure::Failure;
use crate::screen;

pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = match args.file {
        SchemaFile::Scorecard => firmgrade::card::scorecard_schema(),
        SchemaFile::Policy => firmgrade::sample::policy::policy_schema(),
    };
    screen::data(&format!("{schema:#}\n"))
}
