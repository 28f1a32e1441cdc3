//! A file of gzip's: members, one behind the other, each compressed by itself, and zeros that fill a block, which gzip ignores.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// The bytes of a member that holds nothing.
const EMPTY_LENGTH: usize = 20;

/// As much is read of the file at once.
const PIECE: usize = 64 * 1024;

/// What the members hold, as one text.
pub struct GzipMembers<R> {
    /// The member that is read; `None` behind the last.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> GzipMembers<R> {
    pub fn new(file: R) -> Self {
        Self { member: Some(GzDecoder::new(BufReader::with_capacity(PIECE, file))) }
    }
}

impl<R: Read> Read for GzipMembers<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(out)?;
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            // Where this is interrupted, the member is at its end the next time, too.
            if is_over(member.get_mut())? {
                self.member = None;
            } else {
                self.member = self.member.take().map(|member| GzDecoder::new(member.into_inner()));
            }
        }
        Ok(0)
    }
}

/// Passes over zeros, and over members that hold nothing: to begin one takes as long as to read 20 KB. Whether nothing is behind them.
fn is_over(file: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let rest = file.fill_buf()?;
        if rest.is_empty() {
            return Ok(true);
        }
        let passed = match holds_nothing(rest) {
            true => EMPTY_LENGTH,
            false => rest.iter().take_while(|byte| **byte == 0).count(),
        };
        if passed == 0 {
            return Ok(false);
        }
        file.consume(passed);
    }
}

/// Whether a member begins here that holds nothing, as gzip and Python write it: a head with nothing that is optional (RFC 1952), an empty
/// last block (RFC 1951), a sum and a length of 0.
fn holds_nothing(rest: &[u8]) -> bool {
    const BODY: [u8; 10] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    matches!(rest, [0x1f, 0x8b, 8, 0, _, _, _, _, _, _, body @ ..] if body.starts_with(&BODY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).expect("written");
        encoder.finish().expect("finished")
    }

    fn read(file: &[u8]) -> Result<String, String> {
        let mut text = String::new();
        let outcome = GzipMembers::new(file).read_to_string(&mut text);
        outcome.map(|_| text).map_err(|error| error.to_string())
    }

    #[test]
    fn members_are_one_text_whatever_is_between_them() {
        let [a, b, empty] = ["a\n", "b\n", ""].map(member);
        assert!(holds_nothing(&empty) && !holds_nothing(&a) && !holds_nothing(&empty[..19]));
        let zeros = vec![0; 2 * PIECE];
        let table = [
            (a.clone(), "a\n"),
            (empty.clone(), ""),
            ([&*a, &b].concat(), "a\nb\n"),
            ([&*a, &zeros, &b, &zeros].concat(), "a\nb\n"),
            ([&*a, &empty.repeat(PIECE), &b, &empty].concat(), "a\nb\n"),
        ];
        for (file, text) in table {
            assert_eq!(read(&file).as_deref(), Ok(text));
        }
        for broken in [[&*a, b"x"].concat(), [&*a, &b[..9]].concat(), a[..a.len() - 1].to_vec()] {
            assert!(read(&broken).is_err());
        }
    }
}
