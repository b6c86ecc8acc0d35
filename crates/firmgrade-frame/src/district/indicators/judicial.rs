//! Judicial behaviour (司法): suits, enforcement and the lists of the courts.

use super::super::law::{Count, Law, Spec};
use super::Group;

const LAWSUITS_NOT_LOST: Count = Count::new("lawsuits_not_lost", Group::Judicial, 0.069, 1.08, 0.4, 80);
const LAWSUITS_PLAINTIFF_24M: Count = Count::new("lawsuits_plaintiff_24m", Group::Judicial, 0.05, 0.0, 0.4, 80);
const LABOUR_DISPUTES_24M: Count = Count::new("labour_disputes_24m", Group::Judicial, 0.034, 1.16, 0.25, 20);
const JUDGMENTS_LOST_24M: Count = Count::new("judgments_lost_24m", Group::Judicial, 0.057, 1.32, 0.35, 40);
const ENFORCEMENT_CASES_24M: Count = Count::new("enforcement_cases_24m", Group::Judicial, 0.034, 1.55, 0.35, 40);
const TERMINATED_ENFORCEMENT_36M: Count = Count::new("terminated_enforcement_36m", Group::Judicial, 0.014, 1.55, 0.25, 20);
const SPENDING_RESTRICTED: Count = Count::flag("spending_restricted", Group::Judicial, 0.014, 1.55);
const LEGAL_REP_RESTRICTED: Count = Count::flag("legal_rep_restricted", Group::Judicial, 0.018, 1.47);
const LEGAL_REP_DISHONEST: Count = Count::flag("legal_rep_dishonest", Group::Judicial, 0.0069, 1.55);
const ON_DISHONEST_LIST: Count = Count::flag("on_dishonest_list", Group::Judicial, 0.0018, 2.2);
const EQUITY_FROZEN: Count = Count::flag("equity_frozen", Group::Judicial, 0.015, 1.47);
const BANKRUPTCY_PETITION: Count = Count::flag("bankruptcy_petition", Group::Judicial, 0.0006, 2.2);
const JUDICIAL_AUCTIONS_24M: Count = Count::new("judicial_auctions_24m", Group::Judicial, 0.0046, 1.4, 0.2, 6);
const SHAREHOLDER_DISHONEST: Count = Count::flag("shareholder_dishonest", Group::Judicial, 0.016, 1.4);
const IP_SUITS_36M: Count = Count::new("ip_suits_36m", Group::Judicial, 0.023, 0.93, 0.25, 20);
const CRIMINAL_RECORD_36M: Count = Count::flag("criminal_record_36m", Group::Judicial, 0.00025, 2.2);

/// The columns of the group.
#[rustfmt::skip]
pub(super) const TABLE: &[Spec] = &[
    Spec::new("lawsuits_defendant_24m", "近24个月被诉案件数", Law::Sum(&[&LAWSUITS_NOT_LOST, &JUDGMENTS_LOST_24M])),
    Spec::new("lawsuits_plaintiff_24m", "近24个月起诉案件数", Law::Sum(&[&LAWSUITS_PLAINTIFF_24M])),
    Spec::new("labour_disputes_24m", "近24个月劳动争议案件数", Law::Sum(&[&LABOUR_DISPUTES_24M])),
    Spec::new("judgments_lost_24m", "近24个月被诉败诉案件数", Law::Sum(&[&JUDGMENTS_LOST_24M])).missing(0.02),
    Spec::new("enforcement_cases_24m", "近24个月被执行案件数", Law::Sum(&[&ENFORCEMENT_CASES_24M])),
    Spec::new("enforcement_10k", "未履行执行标的额", Law::AmountOf { counts: &[&ENFORCEMENT_CASES_24M], each: 14.0, spread: 2.0, cap: 900000.0, decimals: 2 }),
    Spec::new("terminated_enforcement_36m", "近36个月终结本次执行案件数", Law::Sum(&[&TERMINATED_ENFORCEMENT_36M])),
    Spec::new("spending_restricted", "被限制高消费", Law::Flag(&SPENDING_RESTRICTED)),
    Spec::new("legal_rep_restricted", "法定代表人被限制高消费", Law::Flag(&LEGAL_REP_RESTRICTED)),
    Spec::new("legal_rep_dishonest", "法定代表人被列为失信被执行人", Law::Flag(&LEGAL_REP_DISHONEST)),
    Spec::new("on_dishonest_list", "被列为失信被执行人", Law::Flag(&ON_DISHONEST_LIST)),
    Spec::new("equity_frozen", "股权被冻结", Law::Flag(&EQUITY_FROZEN)),
    Spec::new("bankruptcy_petition", "被申请破产", Law::Flag(&BANKRUPTCY_PETITION)),
    Spec::new("judicial_auctions_24m", "近24个月司法拍卖次数", Law::Sum(&[&JUDICIAL_AUCTIONS_24M])),
    Spec::new("shareholder_dishonest", "股东被列为失信被执行人", Law::Flag(&SHAREHOLDER_DISHONEST)).missing(0.04),
    Spec::new("ip_suits_36m", "近36个月知识产权被诉案件数", Law::Sum(&[&IP_SUITS_36M])),
    Spec::new("criminal_record_36m", "近36个月单位犯罪记录", Law::Flag(&CRIMINAL_RECORD_36M)),
];
