//! Special to the annual-report spot check (年报抽查): the five indicators of Putuo's case.

use super::super::law::{Count, Law, Spec};
use super::Group;

const REPORT_EQUITY_MISMATCHES: Count = Count::new("report_equity_mismatches", Group::AnnualReport, 0.081, 1.24, 0.3, 12);
const REPORT_INVESTMENT_MISMATCHES: Count = Count::new("report_investment_mismatches", Group::AnnualReport, 0.04, 1.16, 0.3, 12);
pub(super) const ABNORMAL_REMOVALS_36M: Count = Count::new("abnormal_removals_36m", Group::AnnualReport, 0.057, 1.32, 0.2, 6);
const RISK_LEADS_12M: Count = Count::new("risk_leads_12m", Group::AnnualReport, 0.069, 1.32, 0.3, 12);
const DEPARTMENT_NOTICES_12M: Count = Count::new("department_notices_12m", Group::AnnualReport, 0.034, 1.4, 0.2, 8);

/// The columns of the group.
#[rustfmt::skip]
pub(super) const TABLE: &[Spec] = &[
    Spec::new("report_equity_mismatches", "年报与登记的股东及股权变更不一致项数", Law::Sum(&[&REPORT_EQUITY_MISMATCHES])).missing(0.02),
    Spec::new("report_investment_mismatches", "年报与系统的对外投资不一致项数", Law::Sum(&[&REPORT_INVESTMENT_MISMATCHES])).missing(0.02),
    Spec::new("abnormal_removals_36m", "近三年移出经营异常名录次数", Law::Sum(&[&ABNORMAL_REMOVALS_36M])),
    Spec::new("risk_leads_12m", "近12个月风险线索数", Law::Sum(&[&RISK_LEADS_12M])),
    Spec::new("department_notices_12m", "近12个月其他部门通报数", Law::Sum(&[&DEPARTMENT_NOTICES_12M])),
];
