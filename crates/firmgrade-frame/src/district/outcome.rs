//! What inspectors found later: drawn from the latent risk, not from any column.
//!
//! ```text
//! P(inspected) = 0.30, at random and for every firm alike
//! P(violation) = 0.026·2^(1.75·risk), at most 0.95
//! ```
//! A violation has one of four result codes, none has one of two. Firms that were not inspected have no outcome.

use super::Column;
use super::Values;
use super::draw::{Draw, key, pow2};
use super::firm::{Firm, Group};
use rayon::prelude::*;

/// Result codes as they are published after a draw.
pub(super) const RESULTS: &[&str] =
    &["未发现问题", "未开展本次抽查涉及的经营活动", "未按规定公示", "通过登记的住所无法联系", "发现问题已责令改正", "不配合检查"];

/// Violation or not and the result code, or nothing for a firm that was not inspected.
pub(super) fn inspect(firm: &Firm) -> Option<(bool, u16)> {
    let mut draw = Draw::new(firm.key, key("outcome"));
    if !draw.chance(0.30) {
        return None;
    }
    let violation = draw.chance((0.026 * pow2(1.75 * firm.risk)).min(0.95));
    let result = if violation { 2 + draw.pick([30.0, 31.0, 32.0, 7.0].into_iter()) } else { draw.pick([91.0, 9.0].into_iter()) };
    Some((violation, result as u16))
}

/// The outcome table; `codes` are the firms' codes.
pub(super) fn columns(firms: &[Firm], codes: &Values) -> Vec<Column> {
    let found: Vec<Option<(bool, u16)>> = firms.par_iter().map(inspect).collect();
    let column = |name, title, values| Column { name, title, group: Group::Profile, values };
    vec![
        column("uscc", "统一社会信用代码", codes.clone()),
        column("inspected", "是否抽查", Values::Flag(found.iter().map(|f| Some(f.is_some())).collect())),
        column("outcome", "是否发现违法", Values::Whole(found.iter().map(|f| f.map(|(violation, _)| i64::from(violation))).collect())),
        column("result", "抽查结果", Values::Coded { codes: found.iter().map(|f| f.map(|(_, result)| result)).collect(), values: RESULTS }),
    ]
}
