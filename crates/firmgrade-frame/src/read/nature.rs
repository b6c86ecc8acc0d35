//! What a file is by its first bytes.

/// What the first bytes of a file say it is, where they say so.
pub(crate) fn nature(bytes: &[u8]) -> Option<&'static str> {
    const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    if bytes.starts_with(b"PK\x03\x04") {
        let after = bytes.get(30..).unwrap_or_default();
        Some(if after.starts_with(ODS) { "an OpenDocument spreadsheet" } else { "an Excel workbook or another zip archive" })
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        Some("an Excel workbook up to 2003, or one behind a password")
    } else if bytes.starts_with(b"PAR1") {
        Some("a Parquet file")
    } else if bytes.starts_with(&[0x1F, 0x8B]) {
        Some("a gzip archive")
    } else if bytes.starts_with(b"%PDF") {
        Some("a PDF document")
    } else if bytes.trim_ascii_start().starts_with(b"<") {
        Some("HTML or XML text")
    } else {
        None
    }
}
