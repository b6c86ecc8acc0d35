//! Which encoding a text file is in: UTF-8, or else GB18030, strictly.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, GB18030};
use serde::{Deserialize, Serialize};

use crate::fault::FrameError;
use crate::read::line_at;

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with a byte order mark or without.
    #[serde(rename = "utf8")]
    Utf8,
    /// GB18030, which holds GBK and GB2312.
    Gb18030,
}

/// The text of a file, and its encoding: the one `stated`, or UTF-8 where all bytes are, or else GB18030.
///
/// Text of one encoding often passes as the other in parts, without an error and without sense. A file that is not UTF-8 as a whole is
/// therefore searched for runs that are: two Chinese characters of UTF-8 that touch each other are three of GB18030 that no text has.
///
/// # Errors
/// [`FrameError::UnknownEncoding`], [`FrameError::MixedEncodings`], [`FrameError::Utf16`], or [`FrameError::NotEncoded`] where the
/// encoding is stated, with line and byte.
pub(super) fn decode<'a>(bytes: &'a [u8], file: &str, stated: Option<Encoding>) -> Result<(Cow<'a, str>, Encoding), FrameError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(FrameError::Utf16 { file: file.to_owned() });
    }
    let (marked, body) = bytes.strip_prefix("\u{FEFF}".as_bytes()).map_or((false, bytes), |body| (true, body));
    let mark = bytes.len() - body.len();
    let byte_at = |offset: usize| bytes.get(offset).copied().unwrap_or_default();
    let not = |encoding: &'static str, offset: usize| FrameError::NotEncoded {
        file: file.to_owned(),
        encoding,
        line: line_at(bytes, offset),
        offset,
        byte: byte_at(offset),
    };
    let utf8 = std::str::from_utf8(body);
    let bad = match (utf8, stated) {
        (Ok(text), None | Some(Encoding::Utf8)) => return Ok((Cow::Borrowed(text), Encoding::Utf8)),
        (Err(error), Some(Encoding::Utf8)) => return Err(not("UTF-8", mark + error.valid_up_to())),
        (Ok(_), Some(Encoding::Gb18030)) => None,
        (Err(error), _) => Some(mark + error.valid_up_to()),
    };
    if let (Some(offset), None) = (bad, stated)
        && let Some(run) = if marked { Some(0) } else { utf8_run(bytes) }
    {
        let (utf8, other) = (line_at(bytes, run), line_at(bytes, offset));
        return Err(FrameError::MixedEncodings { file: file.to_owned(), utf8, other, offset, byte: byte_at(offset) });
    }
    match gb18030(body) {
        Ok(text) => Ok((Cow::Owned(text), Encoding::Gb18030)),
        Err(offset) if stated.is_some() => Err(not("GB18030", mark + offset)),
        Err(offset) => {
            let offset = mark + offset;
            Err(FrameError::UnknownEncoding { file: file.to_owned(), line: line_at(bytes, offset), offset, byte: byte_at(offset) })
        }
    }
}

/// Decoded from GB18030, or the offset of the first byte that it does not have.
fn gb18030(bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len()));
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        DecoderResult::InputEmpty => Ok(text),
        DecoderResult::Malformed(bad, after) => Err(read.saturating_sub(usize::from(bad) + usize::from(after))),
        DecoderResult::OutputFull => Err(read),
    }
}

/// Where a run of bytes above ASCII begins that is UTF-8 from end to end with at least two Chinese characters.
fn utf8_run(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(begin) = bytes.iter().skip(at).position(|byte| !byte.is_ascii()).map(|skipped| at + skipped) {
        let rest = bytes.get(begin..).unwrap_or_default();
        let run = rest.get(..rest.iter().position(u8::is_ascii).unwrap_or(rest.len())).unwrap_or_default();
        if run.len() >= 6
            && let Ok(text) = std::str::from_utf8(run)
            && text.chars().filter(|c| matches!(c, '\u{4E00}'..='\u{9FFF}')).count() >= 2
        {
            return Some(begin);
        }
        at = begin + run.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn found(bytes: &[u8]) -> String {
        match decode(bytes, "f.csv", None) {
            Ok((text, encoding)) => format!("{encoding:?} {text}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn each_encoding_by_its_bytes() {
        assert_eq!(found("名称,a\n".as_bytes()), "Utf8 名称,a\n");
        assert_eq!(found("\u{FEFF}名称".as_bytes()), "Utf8 名称");
        assert_eq!(found(&gb("企业名称,a\n北京甲（京）有限公司,联通\n")), "Gb18030 企业名称,a\n北京甲（京）有限公司,联通\n");
        assert_eq!(found(&gb("㐀名𠀀称")), "Gb18030 㐀名𠀀称");
        assert_eq!(found(b"\xFF\xFEa\0"), "`f.csv` is UTF-16 text, expected UTF-8 or GB18030; save it again as UTF-8");
    }

    #[test]
    fn mixed_and_broken_files_say_where() {
        let mut mixed = "企业,a\n甲公司,1\n".as_bytes().to_vec();
        mixed.extend(gb("乙公司,2\n"));
        assert_eq!(
            found(&mixed),
            "`f.csv` mixes encodings: line 1 is UTF-8, line 3, byte offset 21, is not (byte 0xD2); save all of it in one encoding"
        );
        let mut other = gb("企业,a\n甲公司,1\n");
        other.extend("乙公司,2\n".as_bytes());
        assert!(found(&other).contains("line 3 is UTF-8, line 1, byte offset 0, is not"), "{}", found(&other));
        let mut broken = gb("企业,a\n甲,");
        broken.extend(b"\xFF\n");
        assert_eq!(
            found(&broken),
            "`f.csv` is neither UTF-8 nor GB18030: line 2, byte offset 10, found byte 0xFF; the file may be damaged, or save it as UTF-8"
        );
        let cut = gb("企业");
        assert!(found(&cut[..3]).contains("line 1, byte offset 2"), "{}", found(&cut[..3]));
        let stated = decode(&gb("企业"), "f.csv", Some(Encoding::Utf8)).unwrap_err().to_string();
        assert_eq!(stated, "`f.csv` is not UTF-8: line 1, byte offset 0, found byte 0xC6; state another encoding");
    }
}
