//! A folder to run the binary in, with a small card and a few firms.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Five indicators in two groups, one override. Local weights below `conduct`, by hand: the geometric means of the rows of
/// [1 2 5; 1/2 1 2; 1/5 1/2 1] are 2.154435, 1, 0.464159, so .5954 .2764 .1283; λ = 1 + x + 1/x with x = (5/4)^(1/3), CR = .0048.
pub(crate) const CARD: &str = r#"
[scorecard]
id = "small"
title = "小评分卡"
version = "1"
id_column = "uscc"
[scorecard.scale]
min = 0
max = 100
better = "high"
round = { decimals = 1 }

[criteria.conduct]
title = "经营行为"
[criteria.basis]
title = "主体信息"

[judgments.root.pairs]
"conduct:basis" = 3
[judgments.conduct.pairs]
"penalties:complaints" = 2
"penalties:late" = 5
"complaints:late" = 2
[judgments.basis]
weights = { kind = 0.5, age = 0.5 }

[indicators.penalties]
title = "行政处罚次数"
criterion = "conduct"
unit = "次"
missing = "error"
bands = [ { upto = 0, risk = 0.0 }, { upto = 2, risk = 0.4 }, { risk = 1.0 } ]
[indicators.complaints]
title = "投诉举报次数"
criterion = "conduct"
missing = "worst"
points = [ { at = 0, risk = 0.0 }, { at = 10, risk = 1.0 } ]
[indicators.late]
title = "年报逾期"
criterion = "conduct"
missing = "best"
flag = { true = 1.0, false = 0.0 }
[indicators.kind]
title = "企业类型"
criterion = "basis"
missing = { value = 0.5 }
categories = { "有限责任公司" = 0.2, "个人独资企业" = 0.6 }
[indicators.age]
title = "成立年限"
criterion = "basis"
missing = "reweight"
bands = [ { from = 5, risk = 0.0 }, { from = 1, risk = 0.5 }, { risk = 1.0 } ]

[columns.on_list]
title = "列入严重违法失信名单"
type = "flag"

[grades]
order = ["A", "B", "C", "D"]
cuts = [">= 85", ">= 70", ">= 50"]
titles = { A = "低风险", D = "高风险" }

[[overrides]]
id = "listed"
title = "严重违法失信名单"
when = "on_list"
set = "D"
"#;

pub(crate) const FIRMS: &str = "\
uscc,name,penalties,complaints,late,kind,age,on_list
91310107MA1G0AAA1X,甲公司,0,0,false,有限责任公司,12,false
91310107MA1G0AAA2Y,乙公司,1,2,false,个人独资企业,3,false
91310107MA1G0AAA3Z,丙公司,4,10,true,个人独资企业,0.5,false
91310107MA1G0AAA4A,丁公司,0,0,,,7,true
91310107MA1G0AAA5B,戊公司,2,,true,有限责任公司,,false
";

/// What a run printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    /// A folder with `card.toml` and `firms.csv`.
    pub(crate) fn new() -> Self {
        let sandbox = Self { folder: tempfile::tempdir().unwrap() };
        sandbox.put("card.toml", CARD);
        sandbox.put("firms.csv", FIRMS);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of all files, hidden ones too.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Runs `firmgrade` with these arguments, separated by blanks, in the folder.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, b"")
    }

    pub(crate) fn run_with(&self, arguments: &str, input: &[u8]) -> Ran {
        run_in(self.folder.path(), arguments, input)
    }

    /// Runs and expects success.
    pub(crate) fn ok(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments}: {}", ran.err);
        ran
    }

    /// A JSON file of this folder.
    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Writes the firms of a CSV text to a file of another format.
    pub(crate) fn convert(&self, csv: &str, name: &str) {
        let mut frame = firmgrade_frame::read_csv_bytes(csv.as_bytes(), "firms").unwrap();
        firmgrade_frame::write_table(&mut frame, self.path(name), &firmgrade_frame::WriteOptions::default()).unwrap();
    }
}

fn run_in(folder: &Path, arguments: &str, input: &[u8]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmgrade"));
    command.args(arguments.split_whitespace()).current_dir(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that refuses its arguments does not read.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) };
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains("panicked") && !text.contains("internal fault") && !text.contains('\u{1b}'), "{arguments}: {text}");
    }
    ran
}
