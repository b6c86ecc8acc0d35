//! What SQL has and conditions have not, each with what to write instead.

use sqlparser::tokenizer::Token;
use std::borrow::Cow;

/// What conditions are made of.
pub(super) const ANYTHING: &str = "a column, a value, an operator or a parenthesis";

/// What to write instead of a word of SQL that the language does not have.
pub(super) fn refused_word(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_uppercase().as_str() {
        "LIKE" | "ILIKE" | "RLIKE" | "REGEXP" | "SIMILAR" | "GLOB" | "MATCH" => "`=` or `IN`: conditions have no patterns",
        "SELECT" | "WITH" => "a column or a value: conditions have no queries",
        "CASE" => "`AND` and `OR`: conditions have no `CASE`",
        "UNKNOWN" | "ISNULL" => "`IS NULL`",
        "NOTNULL" => "`IS NOT NULL`",
        "DISTINCT" => "`=`, `<>` or `IS NULL`",
        "COLLATE" => "`=` or `<>`: texts are equal or not, byte by byte",
        "XOR" => "`<>` between two conditions",
        "DIV" | "MOD" => "one of `+`, `-`, `*`, `/`",
        _ => return None,
    })
}

/// What to write instead of a sign that the language does not have; `None` for those it has.
pub(super) fn refused_token(token: &Token) -> Option<Cow<'static, str>> {
    use Token as T;
    Some(Cow::Borrowed(match token {
        T::Word(_) | T::SingleQuotedString(_) | T::Number(_, false) | T::Comma | T::LParen | T::RParen => return None,
        T::Eq | T::Neq | T::Lt | T::LtEq | T::Gt | T::GtEq | T::Plus | T::Minus | T::Mul | T::Div => return None,
        T::DoubleEq => "`=`",
        T::Overlap => "`AND`",
        T::StringConcat => "`OR`",
        T::ExclamationMark => "`NOT`",
        T::SemiColon => "the condition alone",
        T::Placeholder(_) | T::AtSign | T::Colon | T::Question => "a value: conditions have no placeholders",
        T::Period => "a column's name alone, in double quotes if it has a dot",
        T::DoubleColon => "a column as it is: conditions have no casts",
        T::LBracket | T::LBrace => "`(`",
        T::RBracket | T::RBrace => "`)`",
        T::Whitespace(_) => "nothing: in SQL this is a comment",
        T::Number(..) | T::HexStringLiteral(_) => "a plain number or text",
        T::NationalStringLiteral(_) | T::EscapedStringLiteral(_) | T::UnicodeStringLiteral(_) => "a text in single quotes without a prefix",
        T::Mod | T::Caret | T::Ampersand | T::Pipe | T::Sharp | T::Tilde => "one of `+`, `-`, `*`, `/`",
        T::Char(ch) => return Some(refused_char(*ch)),
        _ => ANYTHING,
    }))
}

/// Signs that a Chinese keyboard or a word processor puts in the place of those of SQL.
fn refused_char(ch: char) -> Cow<'static, str> {
    Cow::Borrowed(match ch {
        '≥' => "`>=`",
        '≤' => "`<=`",
        '≠' => "`<>`",
        '−' | '–' | '—' => "`-`",
        '×' => "`*`",
        '÷' => "`/`",
        '、' => "`,`",
        '‘' | '’' | '“' | '”' | '＇' | '＂' | '「' | '」' | '《' | '》' => {
            "straight quotes: `'…'` around a text, `\"…\"` around a column's name"
        }
        '！'..='～' => {
            let half = u32::from(ch).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(' ');
            return Cow::Owned(format!("`{half}` in half width"));
        }
        _ => ANYTHING,
    })
}
