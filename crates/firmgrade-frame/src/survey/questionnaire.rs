//! The questionnaire: a workbook with a sheet that explains and a sheet with one row for each pair.

use std::path::Path;

use firmgrade::Scorecard;
use firmgrade::ahp::NodeWeights;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use super::names::title;
use crate::fault::{FrameError, one_line};
use crate::format::Format as FileFormat;
use crate::write::excel::width;
use crate::write::whole;

/// What stands in the hidden cell by which a questionnaire is known.
pub(super) const MARK: &str = "firmgrade-questionnaire";
/// Columns, from 0: what people see, then what is hidden.
pub(super) const ANSWER: usize = 2;
pub(super) const NODE: usize = 5;
pub(super) const FIRST: usize = 6;
pub(super) const SECOND: usize = 7;
/// The rows of the expert's name and organisation, from 0.
pub(super) const NAME: usize = 1;
pub(super) const ORGANISATION: usize = 2;
/// The first row below the header, from 0.
pub(super) const BODY: usize = 5;
/// The name of the sheet that is filled in.
pub(super) const SHEET: &str = "判断 Judgments";
/// The sheet that explains.
pub(super) const GUIDE: &str = "说明 Guide";

/// What can be chosen in a row, from the left thing to the right one.
const CHOICES: [&str; 17] =
    ["左9", "左8", "左7", "左6", "左5", "左4", "左3", "左2", "1", "右2", "右3", "右4", "右5", "右6", "右7", "右8", "右9"];
const LAST: u16 = 4;
const A4: u8 = 9;
/// Widths of the visible columns, which together fill the width of A4.
const WIDTHS: [u16; 5] = [6, 34, 10, 34, 14];

/// Writes the questionnaire of a card: every judged node, every pair of its children. [`read_survey`](super::read_survey) reads it back.
///
/// # Errors
/// A [`FrameError`] that names the file: no `.xlsx`, a card without judged nodes, a folder that is not there.
pub fn write_questionnaire(card: &Scorecard, path: impl AsRef<Path>) -> Result<(), FrameError> {
    let path = path.as_ref();
    let file = path.display().to_string();
    let refused = |reason: &str| FrameError::Unwritable { file: file.clone(), reason: reason.to_owned() };
    if path.as_os_str() == "-" || FileFormat::from_path(path)? != FileFormat::Xlsx {
        return Err(refused("a questionnaire is an Excel workbook, expected a name that ends in .xlsx"));
    }
    if !card.nodes().iter().any(asked) {
        return Err(refused("the card has no node that is judged in pairs; give one `pairs` under [judgments]"));
    }
    let ready = whole::aside(path, |out, file| {
        let failed = |error: XlsxError| FrameError::Unwritable { file: file.to_owned(), reason: one_line(&error.to_string()) };
        let mut book = book(card).map_err(failed)?;
        book.save_to_writer(out).map_err(failed)
    })?;
    ready.put()
}

fn asked(node: &firmgrade::card::Node) -> bool {
    matches!(node.weights, NodeWeights::Judged(_)) && node.children.len() > 1
}

fn book(card: &Scorecard) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // The same card is the same file.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    guide(book.add_worksheet().set_name(GUIDE)?, card)?;
    judgments(book.add_worksheet().set_name(SHEET)?, card)?;
    Ok(book)
}

fn page(sheet: &mut Worksheet) {
    sheet.set_paper_size(A4).set_portrait().set_print_fit_to_pages(1, 0).set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    sheet.set_footer("&C&P / &N");
}

fn guide(sheet: &mut Worksheet, card: &Scorecard) -> Result<(), XlsxError> {
    let header = &card.spec().scorecard;
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let bold = wrap.clone().set_bold();
    let head = bold.clone().set_background_color(Color::RGB(0x00D9_E2F3)).set_border(FormatBorder::Thin);
    let cell = wrap.clone().set_border(FormatBorder::Thin);
    sheet.set_column_width(0, 12)?.set_column_width(1, 42)?.set_column_width(2, 46)?;
    let mut row = 0;
    let mut line = |sheet: &mut Worksheet, texts: [&str; 3], format: &Format| -> Result<(), XlsxError> {
        for (column, text) in (0..).zip(texts) {
            sheet.write_string_with_format(row, column, text, format)?;
        }
        // The rows of a questionnaire that is printed are as high as their longest text.
        let lines = texts.iter().zip([12, 42, 46]).map(|(text, wide)| width(text).div_ceil(wide)).max().unwrap_or(1).max(1);
        sheet.set_row_height(row, 16.0 * lines as f64)?;
        row += 1;
        Ok(())
    };
    sheet.set_row_height(0, 24)?;
    let titled = format!("{}（{}，第 {} 版）", header.title, header.id, header.version);
    line(sheet, ["", &titled, "Pairwise questionnaire"], &bold.clone().set_font_size(13))?;
    line(sheet, ["", "", ""], &wrap)?;
    for (number, chinese, english) in [
        ("1", "请在“判断”表第 2、3 行填写姓名和单位。", "Fill in your name and organisation in rows 2 and 3 of the sheet “Judgments”."),
        (
            "2",
            "每行比较左项和右项：对于该组的目标，哪一项更重要，重要多少？在中间黄色格的下拉框中选择。",
            "Each row compares two things: which matters more to what the group is about, and how much? Choose in the yellow cell.",
        ),
        (
            "3",
            "左5 表示左项明显重要（左项是右项的 5 倍）；右5 表示右项明显重要；1 表示同等重要。",
            "左5 (or L5): the left thing is strongly more important, five times the right one; 右5 (or R5): the right one; 1: equal.",
        ),
        (
            "4",
            "没有把握的行可以留空，空格按“未判断”处理，不会当作 1。每组中的各项须能通过已填的行彼此相连。",
            "Leave a row blank if you cannot say; blank is not 1. The rows filled in must link all things of a group.",
        ),
        (
            "5",
            "也可直接输入数字：3 表示左项是右项的 3 倍，-3 表示右项是左项的 3 倍；或输入比值 3:1、1/3（左比右）。",
            "Numbers work too: 3 means left is three times right, -3 means right is three times left; so do ratios, left to right: 3:1, 1/3.",
        ),
        (
            "6",
            "请尽量前后一致：若甲重于乙、乙重于丙，则甲应重于丙。",
            "Be consistent: if A outweighs B and B outweighs C, then A outweighs C.",
        ),
        (
            "7",
            "请勿改动隐藏的列；每位专家交回一个文件，或在同一文件中各占一张“判断”表。",
            "Leave the hidden columns alone. One file for each expert, or one copy of the sheet each.",
        ),
    ] {
        line(sheet, [number, chinese, english], &wrap)?;
    }
    line(sheet, ["", "", ""], &wrap)?;
    line(sheet, ["标度 Scale", "含义", "Meaning"], &head)?;
    for (scale, chinese, english) in [
        ("1", "两项同等重要", "both matter equally"),
        ("3", "一项比另一项稍微重要", "one matters moderately more"),
        ("5", "一项比另一项明显重要", "one matters strongly more"),
        ("7", "一项比另一项强烈重要", "one matters very strongly more"),
        ("9", "一项比另一项极端重要", "one matters extremely more"),
        ("2 4 6 8", "介于相邻两级之间", "between the two beside it"),
    ] {
        line(sheet, [scale, chinese, english], &cell)?;
    }
    line(sheet, ["", "", ""], &wrap)?;
    line(sheet, ["", "标度出处：Saaty, The Analytic Hierarchy Process, 1980（层次分析法 1–9 标度）。", "Scale: Saaty 1980."], &wrap)?;
    page(sheet);
    Ok(())
}

fn judgments(sheet: &mut Worksheet, card: &Scorecard) -> Result<(), XlsxError> {
    let header = &card.spec().scorecard;
    let framed = Format::new().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::VerticalCenter);
    let head = framed.clone().set_bold().set_align(FormatAlign::Center).set_background_color(Color::RGB(0x00D9_E2F3));
    let section = framed.clone().set_bold().set_background_color(Color::RGB(0x00ED_EDED));
    // Text, so that no spreadsheet makes a date of 1/3.
    let input = framed.clone().set_num_format("@").set_unlocked().set_background_color(Color::RGB(0x00FF_F2CC));
    let answer = input.clone().set_align(FormatAlign::Center);
    let remark = framed.clone().set_num_format("@").set_unlocked();
    let label = Format::new().set_bold().set_align(FormatAlign::Right);
    let hidden = Format::new().set_font_color(Color::RGB(0x00A6_A6A6));
    for (column, wide) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, wide)?;
    }
    let title_format = Format::new().set_bold().set_font_size(13).set_align(FormatAlign::Center).set_text_wrap();
    sheet.merge_range(0, 0, 0, LAST, &format!("{} 两两比较问卷 Pairwise questionnaire", header.title), &title_format)?;
    sheet.set_row_height(0, 24)?;
    for (row, text) in [(NAME, "专家姓名 Expert"), (ORGANISATION, "单位 Organisation")] {
        sheet.merge_range(index(row), 0, index(row), 1, text, &label)?;
        sheet.merge_range(index(row), 2, index(row), LAST, "", &input)?;
    }
    let hint = Format::new().set_text_wrap().set_font_color(Color::RGB(0x0059_5959));
    let how = "左9…左2：左项更重要；1：同等重要；右2…右9：右项更重要；留空：不判断。\nleft 9…2, equal 1, right 2…9, blank: not judged";
    sheet.merge_range(3, 0, 3, LAST, how, &hint)?;
    sheet.set_row_height(3, 32)?;
    for (column, text) in (0..).zip(["序号 No.", "左项 Left", "判断 Judgment", "右项 Right", "备注 Remark"]) {
        sheet.write_string_with_format(index(BODY - 1), column, text, &head)?;
    }
    sheet.set_row_height(index(BODY - 1), 32)?;
    // How it is read back.
    for (column, text) in [(NODE, MARK), (FIRST, &header.id), (SECOND, &header.version)] {
        sheet.write_string_with_format(0, place(column), text, &hidden)?;
    }
    for (column, text) in [(NODE, "node"), (FIRST, "first"), (SECOND, "second")] {
        sheet.write_string_with_format(index(BODY - 1), place(column), text, &hidden)?;
    }
    let choices = DataValidation::new()
        .allow_list_strings(&CHOICES)?
        .ignore_blank(true)
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("判断 Judgment")?
        .set_error_message("请选择 左9…左2、1、右2…右9；也可填 -9…9 或 1/3 这样的比值。")?;
    let mut row = index(BODY);
    let mut number = 0;
    for node in card.nodes().iter().filter(|node| asked(node)) {
        let text = format!("{}：下列各项两两相比，哪一项更重要？ Which matters more?", node.title);
        sheet.merge_range(row, 0, row, LAST, &text, &section)?;
        sheet.set_row_height(row, height(&text, WIDTHS.iter().map(|wide| usize::from(*wide)).sum()))?;
        row += 1;
        for (at, first) in node.children.iter().enumerate() {
            for second in node.children.iter().skip(at + 1) {
                number += 1;
                let (left, right) = (title(card, first), title(card, second));
                sheet.write_number_with_format(row, 0, f64::from(number), &framed)?;
                sheet.write_string_with_format(row, 1, left, &framed)?;
                sheet.write_blank(row, place(ANSWER), &answer)?;
                sheet.write_string_with_format(row, 3, right, &framed)?;
                sheet.write_blank(row, LAST, &remark)?;
                sheet.add_data_validation(row, place(ANSWER), row, place(ANSWER), &choices)?;
                for (column, id) in [(NODE, &node.id), (FIRST, first), (SECOND, second)] {
                    sheet.write_string_with_format(row, place(column), id, &hidden)?;
                }
                let longest = if width(left) > width(right) { left } else { right };
                sheet.set_row_height(row, height(longest, usize::from(WIDTHS[1])))?;
                row += 1;
            }
        }
    }
    for column in [NODE, FIRST, SECOND] {
        sheet.set_column_hidden(place(column))?;
    }
    sheet.set_freeze_panes(index(BODY), 0)?;
    sheet.set_repeat_rows(index(BODY - 1), index(BODY - 1))?;
    sheet.set_print_area(0, 0, row.saturating_sub(1), LAST)?;
    // Without a password: it keeps a slip of the hand from the hidden columns.
    sheet.protect();
    page(sheet);
    sheet.set_active(true);
    Ok(())
}

/// Points for a text in a column so many characters wide.
fn height(text: &str, wide: usize) -> f64 {
    18.0 * (width(text) + 2).div_ceil(wide).max(1) as f64
}

fn index(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn place(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}
