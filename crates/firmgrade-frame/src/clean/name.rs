//! Names of enterprises, as they are compared.

use super::text::{half, unseen};

/// The name as it is compared with others: half-width, capital letters, one kind of bracket and of middle dot, no blanks and nothing
/// invisible. Words are kept: 有限公司 and 有限责任公司 are not made the same, for the field names no rule that they are.
#[must_use]
pub fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars() {
        let c = half(c);
        match c {
            '[' | '〔' | '【' | '﹝' | '〈' | '«' | '{' => key.push('('),
            ']' | '〕' | '】' | '﹞' | '〉' | '»' | '}' => key.push(')'),
            '•' | '・' | '‧' | '∙' | '･' => key.push('·'),
            c if unseen(c) => {}
            c => key.extend(c.to_uppercase()),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_agree_and_different_names_do_not() {
        let key = name_key("辛尔森企业管理(北京)有限公司");
        for other in [
            "辛尔森企业管理（北京）有限公司",
            " 辛尔森企业管理（北京)有限公司\n",
            "辛尔森 企业管理【北京】有限公司",
            "辛尔森企业管理\u{200B}（北京）有限公司",
        ] {
            assert_eq!(name_key(other), key, "{other}");
        }
        assert_eq!(name_key("Ｋfc・甲店"), name_key("kfc·甲店"));
        assert_ne!(name_key("甲有限公司"), name_key("甲有限责任公司"));
        assert_ne!(name_key("甲公司"), name_key("甲公司（北京）"));
        assert_eq!(name_key("\u{3000}"), "");
    }
}
