//! Whether a pickle is whole: its operations are walked (Python's `pickletools`), and none is carried out.

use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};

/// What follows an operation's byte.
enum Argument {
    Bytes(u64),
    /// A number of so many bytes, and as many bytes as it says.
    Counted(usize),
    Lines(usize),
}

/// What ends a pickle.
const STOP: u8 = b'.';

/// The first of what `torch.save` wrote before it wrote zips is this number; four more come behind it, and then the weights.
const TORCH: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// How many pickles `torch.save` wrote, in one file.
const OF_TORCH: usize = 5;

/// Whether it comes to its end. What is no pickle at all is for others to tell.
///
/// # Errors
/// When it can't be read, or not as far as that takes.
pub fn is_whole(file: impl Read + io::Seek, length: u64, head: &[u8]) -> io::Result<bool> {
    let mut reader = BufReader::new(file);
    reader.rewind()?;
    let is_torch = head.windows(TORCH.len()).take(8).any(|window| window == TORCH);
    for _ in 0..if is_torch { OF_TORCH } else { 1 } {
        if !ends(&mut reader, length)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Walks through one pickle.
fn ends<R: Read + io::Seek>(reader: &mut BufReader<R>, length: u64) -> io::Result<bool> {
    loop {
        let Some(operation) = byte(reader)? else { return Ok(false) };
        let skipped = match argument(operation) {
            _ if operation == STOP => return Ok(true),
            // Nobody's operation: it is no pickle, or one of a Python to come.
            None => return Ok(true),
            Some(Argument::Bytes(count)) => count,
            Some(Argument::Counted(size)) => match number(reader, size)? {
                Some(count) => count,
                None => return Ok(false),
            },
            Some(Argument::Lines(count)) => {
                for _ in 0..count {
                    if reader.skip_until(b'\n')? == 0 {
                        return Ok(false);
                    }
                }
                0
            }
        };
        let at = reader.stream_position()?;
        if at.saturating_add(skipped) > length {
            return Ok(false);
        }
        match i64::try_from(skipped) {
            Ok(0) => {}
            Ok(skipped) => reader.seek_relative(skipped)?,
            Err(_) => drop(reader.seek(SeekFrom::Start(at.saturating_add(skipped)))?),
        }
    }
}

fn byte(reader: &mut impl Read) -> io::Result<Option<u8>> {
    let mut byte = [0];
    Ok((reader.read(&mut byte)? > 0).then_some(byte[0]))
}

/// A number, its lowest byte first; `None` where the file ends in it.
fn number(reader: &mut impl Read, size: usize) -> io::Result<Option<u64>> {
    let mut value = 0;
    for index in 0..size {
        let Some(byte) = byte(reader)? else { return Ok(None) };
        value |= u64::from(byte) << (8 * index);
    }
    Ok(Some(value))
}

/// What follows an operation; `None` where there is none of that byte.
fn argument(operation: u8) -> Option<Argument> {
    Some(match operation {
        b'K' | b'h' | b'q' | 0x80 | 0x82 => Argument::Bytes(1),
        b'M' | 0x83 => Argument::Bytes(2),
        b'J' | b'j' | b'r' | 0x84 => Argument::Bytes(4),
        b'G' | 0x95 => Argument::Bytes(8),
        b'U' | b'C' | 0x8a | 0x8c => Argument::Counted(1),
        b'T' | b'X' | b'B' | 0x8b => Argument::Counted(4),
        0x8d | 0x8e | 0x96 => Argument::Counted(8),
        b'I' | b'L' | b'F' | b'S' | b'V' | b'P' | b'g' | b'p' => Argument::Lines(1),
        b'c' | b'i' => Argument::Lines(2),
        b'(' | b'0' | b'1' | b'2' | b'N' | b'Q' | b'R' | b'a' | b'b' | b'd' | b'}' | b'e' | b'l' | b']'
        | b'o' | b's' | b't' | b')' | b'u' | STOP => Argument::Bytes(0),
        0x81 | 0x85..=0x89 | 0x8f..=0x94 | 0x97 | 0x98 => Argument::Bytes(0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pickle.dumps({"a": [1, 2.5, b"x", 1 << 70, "é"], "b": (None, True)})`, by protocols 2 and 4.
    const WHOLE: [&[u8]; 2] = [
        b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01G@\x04\x00\x00\x00\x00\x00\x00c_codecs\nencode\nq\x03X\x01\x00\x00\x00xq\x04X\x06\
          \x00\x00\x00latin1q\x05\x86q\x06Rq\x07\x8a\t\x00\x00\x00\x00\x00\x00\x00\x00@X\x02\x00\x00\x00\xc3\xa9q\x08eX\x01\x00\x00\x00bq\tN\x88\x86q\nu.",
        b"\x80\x04\x95@\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01G@\x04\x00\x00\x00\x00\x00\x00C\x01x\x94\x8a\t\x00\x00\x00\x00\x00\
          \x00\x00\x00@\x8c\x02\xc3\xa9\x94e\x8c\x01b\x94N\x88\x86\x94u.",
    ];

    fn whole(bytes: &[u8]) -> bool {
        is_whole(io::Cursor::new(bytes), bytes.len() as u64, bytes).expect("it is read")
    }

    #[test]
    fn a_pickle_ends_where_it_says() {
        for bytes in WHOLE {
            assert!(whole(bytes));
            assert!(whole(&[bytes, b"and more"].concat()));
            for end in 1..bytes.len() {
                assert!(!whole(&bytes[..end]), "{end} of {bytes:?}");
            }
        }
        assert!(whole(b"\x80\x02\xff"), "it can't be told");
    }

    #[test]
    fn an_old_torch_file_has_five_pickles() {
        let magic = [b"\x80\x02\x8a\x0a".as_slice(), &TORCH, b"."].concat();
        let one = b"\x80\x02N.".as_slice();
        assert!(whole(&[&magic, one, one, one, one, b"weights"].concat()));
        assert!(!whole(&[&magic, one, one, one].concat()));
        assert!(!whole(&magic));
    }
}
