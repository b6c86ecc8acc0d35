//! Operation (经营): reports, finances, taxes, activity, pledges, public opinion and honours.

use super::super::law::{Count, Law, Spec};
use super::Group;

const ANNUAL_REPORT_MISSED_3Y: Count = Count::new("annual_report_missed_3y", Group::Operation, 0.092, 1.4, 0.3, 3);
const ANNUAL_REPORT_LATE_3Y: Count = Count::new("annual_report_late_3y", Group::Operation, 0.11, 1.08, 0.22, 3);
const ANNUAL_REPORT_CORRECTIONS_12M: Count = Count::new("annual_report_corrections_12m", Group::Operation, 0.092, 0.46, 0.2, 6);
const LOSS_YEARS_3Y: Count = Count::new("loss_years_3y", Group::Operation, 0.23, 0.7, 0.35, 3);
const TAX_ARREARS_TIMES: Count = Count::new("tax_arrears_times", Group::Operation, 0.023, 1.4, 0.25, 8);
const TAX_FILING_LATE_12M: Count = Count::new("tax_filing_late_12m", Group::Operation, 0.11, 1.08, 0.3, 12);
const SOCIAL_ARREARS_MONTHS: Count = Count::new("social_arrears_months", Group::Operation, 0.04, 1.4, 0.6, 24);
const INVOICE_ALERTS_12M: Count = Count::new("invoice_alerts_12m", Group::Operation, 0.034, 1.4, 0.3, 12);
const BID_WINS_24M: Count = Count::new("bid_wins_24m", Group::Operation, 0.045, -0.35, 0.5, 60);
const DORMANT: Count = Count::flag("dormant", Group::Operation, 0.04, 1.4);
const EQUITY_PLEDGES: Count = Count::new("equity_pledges", Group::Operation, 0.023, 0.78, 0.25, 12);
const CHATTEL_MORTGAGES_24M: Count = Count::new("chattel_mortgages_24m", Group::Operation, 0.014, 0.62, 0.2, 8);
const GUARANTEES_GIVEN: Count = Count::new("guarantees_given", Group::Operation, 0.029, 0.78, 0.3, 20);
const CERTIFICATIONS_VALID: Count = Count::new("certifications_valid", Group::Operation, 0.12, -0.5, 0.45, 12);
const HONOURS_36M: Count = Count::new("honours_36m", Group::Operation, 0.05, -0.6, 0.25, 8);
const PATENTS_VALID: Count = Count::new("patents_valid", Group::Operation, 0.08, -0.4, 0.7, 400);
const TRADEMARKS_VALID: Count = Count::new("trademarks_valid", Group::Operation, 0.14, -0.25, 0.55, 200);
const NEGATIVE_NEWS_12M: Count = Count::new("negative_news_12m", Group::Operation, 0.029, 1.24, 0.3, 20);
const COMPLAINTS_SETTLED: Count = Count::new("complaints_settled", Group::Operation, 0.1, 1.16, 0.45, 60);
const COMPLAINTS_EARLIER: Count = Count::new("complaints_earlier", Group::Operation, 0.092, 1.08, 0.42, 60);
const REPORTS_12M: Count = Count::new("reports_12m", Group::Operation, 0.057, 1.32, 0.35, 30);
const COMPLAINTS_UNRESOLVED_12M: Count = Count::new("complaints_unresolved_12m", Group::Operation, 0.021, 1.47, 0.25, 12);
const MEDIATION_REFUSALS_12M: Count = Count::new("mediation_refusals_12m", Group::Operation, 0.023, 1.24, 0.25, 12);
const PLEDGE_BREACHES_36M: Count = Count::new("pledge_breaches_36m", Group::Operation, 0.0092, 1.4, 0.15, 5);

/// The columns of the group.
#[rustfmt::skip]
pub(super) const TABLE: &[Spec] = &[
    Spec::new("annual_report_missed_3y", "近三年未公示年报次数", Law::Years { count: &ANNUAL_REPORT_MISSED_3Y, taken: &[&ANNUAL_REPORT_LATE_3Y] }),
    Spec::new("annual_report_late_3y", "近三年逾期公示年报次数", Law::Years { count: &ANNUAL_REPORT_LATE_3Y, taken: &[] }),
    Spec::new("annual_report_corrections_12m", "近12个月年报更正次数", Law::Sum(&[&ANNUAL_REPORT_CORRECTIONS_12M])),
    Spec::new("disclosed_share", "年报选择公示项目比例", Law::Level { centre: 0.52, spread: 0.28, slope: -0.16, low: 0.0, high: 1.0, decimals: 4 }).missing(0.09).after_a_year(),
    Spec::new("debt_ratio", "资产负债率", Law::Level { centre: 0.52, spread: 0.3, slope: 0.192, low: 0.0, high: 5.0, decimals: 4 }).missing(0.24).after_a_year(),
    Spec::new("revenue_10k", "营业收入", Law::Amount { median: 180.0, spread: 2.2, slope: -0.5, size: 2.6, decimals: 2 }).missing(0.22).after_a_year(),
    Spec::new("revenue_growth", "营业收入增长率", Law::Level { centre: 0.04, spread: 0.38, slope: -0.192, low: -1.0, high: 5.0, decimals: 4 }).missing(0.27).after_a_year(),
    Spec::new("profit_margin", "销售利润率", Law::Level { centre: 0.05, spread: 0.14, slope: -0.08, low: -1.0, high: 0.8, decimals: 4 }).missing(0.25).after_a_year(),
    Spec::new("loss_years_3y", "近三年亏损年数", Law::Years { count: &LOSS_YEARS_3Y, taken: &[] }).missing(0.24).after_a_year(),
    Spec::new("tax_credit", "纳税信用等级", Law::Choice { values: &["A", "B", "M", "C", "D"], shares: &[11.0, 50.0, 28.0, 7.0, 4.0], tilts: &[-1.35, -0.45, 0.15, 1.05, 1.5] }).missing(0.12),
    Spec::new("tax_arrears_times", "欠税次数", Law::Sum(&[&TAX_ARREARS_TIMES])),
    Spec::new("tax_arrears_10k", "欠税余额", Law::AmountOf { counts: &[&TAX_ARREARS_TIMES], each: 3.0, spread: 1.6, cap: 50000.0, decimals: 2 }),
    Spec::new("tax_filing_late_12m", "近12个月逾期申报次数", Law::Sum(&[&TAX_FILING_LATE_12M])),
    Spec::new("social_arrears_months", "欠缴社会保险费月数", Law::Sum(&[&SOCIAL_ARREARS_MONTHS])).missing(0.04),
    Spec::new("employees_change_12m", "近12个月参保人数变动率", Law::Level { centre: 0.01, spread: 0.26, slope: -0.144, low: -1.0, high: 3.0, decimals: 4 }).missing(0.1).after_a_year(),
    Spec::new("invoice_months_12m", "近12个月有开票记录的月数", Law::Level { centre: 9.6, spread: 3.2, slope: -1.76, low: 0.0, high: 12.0, decimals: 0 }).missing(0.06),
    Spec::new("invoice_alerts_12m", "近12个月发票异常预警次数", Law::Sum(&[&INVOICE_ALERTS_12M])),
    Spec::new("bid_wins_24m", "近24个月中标次数", Law::Sum(&[&BID_WINS_24M])),
    Spec::new("power_use_change", "用电量同比变动率", Law::Level { centre: 0.02, spread: 0.3, slope: -0.144, low: -1.0, high: 4.0, decimals: 4 }).missing(0.55),
    Spec::new("dormant", "连续六个月无经营活动", Law::Flag(&DORMANT)).missing(0.05),
    Spec::new("equity_pledges", "股权出质笔数", Law::Sum(&[&EQUITY_PLEDGES])),
    Spec::new("chattel_mortgages_24m", "近24个月动产抵押次数", Law::Sum(&[&CHATTEL_MORTGAGES_24M])),
    Spec::new("guarantees_given", "对外担保笔数", Law::Sum(&[&GUARANTEES_GIVEN])).missing(0.18),
    Spec::new("guarantees_10k", "对外担保余额", Law::AmountOf { counts: &[&GUARANTEES_GIVEN], each: 220.0, spread: 1.6, cap: 900000.0, decimals: 2 }).missing(0.18),
    Spec::new("certifications_valid", "有效管理体系认证数", Law::Sum(&[&CERTIFICATIONS_VALID])),
    Spec::new("honours_36m", "近36个月获得荣誉数", Law::Sum(&[&HONOURS_36M])),
    Spec::new("patents_valid", "有效专利数", Law::Sum(&[&PATENTS_VALID])),
    Spec::new("trademarks_valid", "有效注册商标数", Law::Sum(&[&TRADEMARKS_VALID])),
    Spec::new("online_rating", "网络平台评分", Law::Level { centre: 4.25, spread: 0.42, slope: -0.256, low: 1.0, high: 5.0, decimals: 1 }).missing(0.62),
    Spec::new("negative_news_12m", "近12个月负面舆情次数", Law::Sum(&[&NEGATIVE_NEWS_12M])),
    Spec::new("complaints_12m", "近12个月消费者投诉件数", Law::Sum(&[&COMPLAINTS_SETTLED, &COMPLAINTS_UNRESOLVED_12M])),
    Spec::new("complaints_24m", "近24个月消费者投诉件数", Law::Sum(&[&COMPLAINTS_SETTLED, &COMPLAINTS_UNRESOLVED_12M, &COMPLAINTS_EARLIER])),
    Spec::new("reports_12m", "近12个月举报件数", Law::Sum(&[&REPORTS_12M])),
    Spec::new("complaints_unresolved_12m", "近12个月逾期未办结投诉件数", Law::Sum(&[&COMPLAINTS_UNRESOLVED_12M])),
    Spec::new("mediation_refusals_12m", "近12个月拒绝调解次数", Law::Sum(&[&MEDIATION_REFUSALS_12M])),
    Spec::new("satisfaction", "消费者满意度评价", Law::Level { centre: 80.0, spread: 11.0, slope: -5.6, low: 0.0, high: 100.0, decimals: 1 }).missing(0.68),
    Spec::new("pledge_breaches_36m", "近36个月违背信用承诺次数", Law::Sum(&[&PLEDGE_BREACHES_36M])),
];
