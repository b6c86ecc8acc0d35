//! Violations (违法违规): penalties, lists, spot checks, product safety, and what other departments report.

use super::super::draw::Draw;
use super::super::firm::Firm;
use super::super::law::{Count, Law, Spec};
use super::Group;
use super::annual_report::ABNORMAL_REMOVALS_36M;

/// Result codes as they are published after a draw; the first two are no violation.
const LAST_SPOT_CHECK: &[&str] = &["未抽查", "未发现问题", "未按规定公示", "通过登记的住所无法联系", "发现问题已责令改正", "不配合检查"];

const PENALTIES_12M: Count = Count::new("penalties_12m", Group::Violations, 0.032, 1.55, 0.25, 20);
const PENALTIES_EARLIER: Count = Count::new("penalties_earlier", Group::Violations, 0.03, 1.47, 0.24, 20);
const SERIOUS_PENALTIES_36M: Count = Count::new("serious_penalties_36m", Group::Violations, 0.0069, 1.55, 0.15, 8);
const PENALTY_UNPAID: Count = Count::flag("penalty_unpaid", Group::Violations, 0.008, 1.55);
const CORRECTIONS_24M: Count = Count::new("corrections_24m", Group::Violations, 0.069, 1.24, 0.25, 12);
const ON_ABNORMAL_LIST: Count = Count::flag("on_abnormal_list", Group::Violations, 0.025, 1.55);
const ON_SERIOUS_LIST: Count = Count::flag("on_serious_list", Group::Violations, 0.0011, 2.2);
const SERIOUS_LISTINGS_EARLIER: Count = Count::new("serious_listings_earlier", Group::Violations, 0.0023, 1.55, 0.1, 3);
const SPOT_CHECKS_FAILED_36M: Count = Count::new("spot_checks_failed_36m", Group::Violations, 0.034, 1.4, 0.2, 6);
const SPOT_CHECKS_PASSED_36M: Count = Count::new("spot_checks_passed_36m", Group::Violations, 0.25, 0.05, 0.25, 8);
const INSPECTION_REFUSALS_36M: Count = Count::new("inspection_refusals_36m", Group::Violations, 0.0057, 1.55, 0.15, 4);
const SPECIAL_CHECKS_FAILED_24M: Count = Count::new("special_checks_failed_24m", Group::Violations, 0.023, 1.32, 0.2, 6);
const SAMPLING_FAILURES_24M: Count = Count::new("sampling_failures_24m", Group::Violations, 0.015, 1.24, 0.25, 12);
const RECALLS_36M: Count = Count::new("recalls_36m", Group::Violations, 0.0046, 0.78, 0.2, 6);
const SAFETY_ACCIDENTS_36M: Count = Count::new("safety_accidents_36m", Group::Violations, 0.0034, 1.4, 0.12, 4);
const MAJOR_ACCIDENT_36M: Count = Count::flag("major_accident_36m", Group::Violations, 0.0002, 2.2);
const ON_QUALITY_LIST: Count = Count::flag("on_quality_list", Group::Violations, 0.0003, 2.2);
const ON_PREPAID_RUNAWAY_LIST: Count = Count::flag("on_prepaid_runaway_list", Group::Violations, 0.0003, 2.2);
const ADVERTISING_CASES_36M: Count = Count::new("advertising_cases_36m", Group::Violations, 0.017, 1.24, 0.2, 8);
const PRICING_CASES_36M: Count = Count::new("pricing_cases_36m", Group::Violations, 0.013, 1.24, 0.2, 8);
const FOOD_DRUG_CASES_36M: Count = Count::new("food_drug_cases_36m", Group::Violations, 0.017, 1.16, 0.25, 10);
const IP_CASES_36M: Count = Count::new("ip_cases_36m", Group::Violations, 0.01, 1.16, 0.2, 8);
const UNLICENSED_CASES_36M: Count = Count::new("unlicensed_cases_36m", Group::Violations, 0.0092, 1.4, 0.15, 5);
const UNFAIR_COMPETITION_36M: Count = Count::new("unfair_competition_36m", Group::Violations, 0.0069, 1.24, 0.15, 5);
const ENV_PENALTIES_24M: Count = Count::new("env_penalties_24m", Group::Violations, 0.0092, 1.08, 0.2, 8);
const LABOUR_PENALTIES_24M: Count = Count::new("labour_penalties_24m", Group::Violations, 0.011, 1.32, 0.2, 8);
const FIRE_PENALTIES_24M: Count = Count::new("fire_penalties_24m", Group::Violations, 0.014, 1.08, 0.2, 8);
const TAX_PENALTIES_24M: Count = Count::new("tax_penalties_24m", Group::Violations, 0.025, 1.4, 0.22, 8);
const CUSTOMS_PENALTIES_24M: Count = Count::new("customs_penalties_24m", Group::Violations, 0.0046, 0.93, 0.2, 8);

/// What the last spot check found; `未抽查` exactly where there was none.
fn last_spot_check(firm: &Firm, draw: &mut Draw) -> u16 {
    let failed = SPOT_CHECKS_FAILED_36M.of(firm);
    let passed = SPOT_CHECKS_PASSED_36M.of(firm);
    if failed + passed == 0 {
        0
    } else if draw.unit() * ((failed + passed) as f64) < passed as f64 {
        1
    } else {
        2 + draw.pick([26.0, 34.0, 32.0, 8.0].into_iter()) as u16
    }
}

/// The columns of the group.
#[rustfmt::skip]
pub(super) const TABLE: &[Spec] = &[
    Spec::new("penalties_12m", "近12个月行政处罚次数", Law::Sum(&[&PENALTIES_12M])),
    Spec::new("penalties_24m", "近24个月行政处罚次数", Law::Sum(&[&PENALTIES_12M, &PENALTIES_EARLIER])),
    Spec::new("fines_24m_10k", "近24个月罚没款金额", Law::AmountOf { counts: &[&PENALTIES_12M, &PENALTIES_EARLIER], each: 0.9, spread: 1.9, cap: 5000.0, decimals: 2 }),
    Spec::new("serious_penalties_36m", "近36个月较大数额行政处罚次数", Law::Sum(&[&SERIOUS_PENALTIES_36M])),
    Spec::new("penalty_unpaid", "存在未履行的行政处罚", Law::Flag(&PENALTY_UNPAID)),
    Spec::new("corrections_24m", "近24个月责令改正次数", Law::Sum(&[&CORRECTIONS_24M])),
    Spec::new("on_abnormal_list", "列入经营异常名录", Law::Flag(&ON_ABNORMAL_LIST)),
    Spec::new("abnormal_listings_36m", "近36个月列入经营异常名录次数", Law::Sum(&[&ON_ABNORMAL_LIST, &ABNORMAL_REMOVALS_36M])),
    Spec::new("abnormal_days_36m", "近36个月列入经营异常名录天数", Law::AmountOf { counts: &[&ON_ABNORMAL_LIST, &ABNORMAL_REMOVALS_36M], each: 110.0, spread: 1.1, cap: 1096.0, decimals: 0 }),
    Spec::new("on_serious_list", "列入严重违法失信名单", Law::Flag(&ON_SERIOUS_LIST)),
    Spec::new("serious_listings_36m", "近36个月列入严重违法失信名单次数", Law::Sum(&[&ON_SERIOUS_LIST, &SERIOUS_LISTINGS_EARLIER])),
    Spec::new("spot_checks_36m", "近36个月双随机抽查次数", Law::Sum(&[&SPOT_CHECKS_FAILED_36M, &SPOT_CHECKS_PASSED_36M])),
    Spec::new("spot_checks_failed_36m", "近36个月双随机抽查发现问题次数", Law::Sum(&[&SPOT_CHECKS_FAILED_36M])),
    Spec::new("last_spot_check", "最近一次双随机抽查结果", Law::Rule { values: LAST_SPOT_CHECK, rule: last_spot_check }),
    Spec::new("inspection_refusals_36m", "近36个月不配合检查次数", Law::Sum(&[&INSPECTION_REFUSALS_36M])),
    Spec::new("special_checks_failed_24m", "近24个月专项检查发现问题次数", Law::Sum(&[&SPECIAL_CHECKS_FAILED_24M])).missing(0.02),
    Spec::new("sampling_failures_24m", "近24个月产品质量抽检不合格批次", Law::Sum(&[&SAMPLING_FAILURES_24M])),
    Spec::new("recalls_36m", "近36个月缺陷产品召回次数", Law::Sum(&[&RECALLS_36M])),
    Spec::new("safety_accidents_36m", "近36个月安全事故次数", Law::Sum(&[&SAFETY_ACCIDENTS_36M])),
    Spec::new("major_accident_36m", "近36个月发生重大责任事故", Law::Flag(&MAJOR_ACCIDENT_36M)),
    Spec::new("on_quality_list", "列入严重质量失信名单", Law::Flag(&ON_QUALITY_LIST)),
    Spec::new("on_prepaid_runaway_list", "列入预付卡跑路名单", Law::Flag(&ON_PREPAID_RUNAWAY_LIST)),
    Spec::new("advertising_cases_36m", "近36个月违法广告案件数", Law::Sum(&[&ADVERTISING_CASES_36M])),
    Spec::new("pricing_cases_36m", "近36个月价格违法案件数", Law::Sum(&[&PRICING_CASES_36M])),
    Spec::new("food_drug_cases_36m", "近36个月食品药品案件数", Law::Sum(&[&FOOD_DRUG_CASES_36M])),
    Spec::new("ip_cases_36m", "近36个月侵犯知识产权案件数", Law::Sum(&[&IP_CASES_36M])),
    Spec::new("unlicensed_cases_36m", "近36个月无证无照经营案件数", Law::Sum(&[&UNLICENSED_CASES_36M])),
    Spec::new("unfair_competition_36m", "近36个月不正当竞争案件数", Law::Sum(&[&UNFAIR_COMPETITION_36M])),
    Spec::new("env_penalties_24m", "近24个月生态环境处罚次数", Law::Sum(&[&ENV_PENALTIES_24M])).missing(0.03),
    Spec::new("labour_penalties_24m", "近24个月劳动保障处罚次数", Law::Sum(&[&LABOUR_PENALTIES_24M])).missing(0.03),
    Spec::new("fire_penalties_24m", "近24个月消防处罚次数", Law::Sum(&[&FIRE_PENALTIES_24M])).missing(0.03),
    Spec::new("tax_penalties_24m", "近24个月税务处罚次数", Law::Sum(&[&TAX_PENALTIES_24M])).missing(0.03),
    Spec::new("customs_penalties_24m", "近24个月海关处罚次数", Law::Sum(&[&CUSTOMS_PENALTIES_24M])).missing(0.03),
];
