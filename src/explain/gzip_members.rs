//! A file of gzip's: members, one behind the other, each compressed by itself, and zeros that fill a block, which gzip ignores.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

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

/// Passes over zeros; whether nothing is behind them.
fn is_over(file: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let rest = file.fill_buf()?;
        if rest.is_empty() {
            return Ok(true);
        }
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 {
            return Ok(false);
        }
        file.consume(zeros);
    }
}
