//! Why a system call refuses, in both languages: the second half of the sentence that follows an errno. Plain data.

/// A reason in both languages, without a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Because {
    pub en: &'static str,
    pub zh: &'static str,
}

/// Constants, and the list of them that the test reads.
macro_rules! reasons {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        $(pub(super) const $name: Because = Because { en: $en, zh: $zh };)*

        #[cfg(test)]
        pub(super) const ALL: &[Because] = &[$($name),*];
    };
}

reasons! {
    DEVICE_ALONE: "a mapping of /dev/zero moves alone", "/dev/zero 的映射只能单独搬走";
    WATCHED_ALONE: "what a userfaultfd watches moves alone", "归 userfaultfd 管的映射只能单独搬走";
    NOEXEC: "its filesystem is mounted noexec", "它所在的文件系统以 noexec 挂载";
    NEVER_OPENED: "an eventfd is made, and nothing of it can be opened", "eventfd 只能创建, 不能打开";
    NO_PLACES: "it has no places", "它没有可以定位的位置";
    SEALED_MAPPING: "a mapping of the range is sealed: mseal(2)", "范围内有映射已被封住: mseal(2)";
    KEEP_MOVES: "MREMAP_DONTUNMAP moves, and changes no length", "MREMAP_DONTUNMAP 只搬移, 不改变长度";
    PRIVATE_TWICE: "a private mapping cannot be had a second time", "私有映射不能再来一份";
    SEALED_KEEPS: "what may not be written may not be thrown away either: mseal(2)", "不许写的内容也不许丢弃: mseal(2)";
    NO_SUCH_CALL: "this kernel has no such call", "这个内核没有这个系统调用";
    DISK_PAGES: "the pages of a file on a disk are not userfaultfd's to make", "磁盘文件的页轮不到 userfaultfd 来造";
    CEILING: "the ceiling was set with the limit, and nobody raises it again without CAP_SYS_RESOURCE", "设置限制时也设置了上限, 没有 CAP_SYS_RESOURCE 谁也不能再提高";
    NO_WHOLE_PAGES: "userfaultfd rounds nothing: it wants whole pages", "userfaultfd 不取整: 长度必须是整页";
    REGISTERED: "another userfaultfd has it already", "它已经归另一个 userfaultfd 管";
    NOTHING_THERE: "nothing is mapped in the range", "范围内没有任何映射";
    FD_CLOSED: "the descriptor is closed", "描述符已经关闭";
    NAME_GONE: "the name is gone", "这个名字已经不存在";
    FILESYSTEM_FULL: "the filesystem is full", "文件系统已满";
    FD_NO_WRITE: "the descriptor is not open for writing", "描述符不是以可写方式打开的";
    FD_NO_READ: "the descriptor is not open for reading", "描述符不是以可读方式打开的";
    FSIZE_WRITE: "RLIMIT_FSIZE ends the file before that", "RLIMIT_FSIZE 不让文件长到那里";
    FSIZE: "RLIMIT_FSIZE forbids a file of that size", "RLIMIT_FSIZE 不允许文件这么大";
    LARGEST_FILE: "no file of this filesystem is that large", "这个文件系统上的文件不能这么大";
    SEAL_WRITE: "F_SEAL_WRITE forbids every write", "F_SEAL_WRITE 禁止一切写入";
    SEAL_GROW: "F_SEAL_GROW forbids the file to grow", "F_SEAL_GROW 禁止文件增长";
    SEAL_SHRINK: "F_SEAL_SHRINK forbids the file to shrink", "F_SEAL_SHRINK 禁止文件缩短";
    ONLY_A_NAME: "O_PATH opens no file, only its name", "O_PATH 打开的不是文件, 只是它的名字";
    NOT_A_WRITABLE_FILE: "the descriptor is no file open for writing", "描述符指的不是一个可写的文件";
    LENGTH_ZERO: "the length is 0", "长度为 0";
    PIPE: "a pipe has no places", "管道里没有位置可言";
    DIRECTORY: "a directory has no bytes", "目录没有可读写的字节";
    NO_REGULAR_FILE: "no regular file", "不是普通文件";
    CANNOT_SHIFT: "this filesystem cannot shift ranges", "这个文件系统不能挪动文件中的区间";
    WHOLE_BLOCKS: "only whole blocks can be shifted", "只能挪动整块";
    SHIFT_PAST_END: "the range reaches the end of the file", "区间到达了文件末尾";
    LAST_BLOCK: "a block behind the end of the file would pass the largest offset", "文件末尾之后的一块会超过最大的偏移";
    ONLY_MEMFD: "only a memfd has seals", "只有 memfd 有封印";
    SEALED: "no more seals may be added", "不允许再加封印";
    MAPPED_WRITABLE: "a writable shared mapping of it exists", "它还有可写的共享映射";
    INSIDE_A_PAGE: "the address lies inside a page", "地址不在页边界上";
    OFFSET_UNALIGNED: "the offset is no multiple of the page size", "偏移不是页大小的整数倍";
    NO_DESCRIPTOR: "-1 is no descriptor, and MAP_ANONYMOUS is missing", "-1 不是描述符, 又没有给出 MAP_ANONYMOUS";
    TOO_LONG: "no address space is that long", "地址空间没有这么长";
    TAKEN: "something is mapped there already", "那里已经有映射";
    AS: "RLIMIT_AS leaves less than that", "RLIMIT_AS 剩下的地址空间不够";
    NEITHER_TYPE: "the type is neither MAP_SHARED nor MAP_PRIVATE", "映射类型既不是 MAP_SHARED 也不是 MAP_PRIVATE";
    GROWS_DOWN: "only private anonymous memory may grow downwards", "只有私有匿名内存可以向下增长";
    VALIDATE_ANONYMOUS: "MAP_SHARED_VALIDATE is for files alone", "MAP_SHARED_VALIDATE 只能用于文件";
    FILE_OFFSET: "the mapping would pass the largest file offset", "映射会超过文件偏移的最大值";
    UNKNOWN_FLAGS: "MAP_SHARED_VALIDATE refuses flags that it does not know", "MAP_SHARED_VALIDATE 拒绝它不认识的标志";
    SYNC: "MAP_SYNC is for files in persistent memory", "MAP_SYNC 只用于持久内存上的文件";
    STORES_TO_READ_ONLY: "stores would reach a file that is open for reading only", "写入会到达一个只读打开的文件";
    MUST_READ: "every mapping needs a descriptor that may read", "任何映射都要求描述符可读";
    CANNOT_BE_MAPPED: "this kind of file cannot be mapped", "这种文件不能映射";
    SEAL_WRITE_MAPPING: "F_SEAL_WRITE forbids writable shared mappings", "F_SEAL_WRITE 禁止可写的共享映射";
    SEAL_FUTURE_WRITE: "F_SEAL_FUTURE_WRITE forbids writable shared mappings", "F_SEAL_FUTURE_WRITE 禁止可写的共享映射";
    MAPPED_READ_ONLY: "the file was not opened for writing when it was mapped", "映射时文件不是以可写方式打开的";
    PAGE_NOT_MAPPED: "a page of the range is not mapped", "这段地址中有一页没有映射";
    PAGE_NOT_THERE: "a page of the range cannot be brought into memory", "这段地址中有一页无法调入内存";
    MEMLOCK_ZERO: "RLIMIT_MEMLOCK is 0", "RLIMIT_MEMLOCK 为 0";
    MEMLOCK: "RLIMIT_MEMLOCK allows less than that", "RLIMIT_MEMLOCK 不允许锁住这么多";
    NEW_LENGTH_ZERO: "the new length is 0", "新长度为 0";
    OVERLAP: "the old range and the new one overlap", "新旧两段地址重叠";
    OLD_NOT_MAPPED: "nothing is mapped at the old address", "旧地址处没有映射";
    MORE_THAN_ONE_VMA: "the old range is more than one VMA", "旧的一段地址不止一个 VMA";
    MAY_NOT_MOVE: "the pages behind it are taken, and it may not move", "后面的页已被占用, 又不允许移动";
    NO_SUCH_ADVICE: "no such advice", "没有这种建议";
    LOCKED: "the pages are locked", "这些页被锁住了";
    LAZY_FREE: "only private anonymous memory can be freed lazily", "只有私有匿名内存才能延迟释放";
    NO_FILE_TO_PUNCH: "anonymous memory has no file to punch", "匿名内存背后没有可以打洞的文件";
    MAPPING_NO_WRITE: "the mapping may not write to the file", "这个映射不允许写文件";
    PROTECTION: "the protection forbids the access", "保护属性不允许这样访问";
    WOULD_SIGBUS: "a page of the range would raise SIGBUS", "这段地址中有一页一访问就会产生 SIGBUS";
    NO_GUARD: "no guard pages in this kind of mapping", "这种映射里不能设保护页";
    WIPE: "only private anonymous memory can be wiped", "只有私有匿名内存才能在 fork 时清零";
    BAD_PAGE: "the kernel met the bad page itself: an error, no signal", "碰到坏页的是内核自己: 返回错误码, 不发信号";
}
