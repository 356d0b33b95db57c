//! The sentences of the model's reasons in Chinese. What they say is decided next door, in the reason itself.

use core::fmt;

use super::Reason;
use crate::op::Routine;

/// A reason, to be written as a sentence.
pub(super) struct Sentence<'a>(pub(super) &'a Reason);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::NotMapped { at, map_end: Some(end) } if at >= end => {
                write!(f, "映射到 {end} 结束; {at} 处连地址都没有。")
            }
            Reason::NotMapped { at, map_end: Some(_) } if *at < 0 => {
                write!(f, "映射从 0 开始; 在它之前的 {at} 处什么都没有映射。")
            }
            Reason::NotMapped { at, map_end: Some(_) } => {
                write!(f, "{at} 所在的页已经解除映射, 地址不复存在。")
            }
            Reason::NotMapped { at, map_end: None } => {
                write!(f, "什么都没有映射, 所以 {at} 处没有地址。")
            }
            Reason::Protection { prot, access } => {
                let what = if access.is_store() { "写入" } else { "读取" };
                write!(f, "这一页的保护属性是 {prot}, 不允许{what}; 内核根本不看文件。")
            }
            Reason::Key => f.write_str("这一页只许执行: 保护键不让任何读写通过。"),
            Reason::Seen { from, at, of } => write!(f, "{from} 是文件偏移 {at} 处的字节。{}", Sentence(of)),
            Reason::PastLastFilePage { at, size: 0, .. } => {
                write!(f, "文件是空的; {at} 处有地址, 却没有文件的页。")
            }
            Reason::PastLastFilePage { at, size, page } => {
                let pages = size.div_ceil(*page);
                write!(f, "文件的 {size} 字节只占 {pages} 页; {at} 处有地址, 却没有文件的页。")
            }
            Reason::FileByte { size: 1, .. } => f.write_str("它是文件唯一的字节。"),
            Reason::FileByte { at, size } => write!(f, "文件共 {size} 字节, 偏移 {at} 处的字节在其中。"),
            Reason::BesideCopy { at } => {
                write!(
                    f,
                    "MAP_PRIVATE: 通过映射的写入进了这一页的副本; 偏移 {at} 处的字节是文件自己的。"
                )
            }
            Reason::Tail { size, end } => {
                write!(f, "文件到 {size} 结束, 它的最后一页到 {end} 结束; 两者之间用零填充。")
            }
            Reason::StoredInFile { at } => {
                write!(f, "字节写进页缓存, 成为文件偏移 {at} 处的字节。")
            }
            Reason::StoredInTail { size, end } => {
                write!(f, "这一页直到 {end}, 所以写入成功; 文件仍然到 {size} 结束。")
            }
            Reason::PrivateCopy { at } => {
                write!(
                    f,
                    "先前的写入已经为这个映射单独复制了这一页; 偏移 {at} 处的字节来自副本。"
                )
            }
            Reason::CopiedOnWrite { at } => {
                write!(
                    f,
                    "MAP_PRIVATE: 偏移 {at} 所在的页在第一次写入时复制; 文件永远看不到这次写入。"
                )
            }
            Reason::HugePage { huge } => {
                write!(
                    f,
                    "tmpfs 以 huge=always 挂载, 一次映射 {huge} 字节, 因此越过了文件末尾。"
                )
            }
            Reason::EndOfFile { size } => write!(f, "文件到 {size} 结束, 没有可读的内容。"),
            Reason::Endless => f.write_str("/dev/zero 没有末尾: 怎么读都是零。"),
            Reason::Mapped { len, rounded } => {
                write!(f, "要求 {len} 字节, 实际映射 {rounded} 字节: 映射以整页为单位。")
            }
            Reason::Anonymous { stored: false } => f.write_str("这段内存背后没有文件: 第一次写入之前都是零。"),
            Reason::Anonymous { stored: true } => f.write_str("这段内存背后没有文件; 进程在这里已经有了自己的页。"),
            Reason::StoredAnonymous => f.write_str("这段内存背后没有文件; 写入使进程得到一个自己的页。"),
            Reason::Guarded => f.write_str("这是保护页 (MADV_GUARD_INSTALL): 虽然已映射, 任何访问都到不了它。"),
            Reason::Missing => f.write_str("这一页从来没有出现过, 而 userfaultfd 已被告知不要造页, 改为引发 SIGBUS。"),
            Reason::Forced { signal } => write!(
                f,
                "访问出错引发的 {signal} 既不能忽略也不能阻塞: 内核恢复默认动作, 进程被杀死。"
            ),
            Reason::Loops => f.write_str("处理函数返回了, 什么都没有改变, 于是同一条指令再次出错, 永无休止。"),
            Reason::FirstPage => {
                f.write_str("任何程序都不能映射最前面的页 (vm.mmap_min_addr), 因此空指针和它后面的字段一碰就出错。")
            }
            Reason::KernelHalf => f.write_str("地址空间的上半部分属于内核; 对程序来说, 那里什么也没有映射。"),
            Reason::NoAddress => {
                f.write_str("这不是地址: 处理器还没查页表就拒绝了, 也不说是哪个地址, 所以 si_addr 是 0。")
            }
            Reason::Sent => {
                f.write_str("不是访问引起的: 是有人发来的信号, si_code 用不超过 0 的数说明怎样发的, 没有地址可说。")
            }
            Reason::SomeByte {
                routine: Routine::Strnlen,
            } => f.write_str("strnlen 在确定前一页没有 0 之前不能看下一页; 它先要坏页里的哪个字节, 由 C 库决定。"),
            Reason::SomeByte { routine } => write!(
                f,
                "{} 内部的次序由 C 库决定: si_addr 是某个坏字节, 不一定是第一个; 它之前的字节可能写了, 也可能没写。",
                routine.name()
            ),
            Reason::NoRoomForFrame => {
                f.write_str("处理函数的栈帧需要栈, 而栈已经没有了: 内核用 SIGSEGV 杀死进程, 处理函数根本不会运行。")
            }
            Reason::StackLimit { at, limit } => write!(
                f,
                "这段映射一碰就向下增长, 但不超过 {limit} 字节 (RLIMIT_STACK); {at} 超过了, 所以那里没有映射。"
            ),
            Reason::StackGuardGap { at } => write!(
                f,
                "这段映射一碰就向下增长, 但与下面的映射至少相隔 256 页; {at} 太近了, 所以那里没有映射。"
            ),
            Reason::Repaired { at } => write!(f, "对 {at} 的访问出错一次; 处理函数修好了这个位置, 指令重新执行。"),
            Reason::Copied { count, len } if count < len => write!(
                f,
                "坏页之前的 {count} 字节复制成功 (共要求 {len} 字节); 返回值偏小, 没有信号。"
            ),
            Reason::Copied { count, .. } => write!(f, "内核复制 {count} 字节。"),
            Reason::Size { size } => write!(f, "文件有 {size} 字节; 任何映射都改变不了这一点。"),
            Reason::Resident => f.write_str("页由访问和预读调入内存。"),
            Reason::Present => f.write_str("页表项在第一次访问时建立, 而不是在映射时。"),
            Reason::Vmas => f.write_str("只作用于映射一部分的调用会把它切成几个 VMA; 相邻的 VMA 变得相同, 就合并。"),
            Reason::Measured => f.write_str("这是数出来的, 不是推导出来的。"),
            Reason::Elsewhere => f.write_str("那个位置已被占用; 没有 MAP_FIXED, 地址只是一个提示。"),
            Reason::Forked => f.write_str("子进程有同样的映射; 私有的部分从现在起各归各的。"),
            Reason::Race { atomic: true } => f.write_str("这条指令把读取、相加、写回合成一步; 一次加法也不会丢失。"),
            Reason::Race { atomic: false } => f.write_str("加法是先读取后写回; 另一个进程在两者之间写入的值会丢失。"),
            Reason::FilesystemFull => {
                f.write_str("这一页属于文件, 但文件系统已经没有空间给它: 在文件之内也得到 SIGBUS。")
            }
            Reason::Unlinked => f.write_str("消失的只是名字; 只要还有描述符或映射指向它, 文件就还在。"),
            Reason::Renamed => f.write_str("从现在起这个名字指另一个文件; 已经映射旧文件的进程仍然拥有旧文件。"),
            Reason::Refused { errno, because } => {
                let name = crate::op::errno_name(*errno).unwrap_or("出错");
                write!(f, "{name}: {}。", because.zh)
            }
            Reason::Call => f.write_str("调用成功。"),
        }
    }
}
