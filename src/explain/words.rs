//! Systems that speak another language: what a message says, in the words of the tables.
//!
//! Python puts the system's number before the system's words; shells and tools have only the words, which are glibc's.

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::Context as _;

/// By Linux' number. The words are those of the C library in English.
const ERRNO: &[(u32, &str)] = &[
    (1, "Operation not permitted"),
    (2, "No such file or directory"),
    (8, "Exec format error"),
    (11, "Resource temporarily unavailable"),
    (12, "Cannot allocate memory"),
    (13, "Permission denied"),
    (20, "Not a directory"),
    (24, "Too many open files"),
    (26, "Text file busy"),
    (28, "No space left on device"),
    (30, "Read-only file system"),
    (98, "Address already in use"),
    (99, "Cannot assign requested address"),
    (104, "Connection reset by peer"),
    (110, "Connection timed out"),
    (111, "Connection refused"),
    (122, "Disk quota exceeded"),
];

/// By Windows' number.
const WINDOWS: &[(u32, &str)] = &[
    (2, "The system cannot find the file specified"),
    (3, "The system cannot find the path specified"),
    (5, "Access is denied"),
    (112, "No space left on device"),
    (126, "The specified module could not be found"),
    (127, "The specified procedure could not be found"),
    (193, "%1 is not a valid Win32 application"),
    (1114, "A dynamic link library (DLL) initialization routine failed"),
    (1455, "The paging file is too small for this operation to complete"),
    (10013, "An attempt was made to access a socket in a way forbidden by its access permissions"),
    (10048, "Address already in use"),
    (10061, "Connection refused"),
];

/// Words of the C library's and Windows' translations that have ASCII letters only, and that no English message has.
const FOREIGN: &[&str] = &[
    "nicht",
    "oder",
    "Kein",
    "Keine",
    "kein",
    "keine",
    "offene",
    "nur",
    "wird",
    "abgelehnt",
    "fichier",
    "fichiers",
    "dossier",
    "de",
    "existe",
    "archivo",
    "archivos",
    "fichero",
    "ficheros",
    "denegado",
    "espacio",
    "insuficiente",
    "memoria",
    "el",
    "la",
    "negato",
    "esistente",
    "esaurito",
    "aperti",
    "rifiutata",
    "sola",
    "abertos",
    "inexistente",
    "negada",
    "bestaat",
    "geweigerd",
    "geen",
    "Geen",
    "bestanden",
    "geheugen",
    "alleen-lezen",
    "takiego",
    "finns",
    "inte",
    "nekas",
    "ditolak",
    "berkas",
];

/// The colon, and words of glibc's, bash's and Windows' Chinese translations. The longer before what it begins with.
const CHINESE: &[(&str, &str)] = &[
    ("：", ": "),
    ("无法打开共享对象文件", "cannot open shared object file"),
    ("无法打开共享目标文件", "cannot open shared object file"),
    ("无法执行二进制文件", "cannot execute binary file"),
    ("没有那个文件或目录", "No such file or directory"),
    ("可执行文件格式错误", "Exec format error"),
    ("设备上没有空间", "No space left on device"),
    ("打开的文件过多", "Too many open files"),
    ("无法分配内存", "Cannot allocate memory"),
    ("地址已在使用", "Address already in use"),
    ("拒绝连接", "Connection refused"),
    ("权限不够", "Permission denied"),
    ("只读文件系统", "Read-only file system"),
    ("资源暂时不可用", "Resource temporarily unavailable"),
    ("未找到命令", "command not found"),
    ("未找到", "not found"),
    ("（核心已转储）", "(core dumped)"),
    ("核心已转储", "core dumped"),
    ("吐核", "core dumped"),
    ("段错误", "Segmentation fault"),
    ("总线错误", "Bus error"),
    ("非法指令", "Illegal instruction"),
    ("已杀死", "Killed"),
    ("已终止", "Terminated"),
    ("解释器错误", "bad interpreter"),
    ("坏的解释器", "bad interpreter"),
    ("不是内部或外部命令，也不是可运行的程序", "is not recognized as an internal or external command"),
    ("不是内部或外部命令", "is not recognized as an internal or external command"),
    ("无法将“", "The term '"),
    ("”项识别为", "' is not recognized as"),
    ("找不到指定的模块", "The specified module could not be found"),
    ("找不到指定的程序", "The specified procedure could not be found"),
    ("动态链接库(DLL)初始化例程失败", "A dynamic link library (DLL) initialization routine failed"),
    ("不是有效的 Win32 应用程序", "is not a valid Win32 application"),
    ("页面文件太小，无法完成操作", "The paging file is too small for this operation to complete"),
    (
        "以一种访问权限不允许的方式做了一个访问套接字的尝试",
        "An attempt was made to access a socket in a way forbidden by its access permissions",
    ),
    ("通常每个套接字地址(协议/网络地址/端口)只允许使用一次", "Address already in use"),
    ("由于目标计算机积极拒绝，无法连接", "Connection refused"),
    ("系统找不到指定的文件", "The system cannot find the file specified"),
    ("系统找不到指定的路径", "The system cannot find the path specified"),
];

/// Puts others' words into those of the tables.
pub struct Translator {
    chinese: AhoCorasick,
    /// The words alone: a colon says nothing by itself.
    words: AhoCorasick,
}

impl Translator {
    /// With all the words there are.
    ///
    /// # Errors
    /// When they can't be searched for.
    pub fn new() -> anyhow::Result<Self> {
        let search = |table: &[(&str, &str)]| {
            let words = table.iter().map(|(chinese, _)| chinese);
            let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words);
            search.context("the table of translations is too large")
        };
        Ok(Self { chinese: search(CHINESE)?, words: search(&CHINESE[1..])? })
    }

    /// Whether anything is to be translated: a system's number, or words.
    pub fn knows(&self, text: &[u8]) -> bool {
        has_number(text) || !text.is_ascii() && self.words.is_match(text)
    }

    /// The text in the tables' words; `None` where it is already.
    pub fn translate(&self, text: &[u8]) -> Option<Vec<u8>> {
        let is_numbered = has_number(text);
        if !is_numbered && text.is_ascii() {
            return None;
        }
        let numbered = if is_numbered { by_number(text) } else { text.to_owned() };
        if numbered.is_ascii() {
            return Some(numbered);
        }
        let mut out = Vec::with_capacity(numbered.len());
        self.chinese.replace_all_with_bytes(&numbered, &mut out, |found, _, out| {
            out.extend_from_slice(CHINESE[found.pattern()].1.as_bytes());
            true
        });
        Some(out)
    }
}

fn has_number(text: &[u8]) -> bool {
    memchr::memchr_iter(b'[', text).any(|at| {
        let rest = &text[at..];
        rest.starts_with(b"[Errno ") || rest.starts_with(b"[WinError ")
    })
}

/// Puts the words of the number in the place of those that are there, which end before a path or the line's end.
fn by_number(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        let marks = [(&b"[Errno "[..], ERRNO), (&b"[WinError "[..], WINDOWS)];
        let places =
            marks.map(|(mark, table)| memchr::memmem::find(rest, mark).map(|at| (at, mark.len(), table)));
        let Some((at, length, table)) = places.into_iter().flatten().min_by_key(|place| place.0) else {
            break;
        };
        let number = &rest[at + length..];
        let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let value = std::str::from_utf8(&number[..digits]).ok().and_then(|digits| digits.parse().ok());
        let words = table.iter().find(|(known, _)| Some(*known) == value).map(|(_, words)| *words);
        let head = at + length + digits;
        let behind =
            rest[head..].strip_prefix(b"] ").filter(|behind| !behind.is_ascii() || is_to_be_put(behind));
        let (Some(words), Some(behind)) = (words, behind) else {
            out.extend_from_slice(&rest[..head]);
            rest = &rest[head..];
            continue;
        };
        out.extend_from_slice(&rest[..head + 2]);
        out.extend_from_slice(words.as_bytes());
        rest = &behind[end_of_words(behind)..];
    }
    out.extend_from_slice(rest);
    out
}

/// Words in English need no others, but for those that differ by version; Python's own, which say more, stay.
fn is_to_be_put(text: &[u8]) -> bool {
    let is_wordy =
        text.starts_with(b"Only one usage of each") || text.starts_with(b"No connection could be made");
    let mut words = text[..end_of_words(text)].split(|byte| b" '.".contains(byte));
    is_wordy || words.any(|word| FOREIGN.iter().any(|foreign| foreign.as_bytes() == word))
}

/// The system's words end before a path, a bracket, or at the end.
fn end_of_words(text: &[u8]) -> usize {
    let ends = [&b": '"[..], b": \"", b"')", b"\")", b". Error loading", b" Error loading"];
    ends.iter().filter_map(|end| memchr::memmem::find(text, end)).min().unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_says_what_it_is_in_any_language() {
        let table = [
            ("[Errno 2] 没有那个文件或目录: 'a/b'", "[Errno 2] No such file or directory: 'a/b'"),
            ("[Errno 28] 设备上没有空间", "[Errno 28] No space left on device"),
            ("[Errno 13] Keine Berechtigung für: 'ä'", "[Errno 13] Permission denied: 'ä'"),
            ("[Errno 28] inotify watch limit reached", "[Errno 28] inotify watch limit reached"),
            ("[Errno 98] error while attempting to bind", "[Errno 98] error while attempting to bind"),
            (
                "[Errno 2] Datei oder Verzeichnis nicht gefunden: 'a'",
                "[Errno 2] No such file or directory: 'a'",
            ),
            (
                "[Errno 2] Aucun fichier ou dossier de ce type: 'a'",
                "[Errno 2] No such file or directory: 'a'",
            ),
            (
                "[Errno 2] No existe el archivo o el directorio: 'a'",
                "[Errno 2] No such file or directory: 'a'",
            ),
            ("[Errno 2] No such file or directory: 'de/la'", "[Errno 2] No such file or directory: 'de/la'"),
            ("[Errno 28] Espacio insuficiente en el dispositivo", "[Errno 28] No space left on device"),
            ("[Errno 13] Permiso denegado: './a'", "[Errno 13] Permission denied: './a'"),
            ("[Errno 13] Permesso negato", "[Errno 13] Permission denied"),
            ("[Errno 24] Zu viele offene Dateien: 'a'", "[Errno 24] Too many open files: 'a'"),
            (
                "[WinError 2] Das System kann die angegebene Datei nicht finden",
                "[WinError 2] The system cannot find the file specified",
            ),
            (
                "ffmpeg : 无法将“ffmpeg”项识别为 cmdlet",
                "ffmpeg : The term 'ffmpeg' is not recognized as cmdlet",
            ),
            (
                "[WinError 10048] 通常每个套接字地址只允许使用一次。",
                "[WinError 10048] Address already in use",
            ),
            ("bash: ffmpeg：未找到命令", "bash: ffmpeg: command not found"),
            ("段错误 (核心已转储)", "Segmentation fault (core dumped)"),
        ];
        let translator = Translator::new().expect("a table");
        for (text, expected) in table {
            let translated =
                translator.translate(text.as_bytes()).unwrap_or_else(|| text.as_bytes().to_owned());
            assert_eq!(String::from_utf8_lossy(&translated), expected);
        }
    }

    #[test]
    fn a_line_is_looked_at_closely_only_for_words_that_are_translated() {
        let translator = Translator::new().expect("a table");
        let table = [
            ("bash: ffmpeg：未找到命令", true),
            ("[Errno 28] no words", true),
            ("处理失败：帧 12", false),
            ("plain", false),
        ];
        for (text, expected) in table {
            assert_eq!(translator.knows(text.as_bytes()), expected, "{text}");
        }
    }
}
