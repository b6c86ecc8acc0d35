//! What can be typed next.

use super::cards;
use super::files::RECORDS;
use crate::args::DemoArgs;
use firmgrade::Scorecard;
use firmgrade::calendar::Day;
use std::path::Path;

/// Commands that work on the files of the demonstration.
pub(super) fn commands(args: &DemoArgs, program: &Path, card: &Scorecard, as_of: Day) -> String {
    let (out, program, card_file) = (args.out.display(), called(program), cards::NAME);
    let record = |name: &str| format!("{name}={out}/{RECORDS}/{name}.parquet");
    let records: Vec<String> = card.derivation().record_tables().iter().map(|table| record(&table.id)).collect();
    format!(
        "\nNext:\n  {program} weights {out}/{card_file}\n  {program} check {out}/{card_file} --firms {out}/indicators.parquet\n  \
         {program} grade {out}/{card_file} --firms {out}/indicators.parquet -o mine.xlsx --keep name,street\n  \
         {program} grade {out}/{card_file} --firms {out}/firms.parquet --as-of {as_of} -o mine.parquet --records {}\n",
        records.join(" ")
    )
}

/// How the program was called, as it can be typed again.
fn called(program: &Path) -> String {
    let here = std::env::current_dir().ok();
    let inside = here.as_ref().and_then(|here| program.strip_prefix(here).ok());
    match inside {
        Some(inside) => inside.display().to_string(),
        None if program.is_relative() && program.components().count() > 1 => program.display().to_string(),
        None => "firmgrade".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed_again() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(called(&here.join(".venv/bin/firmgrade")), ".venv/bin/firmgrade");
        assert_eq!(called(Path::new("target/release/firmgrade")), "target/release/firmgrade");
        assert_eq!(called(Path::new("/usr/bin/firmgrade")), "firmgrade");
        assert_eq!(called(Path::new("firmgrade")), "firmgrade");
    }
}
