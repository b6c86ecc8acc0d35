//! Files appear whole or not at all, and never over an input.

use std::fs;
use std::path::Path;

use firmgrade_frame::{Format, WriteOptions, refuse_overwrite_of_inputs, write_table};
use polars::prelude::*;

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn after_an_error_nothing_is_left_and_the_old_file_stands() {
    let folder = tempfile::tempdir().unwrap();
    let long = "长".repeat(32_768);
    let mut frame = DataFrame::new(1, vec![Column::new("a".into(), &[long])]).unwrap();
    let path = folder.path().join("old.xlsx");
    fs::write(&path, "old").unwrap();
    let error = write_table(&mut frame, &path, &WriteOptions::default()).unwrap_err().to_string();
    assert!(
        error.ends_with("old.xlsx`: cell A2 has 32768 characters, but a cell of a sheet holds at most 32767; write .parquet or .csv"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");

    let many = Column::new_scalar("a".into(), Scalar::from(1_i32), 1_048_576);
    let mut many = DataFrame::new(1_048_576, vec![many]).unwrap();
    let error = write_table(&mut many, &path, &WriteOptions::default()).unwrap_err().to_string();
    assert!(error.contains("1048576 rows and 1 columns, but a sheet holds at most 1048575 rows below its header"), "{error}");

    let mut bytes = DataFrame::new(1, vec![Column::new("b".into(), &[&b"\xFF"[..]])]).unwrap();
    for name in ["x.csv", "x.json", "x.xlsx"] {
        let error = write_table(&mut bytes, folder.path().join(name), &WriteOptions::default()).unwrap_err();
        assert!(error.to_string().contains("column `b` holds"), "{error}");
    }
    assert_eq!(files(folder.path()), ["old.xlsx"]);
}

#[test]
fn places_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let text = |name: &str| {
        let error = write_table(&mut crate::table::firms(), folder.path().join(name), &WriteOptions::default()).unwrap_err();
        error.to_string().replace(&folder.path().display().to_string(), "…")
    };
    assert_eq!(text("absent/x.csv"), "cannot write `…/absent/x.csv`: there is no folder `…/absent`; make it, or name another");
    fs::create_dir(folder.path().join("sub.csv")).unwrap();
    assert!(text("sub.csv").contains("is a directory"));
    assert!(text("x.ods").contains("OpenDocument (.ods) is only read here"));
    assert!(text("x.txt").contains("found the ending `.txt`"));
    assert_eq!(files(folder.path()), ["sub.csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_devices_stay_devices() {
    for format in [Format::Csv, Format::Parquet, Format::Xlsx, Format::Json] {
        let options = WriteOptions { format: Some(format), ..WriteOptions::default() };
        let error = write_table(&mut crate::table::firms(), "/dev/full", &options).unwrap_err().to_string();
        assert_eq!(error, "cannot write `/dev/full`: no space left on device; nothing was left behind");
        write_table(&mut crate::table::firms(), "/dev/null", &options).unwrap();
    }
    use std::os::unix::fs::FileTypeExt;
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[cfg(unix)]
#[test]
fn rights_and_links_are_kept() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("plain"), "").unwrap();
    write_table(&mut crate::table::firms(), at("new.csv"), &WriteOptions::default()).unwrap();
    assert_eq!(fs::metadata(at("new.csv")).unwrap().mode(), fs::metadata(at("plain")).unwrap().mode());
    fs::set_permissions(at("new.csv"), fs::Permissions::from_mode(0o660)).unwrap();
    symlink(at("new.csv"), at("link.csv")).unwrap();
    fs::write(at("new.csv"), "old").unwrap();
    write_table(&mut crate::table::firms(), at("link.csv"), &WriteOptions::default()).unwrap();
    assert_eq!(fs::metadata(at("new.csv")).unwrap().mode() & 0o777, 0o660);
    assert!(fs::symlink_metadata(at("link.csv")).unwrap().is_symlink());
    fs::set_permissions(at("plain"), fs::Permissions::from_mode(0o444)).unwrap();
    let csv = WriteOptions { format: Some(Format::Csv), ..WriteOptions::default() };
    let error = write_table(&mut crate::table::firms(), at("plain"), &csv).unwrap_err();
    assert!(error.to_string().contains("permission denied"));
    assert!(fs::read_to_string(at("new.csv")).unwrap().starts_with("uscc,"));
}

#[test]
fn an_output_is_never_an_input_or_another_output() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("in.csv"), "a\n").unwrap();
    fs::hard_link(at("in.csv"), at("hard.csv")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("in.csv"), at("soft.csv")).unwrap();
    let same = |outputs: &[&str], inputs: &[&str]| {
        let paths = |names: &[&str]| names.iter().map(|name| if *name == "-" { "-".into() } else { at(name) }).collect::<Vec<_>>();
        refuse_overwrite_of_inputs(&paths(outputs), &paths(inputs))
            .err()
            .map(|error| error.to_string().replace(&folder.path().display().to_string(), "…"))
    };
    assert_eq!(same(&["in.csv"], &["in.csv"]).unwrap(), "the output `…/in.csv` would overwrite the input `…/in.csv`; name another file");
    assert!(same(&["sub/../in.csv"], &["in.csv"]).is_some());
    assert!(same(&["hard.csv"], &["in.csv"]).is_some());
    #[cfg(unix)]
    assert!(same(&["out.csv", "soft.csv"], &["x.csv", "in.csv"]).is_some());
    assert_eq!(
        same(&["out.csv", "sub/../out.csv"], &["in.csv"]).unwrap(),
        "the outputs `…/out.csv` and `…/sub/../out.csv` are the same file; name another file for one of them"
    );
    assert!(same(&["-", "-"], &[]).unwrap().contains("`standard output`"));
    assert_eq!(same(&["out.csv", "out.parquet"], &["in.csv"]), None);
    assert_eq!(same(&["-"], &["-"]), None);
    assert_eq!(same(&["absent/out.csv"], &["in.csv"]), None);
}
