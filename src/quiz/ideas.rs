//! The catalogue of misconceptions: each with its number and half a line on what is right instead. `lab explain` has a
//! page for each. Plain data.

use crate::say::{Lang, lang};

/// A way to see the subject that is wrong, by its number: `lab` names it when an answer shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idea {
    /// M1 and so on
    pub id: &'static str,
    en: &'static str,
    zh: &'static str,
}

impl Idea {
    /// What is right instead, in half a line.
    pub fn instead(&self) -> &'static str {
        match lang() {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

/// The misconception of this number.
pub fn named(id: &str) -> Option<Idea> {
    ALL.into_iter().find(|idea| idea.id == id)
}

macro_rules! ideas {
    ($($name:ident $id:literal $belief:literal $en:literal $zh:literal)*) => {
        $(
            #[doc = $belief]
            pub const $name: Idea = Idea { id: $id, en: $en, zh: $zh };
            const _: () = assert!(crate::say::translated($zh), "no Han character");
        )*
        /// All of them.
        pub const ALL: [Idea; [$($id),*].len()] = [$($name),*];
    };
}

ideas! {
    EOF_IS_BORDER "M1" "eof is the border"
        "the end of the file is no border; its page is, and is filled with zeros"
        "文件末尾不是边界, 它所在的页才是; 页内其余部分用零填充"
    LEN_IS_BORDER "M2" "len is the border"
        "the length passed is no border; it is rounded up to whole pages"
        "传入的长度不是边界; 它会向上取整到整页"
    MISALIGNED "M3" "SIGBUS means misaligned"
        "any byte may be read at any address; SIGBUS is about pages that the file lacks"
        "任何地址的字节都可以读; SIGBUS 说的是文件没有这一页"
    MMAP_FAILS "M4" "mmap past the file fails"
        "mmap does not look at the file's size; the touch does"
        "mmap 不看文件大小; 访问时才看"
    NEEDS_NEW_MMAP "M5" "a grown file needs a new mmap"
        "the file's size of today counts at each access; no new mmap is needed"
        "每次访问都看文件现在的大小; 不必重新 mmap"
    SNAPSHOT "M6" "MAP_PRIVATE is a snapshot"
        "only pages that were stored to are copies; the others follow the file"
        "只有写过的页才是副本; 其余的页跟随文件"
    TAIL_IS_FILE "M7" "bytes past eof are written back"
        "bytes behind the end of the file are zeros, and never part of it"
        "文件末尾之后的字节是零, 从不属于文件"
    MAP_GROWS_FILE "M8" "a mapping makes the file longer"
        "mmap does not make the file longer: there is an address and no data"
        "mmap 不会让文件变长: 有地址, 没有数据"
    SIGBUS_IS_SIGSEGV "M9" "every access behind the file is SIGSEGV"
        "inside the mapping there is an address, so it is SIGBUS, not SIGSEGV"
        "在映射之内有地址, 所以是 SIGBUS, 不是 SIGSEGV"
    SIGSEGV_IS_SIGBUS "M10" "every access behind the file is SIGBUS"
        "behind the mapping there is not even an address: SIGSEGV"
        "映射之后连地址都没有: SIGSEGV"
    PRIVATE_IS_SEEN "M11" "a private store reaches others"
        "a store through MAP_PRIVATE goes to a copy that nobody else sees"
        "通过 MAP_PRIVATE 写入的是副本, 别人都看不到"
    TWO_COPIES "M12" "mapping and file are two copies, which msync reconciles"
        "a shared mapping and the file are one memory; nobody waits for msync"
        "共享映射与文件是同一块内存; 不需要等 msync"
    CLOSE_ENDS "M13" "close, unlink or rename end a mapping"
        "the mapping holds the file itself, not a descriptor and not a name"
        "映射持有的是文件本身, 不是描述符, 也不是文件名"
    BYTES_NOT_PAGES "M14" "mprotect, munmap and madvise take bytes"
        "they take whole pages: the length is rounded up"
        "它们以整页为单位: 长度向上取整"
    PUT_RIGHT "M15" "the kernel puts arguments right"
        "nothing is put right: what a call cannot mean is refused"
        "内核不会替你改正: 没有意义的参数会被拒绝"
    RIGHTS_LATER "M16" "rights are asked at the access only"
        "what a descriptor or a seal does not allow is refused by the call already"
        "描述符或封印不允许的, 调用时就会被拒绝"
    ALL_IS_MAPPABLE "M17" "whatever has a descriptor can be mapped"
        "a mapping needs an open descriptor of something that has pages"
        "映射需要一个打开的描述符, 而且它背后要有页"
    DATA_IS_ENOUGH "M18" "where there is data the access goes through"
        "rights are asked first: a forbidden access is SIGSEGV, whatever the file has"
        "先看权限: 不允许的访问是 SIGSEGV, 不管文件有没有数据"
    CHILD_SHARES "M19" "parent and child share private memory"
        "private memory parts at the first store after fork"
        "fork 之后, 私有内存从第一次写入起就分开"
    CHILD_COPIES "M20" "a child gets a copy of everything"
        "shared memory stays shared after fork, and madvise can withhold pages from a child"
        "fork 之后共享内存仍然共享; madvise 还可以不让子进程得到某些页"
    CAN_IGNORE "M21" "the signal of a fault can be ignored"
        "ignored or blocked it kills; a handler that repairs nothing runs for ever"
        "忽略或屏蔽都会被杀死; 处理函数不修复就会一直重复"
    LOCK_IS_SAFE "M22" "mlock or MAP_POPULATE makes a page safe"
        "they bring in pages that the file has; they neither make nor keep any"
        "它们只是把文件已有的页调入内存; 既不产生页, 也不能留住页"
    CALLS_GET_SIGNALS "M23" "a system call gets the signal"
        "the kernel reports bad memory by EFAULT or a shorter count, never by a signal"
        "内核遇到坏内存时返回 EFAULT 或较小的计数, 不会发信号"
    TOUCHED_STAYS "M24" "a page once touched stays"
        "a page goes with its place in the file, even if touched, locked or copied"
        "文件中的位置没有了, 页也就没有了, 访问过、锁住、复制过都一样"
    CUT_COMES_BACK "M25" "what was cut off comes back"
        "the pages come back, the bytes do not: zeros"
        "回来的是页, 不是内容: 都是零"
    COSTS_ITS_LENGTH "M26" "what is mapped, or long, takes that much memory"
        "memory and disk blocks come with the first touch, page by page"
        "内存和磁盘块在第一次访问时才分配, 一页一页地来"
    ADVICE_IS_HINT "M27" "madvise is only a hint"
        "MADV_DONTNEED drops pages at once; what only memory had is lost"
        "MADV_DONTNEED 立即丢弃页; 只存在于内存中的内容就没有了"
    ADDRESS_IS_ORDER "M28" "an address is an order, or a wish, alike"
        "a hint gives way, MAP_FIXED replaces, MAP_FIXED_NOREPLACE refuses"
        "提示地址会让路, MAP_FIXED 会替换, MAP_FIXED_NOREPLACE 会拒绝"
    ALL_OR_NOTHING "M29" "a call does all or nothing"
        "a call may end half-way: what comes before the bad page is done"
        "调用可能只做一半: 坏页之前的部分已经完成"
    ANY_ERRNO "M30" "one errno is as good as another"
        "each errno names its own cause; look it up with lab explain"
        "每个 errno 都有自己的原因; 用 lab explain 查看"
    LIMITS_ARE_ADVICE "M31" "limits and seals are advice"
        "a limit or a seal binds everybody, and the call is refused"
        "限制和封印对谁都有效, 调用会被拒绝"
    USELESS_IS_REFUSED "M32" "what is useless or daring is refused"
        "a call is refused for a rule that it breaks, not for being of no use"
        "调用被拒绝是因为违反了规则, 不是因为没有用处"
    FILE_IS_SAFE "M33" "SIGBUS comes only past the end of a file"
        "SIGBUS says that a page cannot be had: no room for it, or held back by userfaultfd"
        "SIGBUS 是说这一页得不到: 没有空间, 或者被 userfaultfd 扣住"
    HALF_DONE "M34" "an access across an edge is done by halves"
        "one instruction is done wholly or not at all, and the bad page decides"
        "一条指令要么全做要么不做, 由坏的那一页决定"
    SIZE_IS_ROOM "M35" "size is what was stored, or the room on disk"
        "size is a number of its own: stores through a mapping do not change it"
        "文件大小是一个独立的数: 通过映射写入不会改变它"
    UNWRITTEN_IS_BAD "M36" "memory that nobody has written is garbage or bad"
        "what nobody has written reads as zero"
        "没有人写过的内存读出来是零"
    MAP_IS_EMPTY "M37" "a mapping is empty until something is read in"
        "a page comes from the file by itself, at the first touch"
        "页在第一次访问时自动从文件调入"
    ONE_SPOILS_ALL "M38" "one bad page spoils the mapping"
        "each page is judged alone; its neighbours go on working"
        "每一页单独判断; 相邻的页照常可用"
    NO_REPAIR "M39" "a handler cannot repair"
        "after a handler the instruction is executed again, and now may succeed"
        "处理函数返回后指令会重新执行, 这次就可能成功"
    ONE_STEP "M40" "x += 1 is one step"
        "it is a load, an addition and a store, and others come between"
        "它是读、加、写三步, 别人可能插在中间"
    UNMAPPED_STAYS "M41" "what was unmapped or moved can still be reached"
        "the address is gone at once: SIGSEGV"
        "地址立即消失: SIGSEGV"
    HOLE_IS_END "M42" "a hole is no data, so SIGBUS"
        "a hole lies inside the file and reads as zeros"
        "空洞在文件之内, 读出来是零"
    LAST_BYTE "M43" "the border is the last byte before it"
        "a border is the first byte that answers otherwise, for bytes are counted from 0"
        "边界是第一个结果不同的字节, 因为字节从 0 开始数"
}
