//! What the TOML parser says of a mistake, in the language spoken. It says it in English: a fault, and often what it
//! expected in its place. It may not know where the mistake is.

use crate::say::{Lang, lang};

/// What it says of a mistake, and how a Chinese textbook says it.
const FAULTS: &[(&str, &str)] = &[
    ("duplicate key", "这个键出现了两次"),
    ("key with no value", "键后面没有值"),
    ("missing value for key", "键后面没有值"),
    ("missing value", "缺少值"),
    ("invalid value", "这不是值"),
    ("string values must be quoted", "这里需要字符串, 要用英文双引号括起来"),
    ("unquoted keys cannot be empty", "不加引号的键不能为空"),
    ("invalid unquoted key", "不加引号的键里不能有这个字符"),
    ("invalid key", "这不能作键"),
    ("invalid key-value pair", "这不是 键 = 值"),
    ("missing assignment between key-value pairs", "键和值之间缺少 ="),
    ("extra assignment between key-value pairs", "多了一个 ="),
    ("extra `=`", "多了一个 ="),
    ("unexpected `=` in array", "列表里不能有 ="),
    ("unexpected key or value", "这里不应该有键或值"),
    ("unexpected content", "这里不应该有内容"),
    (
        "unexpected content between comment and newline",
        "注释和行尾之间不应该有内容",
    ),
    ("missing opening quote", "缺少前引号"),
    ("invalid string", "字符串有误"),
    ("invalid basic string", "字符串有误"),
    ("invalid literal string", "字符串有误"),
    ("invalid multi-line basic string", "多行字符串有误"),
    ("invalid multi-line literal string", "多行字符串有误"),
    ("keys cannot be multi-line basic strings", "键不能是多行字符串"),
    ("keys cannot be multi-line literal strings", "键不能是多行字符串"),
    ("missing escaped value", "\\ 之后缺少内容"),
    ("too few unicode value digits", "Unicode 编码的位数不够"),
    ("invalid comment character", "注释里不能有这个字符"),
    ("carriage return must be followed by newline", "回车之后必须是换行"),
    ("invalid table", "表有误"),
    ("missing table open", "缺少 ["),
    ("unclosed table", "小节名没有用 ] 结束"),
    ("unclosed array table", "小节名没有用 ]] 结束"),
    ("unclosed array", "列表没有用 ] 结束"),
    ("missing array opening", "列表缺少 ["),
    ("missing comma between array elements", "列表的两项之间缺少逗号"),
    ("extra comma in array", "列表里多了逗号"),
    ("unclosed inline table", "表没有用 } 结束"),
    ("missing inline table opening", "表缺少 {"),
    ("missing comma between key-value pairs", "两项之间缺少逗号"),
    ("missing key for inline table element", "表的一项缺少键"),
    ("invalid inline table element", "表的一项有误"),
    ("extra comma in inline table", "表里多了逗号"),
    ("invalid boolean", "布尔值有误"),
    ("invalid date-time", "日期有误"),
    ("invalid integer number", "整数有误"),
    ("invalid float", "小数有误"),
    ("invalid mantissa", "小数有误"),
    ("invalid fraction", "小数部分有误"),
    ("invalid exponent", "指数有误"),
    ("invalid binary number", "二进制数有误"),
    ("invalid octal number", "八进制数有误"),
    ("invalid hexadecimal number", "十六进制数有误"),
    ("unexpected leading zero", "数不能以 0 开头"),
    ("unexpected sign", "这里不应该有正负号"),
    ("redundant numeric sign", "多了正负号"),
    ("redundant integer number prefix", "多了数的前缀"),
    ("integers with a radix cannot be signed", "带前缀的整数不能有正负号"),
    ("radix must be lowercase", "数的前缀要用小写"),
    ("`_` may only go between digits", "_ 只能放在数字之间"),
    ("recursion limit", "嵌套太深"),
    ("cannot recurse further; max recursion depth met", "嵌套太深"),
];

/// What it expected; literal text in backquotes stands for itself.
const EXPECTED: &[(&str, &str)] = &[
    ("nothing", "没有内容"),
    ("key", "键"),
    ("value", "值"),
    ("letters", "字母"),
    ("numbers", "数字"),
    ("digits", "数字"),
    ("characters", "字符"),
    ("printable characters", "可见字符"),
    ("non-double-quote visible characters", "双引号以外的可见字符"),
    ("non-single-quote visible characters", "单引号以外的可见字符"),
    ("non-single-quote characters", "单引号以外的字符"),
    ("basic string", "带引号的字符串"),
    ("literal string", "带引号的字符串"),
    ("multi-line basic string", "多行字符串"),
    ("unicode hexadecimal value", "十六进制的 Unicode 编码"),
];

fn find(list: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    list.iter().find(|(en, _)| *en == text).map(|(_, zh)| *zh)
}

/// The parser's message in the language spoken.
pub fn in_the_language_spoken(message: &str) -> String {
    match lang() {
        Lang::En => message.to_string(),
        Lang::Zh => in_chinese(message),
    }
}

fn in_chinese(message: &str) -> String {
    let (fault, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let fault = find(FAULTS, fault).unwrap_or("从这里起不合 TOML 的语法");
    let literal = |text: &'_ str| text.starts_with('`').then(|| text.to_string());
    let expected: Vec<String> = expected
        .split(", ")
        .filter_map(|text| find(EXPECTED, text).map(str::to_string).or_else(|| literal(text)))
        .collect();
    if expected.is_empty() {
        fault.to_string()
    } else {
        format!("{fault}, 这里应当是 {}", expected.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{FAULTS, find};

    /// Mistakes that people make, each of which the parser must name as the table has it.
    #[test]
    fn the_words_are_the_parsers() {
        let texts = [
            "a = 1\na = 2",
            "a",
            "a = ",
            "a = b",
            "= 1",
            "a b = 1",
            "a = \"x",
            "a = [1",
            "a = [1 2]",
            "a = { b = 1",
            "a = { b = 1 c = 2 }",
            "[a",
            "[[a]",
            "a = 01",
            "a = 1__0",
            "a = 0X1",
            "a = 'x",
            "a = \"\"\"x",
            "a = 1 2",
            "a == 1",
            "a = [1,,2]",
            "a = \"\\q\"",
            "a = tru",
            "a = 1.",
            "a = ++1",
            "a = { , }",
            "a = \"\\u12\"",
        ];
        for text in texts {
            let (_, errors) = toml::de::DeTable::parse_recoverable(text);
            assert!(!errors.is_empty(), "{text}");
            for error in errors {
                let fault = error.message().split(", expected ").next().unwrap_or_default();
                assert!(find(FAULTS, fault).is_some(), "{text}: {}", error.message());
            }
        }
    }
}
