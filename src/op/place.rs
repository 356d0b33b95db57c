//! Places in a process's memory, and accesses of them by one instruction. Plain data.

use alloc::format;
use alloc::string::String;
use core::fmt;

use super::{AREA_LIMIT, AreaId};

/// An address: bytes from the first byte of an area; negative in front of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// which area
    pub area: AreaId,
    /// bytes from its first
    pub at: i64,
}

/// The area of addresses that count from 0: no script can map anything there.
pub const NOWHERE: AreaId = AREA_LIMIT;

/// Pointers that lead nowhere, as scenario files name them. A field is one behind a null pointer; on x86_64 an address of
/// user space has 47 bits, or 56, and those between them and the kernel's are none at all.
pub const WILD: [(&str, u64); 5] = [
    ("null", 0),
    ("field", 8),
    ("non-canonical", 1 << 62),
    ("kernel", 0xffff_8000_0000_0000),
    ("last", u64::MAX - 7),
];

impl Place {
    /// An address that counts from 0.
    pub const fn nowhere(address: u64) -> Place {
        Place {
            area: NOWHERE,
            at: address as i64,
        }
    }

    /// So many bytes from `base`.
    pub const fn base(at: i64) -> Place {
        Place { area: 0, at }
    }

    /// Another byte of the same area.
    pub const fn area_at(self, at: i64) -> Place {
        Place { area: self.area, at }
    }

    /// So many bytes on.
    pub const fn plus(self, bytes: i64) -> Place {
        Place {
            area: self.area,
            at: self.at.saturating_add(bytes),
        }
    }
}

/// As screens and traces write it: `base`, `base+8192`, `base2-1`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.area, self.at) {
            (NOWHERE, 0) => return f.write_str("NULL"),
            (NOWHERE, at) => return write!(f, "{:#x}", at as u64),
            _ => f.write_str("base")?,
        }
        if self.area > 0 {
            write!(f, "{}", self.area + 1)?;
        }
        if self.at != 0 {
            write!(f, "{:+}", self.at)?;
        }
        Ok(())
    }
}

impl From<i64> for Place {
    fn from(at: i64) -> Place {
        Place::base(at)
    }
}

/// A routine of the C library that goes over memory: string(3). Each is called with a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routine {
    /// memcpy(3): load them and store them elsewhere
    Memcpy,
    /// memset(3): store this value to them
    Memset(u8),
    /// strnlen(3): load them up to the first 0, and count
    Strnlen,
}

impl Routine {
    /// The name in C and in scenario files.
    pub fn name(self) -> &'static str {
        match self {
            Routine::Memcpy => "memcpy",
            Routine::Memset(_) => "memset",
            Routine::Strnlen => "strnlen",
        }
    }

    /// The call as C writes it.
    pub fn call(self, from: Place, to: Place, len: u64) -> String {
        match self {
            Routine::Memcpy => format!("memcpy({to}, {from}, {len})"),
            Routine::Memset(value) => format!("memset({to}, '{}', {len})", char::from(value)),
            Routine::Strnlen => format!("strnlen({from}, {len})"),
        }
    }
}

/// How many bytes a wide access takes.
pub const WIDE: u64 = 8;

/// One access of memory, by one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read the byte.
    Load,
    /// Write this value to it.
    Store(u8),
    /// Read eight bytes.
    LoadWide,
    /// Write this value to eight bytes.
    StoreWide(u8),
}

impl Access {
    /// How many bytes it takes.
    pub fn width(self) -> u64 {
        match self {
            Access::Load | Access::Store(_) => 1,
            Access::LoadWide | Access::StoreWide(_) => WIDE,
        }
    }

    /// The same access of one byte.
    pub fn narrow(self) -> Access {
        match self {
            Access::LoadWide => Access::Load,
            Access::StoreWide(value) => Access::Store(value),
            narrow => narrow,
        }
    }

    /// Does it write?
    pub fn is_store(self) -> bool {
        matches!(self, Access::Store(_) | Access::StoreWide(_))
    }
}
