//! The help in Chinese: what each verb and each argument is for. Every text has a space at least every thirty columns, for
//! clap breaks lines at spaces alone.

use clap::{Arg, Command};

const EXIT_CODES: &str = "\
退出码:
  0    观察到的全部符合预期
  1    有不符之处: 内核、模型或情景文件
  2    命令行或情景文件有误; 什么也没有运行
  3    这台机器做不到 (理由是一行)
  4    什么也没有选中
  130  被中断; 子进程都已回收, 没有留下任何东西";

const ABOUT: &str = "Linux 在内存映射的边缘做什么: SIGBUS、SIGSEGV, 以及为什么";
const LONG_ABOUT: &str = "Linux 在内存映射的边缘做什么: SIGBUS、SIGSEGV, 以及为什么。

不带命令: 说明你在哪里, 以及接下来输入什么。";

/// What a verb is for.
fn verb(name: &str) -> Option<&'static str> {
    Some(match name {
        "scenario" => "运行一个情景并解释它 [简写: s]",
        "run" => "运行若干情景, 每个一行",
        "watch" => "情景文件一保存, 就再运行一次",
        "claims" => "课程笔记的每条论断, 以及内核的结论",
        "new" => "写一个带注释的情景文件, 由此开始",
        "explain" => "用一屏解释一个词: SIGBUS、map_end、M2 ...",
        "doctor" => "检查机器: 能否演示本课的一切?",
        "fuzz" => "随机脚本: 模型与这个内核一致吗?",
        "completions" => "为某个 shell 打印补全脚本",
        "help" => "打印本说明, 或某个命令的说明",
        _ => return None,
    })
}

/// What an argument of a verb is for; one of no verb belongs to all.
fn argument(verb: &str, id: &str) -> Option<&'static str> {
    Some(match (verb, id) {
        ("scenario", "what") => "编号、id 或它的开头, 或者文件 (含 / 或以 .toml 结尾)",
        ("scenario", "set") => "改变一个数: --set map.length=4p",
        ("scenario", "predict") => "你先回答, 内核来批改",
        ("scenario", "step") => "逐步展示, 可进可退; 先让全班表态, 再揭晓",
        ("scenario", "exhaustive") => "两个进程把映射的每一页都碰一遍",
        ("scenario", "seed") => "同一课, 换一组数字; 种子相同, 数字就相同",
        ("watch", "file") => "情景文件 (含 / 或以 .toml 结尾)",
        ("run", "all") => "全部内置情景",
        ("run", "measure") => "与 --all 一起: 连同测量用时或需要等待的情景",
        ("run", "lint") => "什么也不运行: 按 4K、16K、64K 的页, 用模型检查情景文件",
        ("run", "answers") => "对照内核批改答案文件",
        ("run", "what") => "编号、id 或文件",
        ("claims", "sources") => "其他测试套件: 它们的断言哪些由情景演示, 哪些没有, 为什么",
        ("claims", "measure") => "连同关于快慢的论断: 每个文件系统约十秒",
        ("new", "name") => "文件叫什么: mine 或 mine.toml",
        ("new", "from") => "从课程的一个情景开始, 而不是从模板",
        ("explain", "word") => "SIGBUS、map_end、M2、E03、缺页 ...; 不写就列出全部",
        ("fuzz", "count") => "运行这么多个脚本 [默认: 10000]",
        ("fuzz", "seconds") => "运行这么多秒",
        ("fuzz", "seed") => "哪一串脚本; 种子相同, 脚本就相同 [默认: 1]",
        ("fuzz", "dir") => "脚本的文件建在哪里 [默认: TMPDIR, 否则 /tmp]",
        ("completions", "shell") => "哪个 shell: bash, elvish, fish, powershell, zsh",
        (_, "report") => "写一份报告: json, 或 strace (每次调用和信号, 可与 strace -f 对照); 不写 =FILE 时它就是输出",
        (_, "color") => "何时用颜色: auto (在终端上, 除非环境另有要求), always (总是), never (从不) [默认: auto]",
        (_, "width") => "按多少列来画, 40 到 120 [默认: 终端的列数, 否则 80]",
        (_, "lang") => "用哪种语言: en 或 zh [默认: LAB_LANG, 否则看 locale]",
        (_, "help") => "打印说明",
        (_, "version") => "打印版本",
        ("help", "subcommand") => "哪个命令",
        _ => return None,
    })
}

/// The same command line with its help in Chinese.
pub fn command(mut command: Command) -> Command {
    // what clap adds by itself, and what holds for all verbs, is there only when it is built
    command.build();
    let command = translate(command, "");
    command
        .about(ABOUT)
        .long_about(LONG_ABOUT)
        .after_help(EXIT_CODES)
        .after_long_help(EXIT_CODES)
}

fn translate(command: Command, name: &str) -> Command {
    let positionals = command.get_positionals().any(|arg| !arg.is_hide_set());
    let verbs = command.get_subcommands().any(|verb| !verb.is_hide_set());
    let mut template = "{about-with-newline}\n用法: {usage}\n".to_owned();
    if verbs {
        template.push_str("\n命令:\n{subcommands}\n");
    }
    if positionals {
        template.push_str("\n参数:\n{positionals}\n");
    }
    template.push_str("\n选项:\n{options}{after-help}");
    let command = match verb(name) {
        Some(about) => command.about(about).long_about(None),
        None => command,
    };
    command
        .help_template(template)
        .visible_alias(None)
        .mut_args(|arg| describe(arg, name))
        .mut_subcommands(|verb| {
            let name = verb.get_name().to_owned();
            let short = (name == "scenario").then_some("s");
            let verb = translate(verb, &name);
            short.into_iter().fold(verb, Command::alias)
        })
}

/// clap's own remarks on values are English, so the texts above make them.
fn describe(arg: Arg, verb: &str) -> Arg {
    match argument(verb, arg.get_id().as_str()) {
        Some(text) => arg
            .help(text)
            .long_help(None)
            .hide_possible_values(true)
            .hide_default_value(true),
        None => arg,
    }
}
