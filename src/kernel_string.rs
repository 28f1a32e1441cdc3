//! Strings as the kernel takes them: bytes without a NUL, and one behind them.

use std::ffi::c_char;
use std::fmt;

/// A string of our own for the kernel. `std`'s `CString` would do, and costs each launch two page faults.
#[derive(Clone, PartialEq, Eq)]
pub struct KernelString(Vec<u8>);

impl KernelString {
    /// The parts, one behind the other; `None` where there is a NUL in one.
    pub fn new(parts: &[&[u8]]) -> Option<Self> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(length + 1);
        for part in parts {
            bytes.extend_from_slice(part);
        }
        let has_nul = bytes.contains(&0);
        bytes.push(0);
        (!has_nul).then_some(Self(bytes))
    }

    /// Its bytes, without the NUL.
    pub fn to_bytes(&self) -> &[u8] {
        &self.0[..self.0.len() - 1]
    }

    /// Its first byte; the NUL is the first one behind it.
    pub fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

impl fmt::Debug for KernelString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(self.to_bytes()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_stand_behind_each_other_and_no_nul_is_among_them() {
        let made = KernelString::new(&[b"A", b"=", b""]);
        assert_eq!(made.as_ref().map(KernelString::to_bytes), Some(b"A=".as_slice()));
        assert_eq!(made.map(|made| made.0), Some(b"A=\0".to_vec()));
        assert_eq!(KernelString::new(&[b"a", b"b\0c"]), None);
        assert_eq!(KernelString::new(&[]).map(|made| made.0), Some(vec![0]));
    }
}
