//! The formats of a table file, and how a path tells which one it is.

use std::fmt;
use std::path::Path;

use crate::fault::FrameError;

/// The path that stands for standard input or standard output.
pub(crate) const STANDARD: &str = "-";

/// The format of a table file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated text, UTF-8: read and written.
    Csv,
    /// Apache Parquet: read and written.
    Parquet,
    /// Excel workbook since 2007: read and written.
    Xlsx,
    /// Excel workbook up to 2003: read only.
    Xls,
    /// OpenDocument spreadsheet: read only.
    Ods,
    /// JSON, one object per row: written only.
    Json,
}

impl Format {
    /// The format that the ending of `path` names, whatever its case; `-` is CSV.
    ///
    /// # Errors
    /// [`FrameError::UnknownEnding`], which lists the endings that are known.
    pub fn from_path(path: &Path) -> Result<Self, FrameError> {
        if path.as_os_str() == STANDARD {
            return Ok(Self::Csv);
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            Some("xlsx") => Ok(Self::Xlsx),
            Some("xls") => Ok(Self::Xls),
            Some("ods") => Ok(Self::Ods),
            Some("json") => Ok(Self::Json),
            _ => Err(FrameError::UnknownEnding {
                file: path.display().to_string(),
                found: match ending {
                    Some(ending) => format!("the ending `.{ending}`"),
                    None => "no ending".to_owned(),
                },
            }),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Csv => "CSV",
            Self::Parquet => "Parquet",
            Self::Xlsx => "Excel (.xlsx)",
            Self::Xls => "Excel (.xls)",
            Self::Ods => "OpenDocument (.ods)",
            Self::Json => "JSON",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_in_any_case() {
        for (path, format) in [
            ("a.csv", Format::Csv),
            ("dir.csv/企业.PARQUET", Format::Parquet),
            ("a.b.xlsx", Format::Xlsx),
            ("a.Xls", Format::Xls),
            ("a.ods", Format::Ods),
            ("a.json", Format::Json),
            ("-", Format::Csv),
        ] {
            assert_eq!(Format::from_path(Path::new(path)).unwrap(), format, "{path}");
        }
    }

    #[test]
    fn another_ending_lists_the_known_ones() {
        let text = |path: &str| Format::from_path(Path::new(path)).unwrap_err().to_string();
        assert_eq!(
            text("firms.tsv"),
            "cannot tell the format of `firms.tsv`: found the ending `.tsv`, expected \
             .csv, .parquet, .xlsx, .xls, .ods or .json; rename the file or name its format"
        );
        assert!(text("firms").contains("found no ending"));
        assert!(text(".csv").contains("found no ending"));
    }
}
