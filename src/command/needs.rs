//! What a scenario needs of a machine, and whether this one has it. What cannot be shown here is skipped, for a reason from
//! a closed list; it never passes for shown.

use crate::op::{Arch, Limit, Op, Quantity, Script};
use crate::report::result::Text;
use crate::say::both;
use crate::world::Here;

/// Operations that go through /proc: what stands there is the only way to a file without a name, to page tables, to the
/// address space in use, and to the users of a namespace.
pub fn implied(scripts: &[Script]) -> Option<&'static str> {
    let through_proc = |op: &Op| {
        matches!(
            op,
            Op::Reopen { .. } | Op::Ask(Quantity::Present(..) | Quantity::Vmas(..)) | Op::Limit(Limit::AddressSpace, _)
        )
    };
    let ops = || scripts.iter().flat_map(Script::ops);
    let mounts = ops().any(|op| matches!(op, Op::Mount { .. })).then_some("userns");
    let missing = ops()
        .any(|op| matches!(op, Op::Userfaultfd { .. }))
        .then_some("userfaultfd");
    mounts.or(missing).or_else(|| ops().any(through_proc).then_some("proc"))
}

/// Why a scenario cannot be shown on this machine; none where it can.
pub fn unmet(needs: &[String], here: &Here) -> Option<Text> {
    needs.iter().find_map(|need| missing(need, here))
}

fn missing(need: &str, here: &Here) -> Option<Text> {
    if let Some(version) = need.strip_prefix("linux-") {
        let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
        let wanted = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0), 0);
        return (here.world.kernel < wanted).then(|| {
            let release = &here.release;
            both!(
                "needs Linux {version}; this is {release}",
                "需要 Linux {version}; 这里是 {release}"
            )
            .into()
        });
    }
    let there = |path: &str| std::path::Path::new(path).exists();
    let (has, reason) = match need {
        "root" => (here.euid == 0, both!("needs root", "需要 root")),
        "user" => (
            !here.world.may_lock,
            both!(
                "needs an ordinary user, whom limits on locked memory bind",
                "需要普通用户: 锁定内存的限制对 root 无效"
            ),
        ),
        "memlock" => (here.world.may_lock, both!("needs CAP_IPC_LOCK", "需要 CAP_IPC_LOCK")),
        "proc" => (there("/proc/self/pagemap"), both!("needs /proc", "需要 /proc")),
        "swap" => (swaps(), both!("this machine has no swap", "这台机器没有交换区")),
        "userfaultfd" => (
            crate::kernel::gives_userfaultfd(),
            both!(
                "needs userfaultfd, which this machine refuses",
                "需要 userfaultfd, 而这台机器不允许"
            ),
        ),
        "userns" => (
            may_unshare(),
            both!(
                "needs a user namespace, which this machine refuses",
                "需要用户命名空间, 而这台机器不允许"
            ),
        ),
        "x86_64" => (
            here.world.arch == Arch::X86_64,
            both!("needs an x86_64 processor", "需要 x86_64 处理器"),
        ),
        _ => (
            false,
            both!("needs what nobody here knows of", "需要的东西这里没有人认识"),
        ),
    };
    (!has).then(|| reason.into())
}

/// What random scripts may use of what not every machine gives.
pub fn gives() -> crate::fuzz::Gives {
    crate::fuzz::Gives {
        userns: may_unshare(),
        userfaultfd: crate::kernel::gives_userfaultfd(),
    }
}

/// Is there any swap?
fn swaps() -> bool {
    std::fs::read_to_string("/proc/swaps").is_ok_and(|text| text.lines().count() > 1)
}

/// Does the machine give user namespaces? Its own word on it: user_namespaces(7), and the switch that Debian and Ubuntu add.
fn may_unshare() -> bool {
    let number = |path: &str| {
        std::fs::read_to_string(path)
            .ok()
            .and_then(|text| text.trim().parse::<u64>().ok())
    };
    let most = number("/proc/sys/user/max_user_namespaces").is_some_and(|most| most > 0);
    let off = |path: &str, value: u64| number(path) == Some(value);
    let root = nix::unistd::geteuid().is_root();
    most && (root
        || !off("/proc/sys/kernel/unprivileged_userns_clone", 0)
            && !off("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1))
}
