//! Names of firms: made up from syllables, with a word for the trade and the ending of the legal form. Names may repeat; codes do not.

use super::draw::{Draw, key};
use super::firm::{BRANCH, Firm, PARTNERSHIP, SOLE_PROPRIETORSHIP, STOCK_COMPANY};

const FIRST: [&str; 48] = [
    "禾", "沐", "茗", "澜", "翎", "筠", "霁", "瀚", "楷", "皓", "奕", "祺", "芃", "苒", "泠", "漪", "汐", "屹", "峥", "岚", "旌", "昕",
    "晏", "暄", "朔", "栩", "梓", "棠", "榕", "樾", "沅", "沄", "泓", "浔", "涵", "渝", "澄", "炜", "煦", "珩", "琅", "瑾", "璟", "甄",
    "砚", "稷", "筱", "绮",
];
const SECOND: [&str; 48] = [
    "辰", "川", "舟", "岑", "屿", "野", "汀", "岭", "原", "溪", "陌", "垣", "庭", "榭", "阁", "廊", "桥", "渡", "帆", "樯", "圃", "畴",
    "禾", "穗", "林", "柯", "枫", "桐", "柏", "松", "竹", "兰", "芷", "蘅", "芸", "蓝", "青", "素", "朗", "曜", "晖", "曦", "月", "宸",
    "衡", "度", "行", "致",
];
const THIRD: [&str; 24] = [
    "达", "通", "捷", "恒", "信", "诚", "源", "泽", "润", "茂", "昌", "隆", "业", "邦", "元", "利", "成", "益", "和", "安", "宁", "裕",
    "鼎", "启",
];

/// Words for a trade, by letter of GB/T 4754.
const WORDS: [&[&str]; 20] = [
    &["农业科技", "园艺"],
    &["矿业"],
    &["机械制造", "电子", "五金制品", "包装材料", "仪表", "食品", "印务", "电器"],
    &["新能源", "节能服务"],
    &["建设工程", "建筑装饰", "安装工程", "园林工程", "幕墙工程"],
    &["贸易", "商贸", "实业", "进出口", "食品销售", "建材", "化妆品", "医疗器械", "服饰", "五金机电", "办公用品", "便利店"],
    &["物流", "国际货运代理", "仓储", "供应链管理"],
    &["餐饮管理", "酒店管理", "餐饮", "小吃店", "咖啡"],
    &["信息技术", "网络科技", "软件", "数据服务", "智能科技"],
    &["融资租赁", "保险代理", "典当"],
    &["物业管理", "房地产经纪", "置业"],
    &["企业管理咨询", "商务咨询", "广告", "人力资源", "文化传播", "会展服务", "汽车租赁", "知识产权代理"],
    &["生物科技", "检测技术", "工程设计", "技术服务", "新材料科技"],
    &["环保科技", "环境工程"],
    &["家政服务", "汽车维修", "美容", "美发", "洗染", "养生保健"],
    &["教育科技", "培训"],
    &["健康管理", "门诊部", "养老服务"],
    &["影视文化", "体育发展", "文化艺术", "健身"],
    &["事务服务"],
    &["国际交流"],
];

/// The words of trade class 80 (resident services), among them beauty salons.
const RESIDENT_SERVICES: [&str; 5] = ["家政服务", "美容", "美发", "洗染", "养生保健"];

/// Position of class 80 among the classes.
pub(super) const CLASS_80: u16 = 79;

/// The firm's name.
pub(super) fn name(firm: &Firm) -> String {
    let mut draw = Draw::new(firm.key, key("name"));
    let mut name = String::with_capacity(48);
    name.push_str("上海");
    name.push_str(FIRST[draw.below(FIRST.len())]);
    name.push_str(SECOND[draw.below(SECOND.len())]);
    if draw.chance(0.7) {
        name.push_str(THIRD[draw.below(THIRD.len())]);
    }
    let words = if firm.class == CLASS_80 { &RESIDENT_SERVICES[..] } else { WORDS[usize::from(firm.trade)] };
    name.push_str(words[draw.below(words.len())]);
    name.push_str(match firm.form {
        STOCK_COMPANY => "股份有限公司",
        SOLE_PROPRIETORSHIP => "工作室",
        PARTNERSHIP => "合伙企业（有限合伙）",
        BRANCH => "有限公司普陀分公司",
        _ => "有限公司",
    });
    name
}
