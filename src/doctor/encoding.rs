//! Text that is not UTF-8.

use std::path::Path;

use crate::remedy::Remedy;
use crate::shell::quote;

/// What the text of a file is encoded in, as far as its bytes tell.
pub fn encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        _ => is_gbk(bytes).then_some("GBK"),
    }
}

/// What makes UTF-8 of a file.
pub fn remedy(file: &Path, encoding: Option<&str>) -> Remedy {
    let place = quote(file);
    match encoding {
        Some(encoding) => {
            let mut new = file.as_os_str().to_owned();
            new.push(".new");
            let new = quote(new);
            Remedy::shell(format!("iconv -f {encoding} -t UTF-8 {place} > {new} && mv {new} {place}"))
        }
        None => Remedy::words(format!("save {place} as UTF-8")),
    }
}

/// Whether all that is no ASCII comes in the pairs of GBK.
fn is_gbk(bytes: &[u8]) -> bool {
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            0..=0x7f => {}
            0x81..=0xfe if bytes.next().is_some_and(|second| matches!(second, 0x40..=0x7e | 0x80..=0xfe)) => {
            }
            _ => return false,
        }
    }
    true
}
