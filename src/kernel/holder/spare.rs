//! A name in TMPDIR, used for a moment where the filesystem has no O_TMPFILE. It is made before the fork, and has a number
//! in it that can be changed after it: a process of another container may have our process id, and the same TMPDIR.

use std::ffi::CStr;

use crate::kernel::Options;

/// Digits of the number.
const DIGITS: usize = 2;

/// `TMPDIR/.mmap-lab-PID-00`
pub struct SpareName {
    bytes: Vec<u8>,
    number: u32,
}

impl SpareName {
    /// How many names there are.
    pub const COUNT: u32 = 10_u32.pow(DIGITS as u32);

    /// All room is made here, in the parent.
    pub fn new(options: &Options) -> SpareName {
        let mut name = options.dir.as_bytes().to_vec();
        name.extend(format!("/.mmap-lab-{}-{:0DIGITS$}\0", std::process::id(), 0).bytes());
        SpareName { bytes: name, number: 0 }
    }

    /// Change it to the name with this number, below `COUNT`.
    pub fn choose(&mut self, number: u32) {
        self.number = number;
        let mut rest = number;
        for digit in self.bytes.iter_mut().rev().skip(1).take(DIGITS) {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The name.
    pub fn name(&self) -> &CStr {
        // One NUL, at its end: that of TMPDIR is a CString, and the digits are digits.
        CStr::from_bytes_with_nul(&self.bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn every_number_is_another_name() {
        let options = Options::new(4096, std::path::Path::new("/tmp")).expect("no NUL in it");
        let mut spare = SpareName::new(&options);
        let mut name = |number| {
            spare.choose(number);
            spare.name().to_owned()
        };
        let names: std::collections::BTreeSet<CString> = (0..SpareName::COUNT).map(&mut name).collect();
        assert_eq!(names.len(), SpareName::COUNT as usize);
        let wanted = format!("/tmp/.mmap-lab-{}-42", std::process::id());
        assert_eq!(name(42).to_str(), Ok(wanted.as_str()));
    }
}
