//! Registration (登记): capital, premises, scope, people, changes, and the firms that a firm is tied to.

use super::super::draw::{Draw, pow2};
use super::super::firm::{Firm, TRADES};
use super::super::law::{Count, Law, Spec};
use super::Group;

const LICENCE_STATES: &[&str] = &["无需许可", "有效", "三个月内到期", "已过期"];

const CAPITAL_OVERDUE: Count = Count::flag("capital_overdue", Group::Registration, 0.034, 0.93);
const ADDRESS_UNREACHABLE: Count = Count::flag("address_unreachable", Group::Registration, 0.029, 1.4);
const PHONE_UNREACHABLE: Count = Count::flag("phone_unreachable", Group::Registration, 0.069, 1.08);
const AGENT_REGISTERED: Count = Count::flag("agent_registered", Group::Registration, 0.39, 0.39);
const KEY_STAFF_SHORTAGE: Count = Count::flag("key_staff_shortage", Group::Registration, 0.057, 0.93);
const LEGAL_REP_CHANGES_36M: Count = Count::new("legal_rep_changes_36m", Group::Registration, 0.14, 0.78, 0.2, 8);
const ADDRESS_CHANGES_36M: Count = Count::new("address_changes_36m", Group::Registration, 0.18, 0.62, 0.2, 8);
const SHAREHOLDER_CHANGES_36M: Count = Count::new("shareholder_changes_36m", Group::Registration, 0.17, 0.54, 0.25, 12);
const CAPITAL_REDUCTIONS_36M: Count = Count::new("capital_reductions_36m", Group::Registration, 0.023, 0.93, 0.08, 4);
const NAME_CHANGES_36M: Count = Count::new("name_changes_36m", Group::Registration, 0.057, 0.62, 0.1, 5);
const SCOPE_CHANGES_24M: Count = Count::new("scope_changes_24m", Group::Registration, 0.14, 0.15, 0.2, 8);
const LEGAL_REP_ABNORMAL_FIRMS: Count = Count::new("legal_rep_abnormal_firms", Group::Registration, 0.057, 1.32, 0.3, 20);
const INVESTMENTS_SOUND: Count = Count::new("investments_sound", Group::Registration, 0.16, -0.1, 0.5, 80);
const INVESTED_ABNORMAL: Count = Count::new("invested_abnormal", Group::Registration, 0.017, 1.24, 0.25, 12);
const SHAREHOLDER_ABNORMAL: Count = Count::new("shareholder_abnormal", Group::Registration, 0.034, 1.24, 0.2, 10);
const BRANCHES: Count = Count::new("branches", Group::Registration, 0.09, -0.1, 0.55, 300);
const LICENCE_REVOKED: Count = Count::flag("licence_revoked", Group::Registration, 0.0009, 2.2);
const ORDERED_TO_CLOSE: Count = Count::flag("ordered_to_close", Group::Registration, 0.0002, 2.2);
const STRUCK_OFF: Count = Count::flag("struck_off", Group::Registration, 0.00015, 2.2);

/// Whether the trade needs a licence, and how the firm's stands.
fn licence_state(firm: &Firm, draw: &mut Draw) -> u16 {
    let needed = match TRADES[usize::from(firm.trade)] {
        "H" | "Q" => 0.94,
        "J" | "O" => 0.8,
        "D" | "G" => 0.45,
        "C" | "E" | "F" => 0.32,
        _ => 0.12,
    };
    if !draw.chance(needed) {
        return 0;
    }
    let z = firm.factor(Group::Registration);
    1 + draw.pick([87.0, 8.5 * pow2(0.4 * z), 4.5 * pow2(0.9 * z)].into_iter()) as u16
}

/// The columns of the group.
#[rustfmt::skip]
pub(super) const TABLE: &[Spec] = &[
    Spec::new("registered_capital_10k", "注册资本", Law::Amount { median: 200.0, spread: 1.9, slope: -0.3, size: 1.3, decimals: 2 }).missing(0.002),
    Spec::new("paid_in_share", "实缴资本占注册资本比例", Law::Level { centre: 0.48, spread: 0.42, slope: -0.256, low: 0.0, high: 1.0, decimals: 4 }).missing(0.22),
    Spec::new("capital_overdue", "认缴期限届满未足额实缴", Law::Flag(&CAPITAL_OVERDUE)),
    Spec::new("subscription_years_left", "剩余认缴年限", Law::Level { centre: 12.0, spread: 9.0, slope: 1.28, low: 0.0, high: 50.0, decimals: 1 }).missing(0.05),
    Spec::new("address_type", "住所类型", Law::Choice { values: &["自有房产", "租赁房产", "园区托管", "集中登记地", "住改商"], shares: &[18.0, 47.0, 16.0, 15.0, 4.0], tilts: &[-0.6, 0.0, 0.15, 0.45, 0.45] }).missing(0.01),
    Spec::new("firms_at_address", "同一住所登记企业数", Law::Whole { median: 1.3, spread: 1.7, slope: 0.35, size: -0.2, low: 1, high: 5000 }),
    Spec::new("address_unreachable", "登记住所无法联系", Law::Flag(&ADDRESS_UNREACHABLE)),
    Spec::new("phone_unreachable", "登记电话无法接通", Law::Flag(&PHONE_UNREACHABLE)).missing(0.03),
    Spec::new("firms_same_phone", "同一联系电话登记企业数", Law::Whole { median: 1.2, spread: 0.9, slope: 0.3, size: -0.1, low: 1, high: 900 }).missing(0.02),
    Spec::new("firms_same_email", "同一电子邮箱登记企业数", Law::Whole { median: 1.1, spread: 0.9, slope: 0.25, size: -0.1, low: 1, high: 900 }).missing(0.31),
    Spec::new("agent_registered", "代理机构代办登记", Law::Flag(&AGENT_REGISTERED)),
    Spec::new("licence_state", "行业许可状态", Law::Rule { values: LICENCE_STATES, rule: licence_state }),
    Spec::new("scope_items", "经营范围项数", Law::Whole { median: 11.0, spread: 0.9, slope: 0.1, size: 0.1, low: 1, high: 160 }),
    Spec::new("shareholders", "股东人数", Law::Whole { median: 1.7, spread: 0.7, slope: -0.05, size: 0.4, low: 1, high: 200 }),
    Spec::new("insured_employees", "参保人数", Law::Whole { median: 3.0, spread: 1.3, slope: -0.35, size: 2.3, low: 0, high: 60000 }).missing(0.08),
    Spec::new("key_staff_shortage", "主要人员备案不全", Law::Flag(&KEY_STAFF_SHORTAGE)),
    Spec::new("legal_rep_changes_36m", "近36个月法定代表人变更次数", Law::Sum(&[&LEGAL_REP_CHANGES_36M])),
    Spec::new("address_changes_36m", "近36个月住所变更次数", Law::Sum(&[&ADDRESS_CHANGES_36M])),
    Spec::new("shareholder_changes_36m", "近36个月股东及股权变更次数", Law::Sum(&[&SHAREHOLDER_CHANGES_36M])),
    Spec::new("capital_reductions_36m", "近36个月减资次数", Law::Sum(&[&CAPITAL_REDUCTIONS_36M])),
    Spec::new("name_changes_36m", "近36个月名称变更次数", Law::Sum(&[&NAME_CHANGES_36M])),
    Spec::new("scope_changes_24m", "近24个月经营范围变更次数", Law::Sum(&[&SCOPE_CHANGES_24M])),
    Spec::new("legal_rep_firms", "法定代表人任职企业数", Law::Whole { median: 1.6, spread: 1.0, slope: 0.2, size: 0.2, low: 1, high: 400 }),
    Spec::new("legal_rep_abnormal_firms", "法定代表人关联的经营异常企业数", Law::Sum(&[&LEGAL_REP_ABNORMAL_FIRMS])),
    Spec::new("outbound_investments", "对外投资企业数", Law::Sum(&[&INVESTMENTS_SOUND, &INVESTED_ABNORMAL])),
    Spec::new("invested_abnormal", "对外投资的经营异常企业数", Law::Sum(&[&INVESTED_ABNORMAL])).missing(0.03),
    Spec::new("shareholder_layers", "股权穿透层级", Law::Whole { median: 1.4, spread: 0.6, slope: 0.1, size: 0.4, low: 1, high: 12 }).missing(0.04),
    Spec::new("shareholder_abnormal", "股东关联的经营异常企业数", Law::Sum(&[&SHAREHOLDER_ABNORMAL])).missing(0.04),
    Spec::new("branches", "分支机构数", Law::Sum(&[&BRANCHES])),
    Spec::new("licence_revoked", "被吊销营业执照", Law::Flag(&LICENCE_REVOKED)),
    Spec::new("ordered_to_close", "被责令关闭", Law::Flag(&ORDERED_TO_CLOSE)),
    Spec::new("struck_off", "被撤销登记", Law::Flag(&STRUCK_OFF)),
];
