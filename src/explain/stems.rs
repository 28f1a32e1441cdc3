//! What a log is searched for at once: only lines that have one of these words are looked at more closely.

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};
use anyhow::Context as _;

/// What makes a line count, or the lines behind it: each message of the tables has one of them, and few lines of a healthy log do.
/// A processor's vector instructions search for up to 64 at once, the quicker the longer the shortest is.
const STEMS: &[&str] = &[
    "Traceback (m",
    "test session",
    "rror",
    "xception",
    "not ",
    "n't ",
    "ailed",
    "nable to",
    "nvalid ",
    "nknown ",
    "o such f",
    "o module",
    "illed",
    "ermission",
    "emory",
    "xited",
    "imeout",
    "imed out",
    "CUDA",
    "river",
    "tion fault",
    "Xid (",
    "ecognized",
    "attempt",
    "lready",
    "navailable",
    "_STATUS_",
    " signal",
    "illing",
    "*** ",
    "oom-",
    "ueue.Empty",
    "o space",
    "oo many",
    "topping",
    "ooting wor",
    "server proc",
    "nterrupt",
    "ionProvider",
    "TIMEOUT",
    "llegal ",
    "terminat",
    "o matching",
    "pected EOF",
    "nnected to",
    "device:GPU",
    "ERROR",
    "uncaught",
    "kernel comp",
    "CuDNN lib",
    "不存在",
    "队列满",
    "时长失败",
    "未找到",
    "权限不够",
    "错误",
    "已杀死",
    "没有那个",
    "无法分配",
    "上没有空间",
    "打开的文件",
    "可运行",
    "地址已在",
    "非法指令",
];

/// Finds the next line that counts.
pub enum Stems {
    /// By the processor's vector instructions.
    Packed(packed::Searcher),
    /// Where it has none.
    Plain(AhoCorasick),
}

impl Stems {
    /// All of them.
    ///
    /// # Errors
    /// When they can't be searched for.
    pub fn new() -> anyhow::Result<Self> {
        let mut builder = packed::Config::new().match_kind(packed::MatchKind::LeftmostFirst).builder();
        if let Some(packed) = builder.extend(STEMS).build() {
            return Ok(Self::Packed(packed));
        }
        let plain = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(STEMS);
        Ok(Self::Plain(plain.context("there are too many words to search for")?))
    }

    /// Where the next of them is, or `end`.
    pub fn find(&self, text: &[u8], start: usize, end: usize) -> usize {
        let found = match self {
            Self::Packed(packed) => {
                packed.find_in(&text[..end], (start..end).into()).map(|found| found.start())
            }
            Self::Plain(plain) => plain.find(Input::new(text).span(start..end)).map(|found| found.start()),
        };
        let found = found.unwrap_or(end);
        #[cfg(test)]
        SEARCHED.set(SEARCHED.get() + found - start);
        found
    }
}

#[cfg(test)]
thread_local! {
    /// How many bytes were searched.
    static SEARCHED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::causes::causes;

    #[test]
    fn every_message_of_the_tables_counts() {
        let stems = Stems::new().expect("few words");
        let lost = causes()
            .flat_map(|cause| cause.tells)
            .filter(|text| stems.find(text.as_bytes(), 0, text.len()) == text.len());
        assert_eq!(lost.collect::<Vec<_>>(), [&""; 0]);
        assert!(STEMS.len() <= 64 && STEMS.iter().all(|stem| stem.len() >= 4), "{}", STEMS.len());
    }

    /// In the journal's export format, too, where what follows may be no line.
    #[test]
    fn a_byte_is_searched_once_however_short_the_fields_are() {
        let mut log = b"__CURSOR=x\n".to_vec();
        log.extend(b"F\n\0\0\0\0\0\0\0\0\n".repeat(5_000));
        SEARCHED.set(0);
        assert!(crate::explain::judge_output(&log).is_empty());
        let searched = SEARCHED.get();
        assert!(searched < 2 * log.len(), "{searched} of {}", log.len());
    }
}
