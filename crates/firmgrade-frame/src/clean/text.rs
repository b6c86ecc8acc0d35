//! Text: invisible characters, blanks, full-width letters.

use std::borrow::Cow;

/// A character that nobody sees and nobody means: zero-width, marks of direction, byte order marks, soft hyphens, control characters
/// other than blanks.
fn invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// A blank other than the plain one: no-break, ideographic, of other widths, tab.
fn odd_blank(c: char) -> bool {
    c != ' ' && c != '\n' && c != '\r' && c.is_whitespace()
}

/// Text without invisible characters and without blanks and line ends around it; every kind of blank inside becomes the plain one, and
/// line ends inside stay. The width of letters and brackets is kept.
#[must_use]
pub fn tidy(text: &str) -> Cow<'_, str> {
    // Most cells are clean: one pass over the bytes tells. Bytes 0xC2, 0xE1, 0xE2, 0xE3, 0xEF may begin an odd blank or an invisible
    // character; of those 0xEF also begins full-width letters and brackets, and 0xE3 the punctuation 、。《》.
    let suspicious = |byte: u8| byte < 0x20 || matches!(byte, 0x7F | 0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF);
    if !text.bytes().any(suspicious) {
        return Cow::Borrowed(text.trim_matches(' '));
    }
    if !text.chars().any(|c| invisible(c) || odd_blank(c)) {
        return Cow::Borrowed(text.trim());
    }
    let kept: String = text.chars().filter(|c| !invisible(*c)).map(|c| if odd_blank(c) { ' ' } else { c }).collect();
    Cow::Owned(kept.trim().to_owned())
}

/// A full-width letter, digit or sign (`Ａ`, `１`, `（`) as its half-width one.
pub(super) fn half(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '￥' => '¥',
        _ => c,
    }
}

/// A blank of any kind, or an invisible character.
pub(super) fn unseen(c: char) -> bool {
    c.is_whitespace() || invisible(c)
}

/// [`tidy`], with full-width letters, digits and signs made half-width.
#[must_use]
pub fn to_half_width(text: &str) -> Cow<'_, str> {
    match tidy(text) {
        Cow::Borrowed(text) if !text.bytes().any(|byte| byte == 0xEF) => Cow::Borrowed(text),
        text => Cow::Owned(text.chars().map(half).collect()),
    }
}

/// A header as it is compared: without invisible characters, blanks and line ends, half-width.
#[must_use]
pub fn header_key(text: &str) -> String {
    text.chars().filter(|c| !unseen(*c)).map(half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_borrowed_and_the_rest_is_tidied() {
        for clean in ["", "合格", "不合格（复查以后合格）", "a b", "a\nb", "《合同》、章程。"] {
            assert!(matches!(tidy(clean), Cow::Borrowed(text) if text == clean), "{clean}");
        }
        assert_eq!(tidy("  合格 "), "合格");
        assert_eq!(tidy("\u{2002}北京\u{A0}甲\u{3000}"), "北京 甲");
        assert_eq!(tidy("北京\u{200B}市\u{FEFF}\r\n"), "北京市");
        assert_eq!(tidy("a\u{0}\u{7}b\tc"), "ab c");
        assert_eq!(tidy("\n\u{3000} \u{200D}"), "");
    }

    #[test]
    fn full_width_becomes_half_width() {
        assert_eq!(to_half_width("９１１１０１０８ＭＡ（甲）％"), "91110108MA(甲)%");
        assert_eq!(to_half_width("￥１００"), "¥100");
        assert!(matches!(to_half_width("合格"), Cow::Borrowed(_)));
    }

    #[test]
    fn headers_compare_without_what_nobody_sees() {
        assert_eq!(header_key("   处罚\n决定\u{200B}日期 （元）"), "处罚决定日期(元)");
        assert_eq!(header_key("\u{FEFF}序号"), header_key("序 号"));
    }
}
