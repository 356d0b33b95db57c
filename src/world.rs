//! The facts of the machine in front of us: page size, kernel, filesystem and its options, who we are. It asks the system
//! and knows no scenario. What cannot be found out (no /proc) is said to be unknown, not guessed.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::sys::statfs::{FsType, statfs};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{SysconfVar, sysconf};

use crate::op::{Arch, ExecuteOnly, Filesystem, Noexec, World};
use crate::say::{said, say, system};

/// A machine and the directory on it where files under test are made.
#[derive(Clone, Debug)]
pub struct Here {
    /// the facts that decide outcomes
    pub world: World,
    /// the directory: TMPDIR, else /tmp
    pub dir: PathBuf,
    /// the kernel's release: 6.18.44
    pub release: String,
    /// x86_64, aarch64
    pub arch: &'static str,
    /// the mount options of the filesystem, or "unknown"
    pub fs_options: String,
    /// the effective user
    pub euid: u32,
}

/// Why the machine cannot be described: one line.
#[derive(Debug)]
pub struct Unknown(pub String);

/// The directory for files under test.
pub fn directory() -> PathBuf {
    std::env::var_os("TMPDIR")
        .filter(|dir| !dir.is_empty())
        .map_or_else(|| "/tmp".into(), PathBuf::from)
}

/// Describe this machine, with files under test in `dir`.
///
/// # Errors
///
/// Where the directory is not there, or the page size is not to be had.
pub fn detect(dir: &Path) -> Result<Here, Unknown> {
    let page = match sysconf(SysconfVar::PAGE_SIZE) {
        Ok(Some(page)) => page as u64,
        _ => {
            return Err(Unknown(
                said!("the machine does not tell its page size", "这台机器不肯说出页大小").to_owned(),
            ));
        }
    };
    let facts = statfs(dir).map_err(|errno| {
        let dir = dir.display();
        Unknown(say!(
            "TMPDIR {dir}: {}; set TMPDIR to a directory that you may write to",
            "TMPDIR {dir}: {}; 请把 TMPDIR 设为一个可写的目录",
            system::errno(errno as i32, errno.desc())
        ))
    })?;
    let (kind, options) = mount(dir).unwrap_or_else(|| (magic(facts.filesystem_type()), "unknown".to_owned()));
    let filesystem = match kind.as_str() {
        "tmpfs" | "devtmpfs" => Filesystem::Tmpfs,
        "ext4" | "ext3" | "ext2" => Filesystem::Ext4,
        "xfs" => Filesystem::Xfs,
        "btrfs" => Filesystem::Btrfs,
        _ => Filesystem::Other(kind),
    };
    let huge_always = filesystem == Filesystem::Tmpfs && options.split(',').any(|option| option == "huge=always");
    let release = nix_release();
    let capabilities = capabilities();
    let world = World {
        page,
        arch: if cfg!(target_arch = "x86_64") {
            Arch::X86_64
        } else {
            Arch::Aarch64
        },
        kernel: version(&release),
        filesystem,
        block: facts.block_size() as u64,
        huge_always,
        huge_anonymous: line("/sys/kernel/mm/transparent_hugepage/enabled", |line| {
            line.contains("[always]")
        })
        .is_some(),
        may_lock: capabilities >> 14 & 1 == 1,  // CAP_IPC_LOCK
        may_raise: capabilities >> 24 & 1 == 1, // CAP_SYS_RESOURCE
        execute_only: execute_only(),
        noexec: Noexec {
            files: is_noexec(dir),
            shm: is_noexec("/dev/shm".as_ref()),
            dev: is_noexec("/dev".as_ref()),
        },
        shm_is_here: holds(dir, "/dev/shm".as_ref()),
    };
    Ok(Here {
        world,
        dir: dir.to_owned(),
        release: release.split('-').next().unwrap_or_default().to_owned(),
        arch: std::env::consts::ARCH,
        fs_options: options,
        euid: nix::unistd::geteuid().as_raw(),
    })
}

/// The effective capabilities, a bit each: capabilities(7). Where /proc is not there, root is taken to have them all.
fn capabilities() -> u64 {
    const FIELD: &str = "CapEff:";
    let told = line("/proc/self/status", |line| line.starts_with(FIELD));
    let mask = told.and_then(|told| u64::from_str_radix(told[FIELD.len()..].trim(), 16).ok());
    mask.unwrap_or(if nix::unistd::geteuid().is_root() { u64::MAX } else { 0 })
}

/// Whether the kernel uses protection keys it says by the processor's flag `ospke`: pkeys(7).
fn execute_only() -> ExecuteOnly {
    match line("/proc/cpuinfo", |line| line.starts_with("flags")) {
        Some(flags) if flags.split_whitespace().any(|flag| flag == "ospke") => ExecuteOnly::Key,
        Some(_) => ExecuteOnly::Readable,
        None => ExecuteOnly::Unknown,
    }
}

/// The first such line of a file that the kernel makes up while it is read: no more of it is asked for than that takes.
fn line(file: impl AsRef<Path>, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut lines = BufReader::new(File::open(file).ok()?).lines().map_while(Result::ok);
    lines.find(|line| wanted(line))
}

/// Is the other directory this one, or inside it?
fn holds(dir: &Path, other: &Path) -> bool {
    let dir = dir.canonicalize();
    dir.is_ok_and(|dir| other.canonicalize().is_ok_and(|other| other.starts_with(dir)))
}

fn is_noexec(dir: &Path) -> bool {
    statvfs(dir).is_ok_and(|facts| facts.flags().contains(FsFlags::ST_NOEXEC))
}

/// Has the filesystem no room left?
pub fn is_full(dir: &Path) -> bool {
    room(dir) == Some(0)
}

/// Bytes that the filesystem has left for us. None where it sets no bound, or does not say.
pub fn room(dir: &Path) -> Option<u64> {
    let facts = statfs(dir).ok().filter(|facts| facts.blocks() > 0)?;
    Some(facts.blocks_available() as u64 * facts.block_size() as u64)
}

/// The kernel's release, as uname(2) gives it.
fn nix_release() -> String {
    nix::sys::utsname::uname().map_or_else(
        |_| String::new(),
        |uname| uname.release().to_string_lossy().into_owned(),
    )
}

/// "6.18.44-generic" as three numbers; what is missing counts as 0.
fn version(release: &str) -> (u32, u32, u32) {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

/// Type and options of the mount that `dir` lies on. The kernel tells its number; names would not do, for one mount may
/// hide another of a longer name, and btrfs has device numbers that mountinfo does not know.
fn mount(dir: &Path) -> Option<(String, String)> {
    let path_only = OFlag::O_PATH | OFlag::O_CLOEXEC;
    let open = OpenOptions::new()
        .read(true)
        .custom_flags(path_only.bits())
        .open(dir)
        .ok()?;
    const FIELD: &str = "mnt_id:";
    let of_fd = line(format!("/proc/self/fdinfo/{}", open.as_raw_fd()), |line| {
        line.starts_with(FIELD)
    })?;
    let id = of_fd[FIELD.len()..].trim();
    let of_id = |line: &str| Mount::parse(line).is_some_and(|mount| mount.id == id);
    let found = line("/proc/self/mountinfo", of_id)?;
    let on = Mount::parse(&found)?;
    let mut options: Vec<&str> = on.options.iter().flat_map(|list| list.split(',')).collect();
    options.sort_unstable();
    options.dedup();
    Some((on.kind.to_owned(), options.join(",")))
}

/// A line of /proc/self/mountinfo. proc(5): fields, then any number of optional ones, a lone `-`, and three more.
struct Mount<'a> {
    id: &'a str,
    kind: &'a str,
    /// of the mount, and of the filesystem
    options: [&'a str; 2],
}

impl Mount<'_> {
    fn parse(line: &str) -> Option<Mount<'_>> {
        let (mount, filesystem) = line.split_once(" - ")?;
        let mut mount = mount.split(' ');
        let mut filesystem = filesystem.split(' ');
        let (id, kind, _source) = (mount.next()?, filesystem.next()?, filesystem.next()?);
        // parent, device, root and mount point lie between
        Some(Mount {
            id,
            kind,
            options: [mount.nth(4)?, filesystem.next()?],
        })
    }
}

/// The filesystem's name from its magic number, where /proc is not there to ask. statfs(2).
fn magic(kind: FsType) -> String {
    use nix::sys::statfs as fs;
    let names = [
        (fs::TMPFS_MAGIC, "tmpfs"),
        (fs::EXT4_SUPER_MAGIC, "ext4"),
        (fs::XFS_SUPER_MAGIC, "xfs"),
        (fs::BTRFS_SUPER_MAGIC, "btrfs"),
        (fs::OVERLAYFS_SUPER_MAGIC, "overlay"),
    ];
    let known = names.iter().find(|(magic, _)| *magic == kind);
    known.map_or_else(|| format!("{:#x}", kind.0), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Mount, version};

    /// What three commands leave: tmpfs on /mnt/a/b, then another over /mnt/a, and one over that.
    const MOUNTS: &str = r"21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro
36 21 0:33 / /mnt/a/b rw,noatime master:1 shared:2 - tmpfs none rw,huge=always
37 21 0:34 / /mnt/a rw - tmpfs some\040source rw
38 37 0:35 /@home /mnt/a ro - btrfs /dev/vdb rw,subvol=/@home";

    #[test]
    fn a_mount_is_found_by_its_number_whatever_hides_it() {
        let mounts: Vec<Mount> = MOUNTS.lines().filter_map(Mount::parse).collect();
        assert_eq!(mounts.len(), 4);
        let kind = |id| {
            mounts
                .iter()
                .find(|mount| mount.id == id)
                .map(|mount| (mount.kind, mount.options))
        };
        assert_eq!(kind("21"), Some(("ext4", ["rw,relatime", "rw,errors=remount-ro"])));
        assert_eq!(kind("36"), Some(("tmpfs", ["rw,noatime", "rw,huge=always"])));
        assert_eq!(kind("37"), Some(("tmpfs", ["rw", "rw"])));
        assert_eq!(kind("38"), Some(("btrfs", ["ro", "rw,subvol=/@home"])));
        assert_eq!(kind("3"), None);
        assert!(Mount::parse("not a mount").is_none());
    }

    #[test]
    fn a_release_begins_with_the_version() {
        assert_eq!(version("6.18.44-generic"), (6, 18, 44));
        assert_eq!(version("7.2"), (7, 2, 0));
    }
}
