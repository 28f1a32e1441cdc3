//! The files of a bridge: the hook, its helpers with what is known of the SDK, and the same line under every bare name.
//!
//! ```text
//! sitecustomize.py         runs at each start of Python: puts a finder on sys.meta_path, hands on
//! _heygem_run_bridge.py    loaded when a name of the SDK is first asked for: what its names mean
//! _heygem_run_process.py   loaded with it: working directory, arguments, children's interpreter
//! _heygem_run_start.py     the part of sitecustomize.py that is seldom needed
//! trans_dh_service.py …    one for each bare name: the fallback where sitecustomize.py does not run
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::names::Names;

const HOOK: Template = Template {
    file: "sitecustomize.py",
    text: include_str!("hook/sitecustomize.py"),
    blank: "NAMES = \"\"\n",
};
const HELPER: Template = Template {
    file: "_heygem_run_bridge.py",
    text: include_str!("hook/_heygem_run_bridge.py"),
    blank: "DATA = {}\n",
};
const PROCESS_FILE: &str = "_heygem_run_process.py";
const START_FILE: &str = "_heygem_run_start.py";
const PROCESS: &str = include_str!("hook/_heygem_run_process.py");
const START: &str = include_str!("hook/_heygem_run_start.py");
const ALIAS: &str = include_str!("hook/alias.py");

/// The file that keeps a store out of the SDK's repository.
pub const IGNORE: &str = ".gitignore";

/// What that file says.
pub const IGNORED: &[u8] = b"*\n";

/// The name of a bridge that is taken out of the store, since it is not whole.
pub const DAMAGED: &str = "damaged";

/// What every file of a bridge says in its first lines.
pub const MARK: &[u8] = b"Made by heygem-run";

/// The file of a bridge that is written first, and is in every one.
pub const MARKED: &str = HOOK.file;

/// What every bridge directory's name begins with; by it an inherited bridge is known for ours.
const PREFIX: &str = "heygem-bridge-";

/// What Python's import system loads of a bridge in a process that uses the SDK, and keeps compiled in its cache.
pub const IMPORTED: [&str; 3] = ["sitecustomize.py", "_heygem_run_bridge.py", "_heygem_run_process.py"];

/// Changes with every change of what a bridge's files say for all SDKs, so that a newer heygem-run builds a new bridge.
pub const TEMPLATE: u64 = {
    let texts = [HOOK.text, HELPER.text, PROCESS, START, ALIAS];
    let (mut hash, mut index) = (FNV_OFFSET, 0);
    while index < texts.len() {
        hash = fnv1a(hash, texts[index].as_bytes());
        index += 1;
    }
    hash
};

/// A file's text, in which one line is to be filled in.
struct Template {
    file: &'static str,
    text: &'static str,
    blank: &'static str,
}

/// What a bridge's content depends on beside the names.
#[derive(Debug, Clone, Copy)]
pub struct Variant<'r> {
    /// The root's path; `None` for a bridge that lies in the root, and finds it from its own place.
    pub root: Option<&'r [u8]>,
    /// Whether a process goes to the root when it first executes a module of the SDK.
    pub moves: bool,
}

/// The files, and the name of the directory that holds just these.
#[derive(Debug)]
pub struct Content {
    /// The directory's name: a hash of the files.
    pub directory: String,
    /// The files, but for the aliases: name and text.
    files: [(&'static str, String); 4],
    /// The bare names.
    aliases: Vec<String>,
}

impl Content {
    /// Writes the files for these names, in memory.
    pub fn new(names: &Names, variant: Variant) -> Self {
        let files = [
            HOOK.filled(&asked(names)),
            HELPER.filled(&data(names, variant)),
            (PROCESS_FILE, PROCESS.into()),
            (START_FILE, START.into()),
        ];
        let hash = files.iter().fold(FNV_OFFSET, |hash, (_, text)| fnv1a(hash, text.as_bytes()));
        let directory = format!("{PREFIX}{:016x}", fnv1a(hash, ALIAS.as_bytes()));
        Self { directory, files, aliases: names.bridged.keys().cloned().collect() }
    }

    /// The files, but for the aliases: name and text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, text)| (*name, text.as_bytes()))
    }

    /// The names of the alias files, which all hold [`Self::alias_text`].
    pub fn alias_files(&self) -> impl Iterator<Item = String> {
        self.aliases.iter().map(|name| format!("{name}.py"))
    }

    /// The text of every alias file.
    pub fn alias_text(&self) -> &[u8] {
        ALIAS.as_bytes()
    }
}

impl Template {
    fn filled(&self, line: &str) -> (&'static str, String) {
        (self.file, self.text.replacen(self.blank, line, 1))
    }
}

/// The names about which the hook's finder asks the helper: those of the SDK, and the servers that the helper changes something in.
fn asked(names: &Names) -> String {
    let all = names.bridged.keys().chain(&names.of_sdk).chain(&names.loose);
    let asked: BTreeSet<_> =
        all.map(|name| ascii(name)).chain(["gunicorn".into(), "uvicorn".into()]).collect();
    format!("NAMES = \"{}\"\n", asked.into_iter().collect::<Vec<_>>().join(" "))
}

/// What the helper knows of the SDK, as a Python dictionary.
fn data(names: &Names, variant: Variant) -> String {
    let set = |names: &BTreeSet<String>| {
        let quoted: String = names.iter().map(|name| format!("\"{}\",", ascii(name))).collect();
        format!("({quoted})")
    };
    let mut text = String::from("DATA = {\n    \"bare\": {\n");
    // Writing to a `String` can't fail.
    for (bare, qualified) in &names.bridged {
        let _ = writeln!(text, "        \"{}\": \"{}\",", ascii(bare), ascii(qualified));
    }
    text.push_str("    },\n");
    for (key, names) in [("sdk", &names.of_sdk), ("source", &names.of_source), ("loose", &names.loose)] {
        let _ = writeln!(text, "    \"{key}\": {},", set(names));
    }
    let root = variant.root.map_or_else(|| "None".into(), |root| format!("b\"{}\"", root.escape_ascii()));
    let _ = writeln!(text, "    \"root\": {root},");
    let _ = writeln!(text, "    \"moves\": {},\n}}", if variant.moves { "True" } else { "False" });
    text
}

/// A name as Python spells it in ASCII: Python 2 reads nothing else in a file that does not say so.
fn ascii(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, char| {
        match char {
            ' '..='~' => text.push(char),
            _ => _ = write!(text, "\\U{:08x}", u32::from(char)),
        }
        text
    })
}

/// Whether a directory of that name is a bridge, of this or another heygem-run.
pub fn is_bridge_name(name: &[u8]) -> bool {
    name.strip_prefix(PREFIX.as_bytes()).is_some_and(|digits| is_hex(digits, 16))
}

pub const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: names a content, guards against nothing (a bridge's directory is trusted or it is not used). Unlike the
/// standard library's hasher it stays the same from release to release.
pub const fn fnv1a(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut index = 0;
    while index < bytes.len() {
        hash = fold(hash, bytes[index] as u64);
        index += 1;
    }
    hash
}

/// One step of FNV-1a. `next` is a byte; a stamp takes eight of them as one number.
pub const fn fold(hash: u64, next: u64) -> u64 {
    (hash ^ next).wrapping_mul(0x100_0000_01b3)
}

/// A name for a path, to keep the bridges of several roots apart in one cache. By SHA-256, since others choose what their SDKs are
/// called: with a path that has the key of another root they could put their bridge into its store.
pub fn key(path: &[u8]) -> String {
    let hash = hmac_sha256::Hash::hash(path);
    let halves = hash.as_chunks().0.iter().take(2);
    halves.flat_map(|half| hex(u64::from_be_bytes(*half))).map(char::from).collect()
}

/// Whether [`key`] makes such names.
pub fn is_key(name: &[u8]) -> bool {
    is_hex(name, 32)
}

fn is_hex(digits: &[u8], count: usize) -> bool {
    digits.len() == count && digits.iter().all(u8::is_ascii_hexdigit)
}

/// A hash's digits. Not by `format!`, whose code a launch would have to load for this alone.
pub const fn hex(hash: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    let mut index = 0;
    while index < digits.len() {
        digits[index] = b"0123456789abcdef"[(hash >> (60 - 4 * index)) as usize & 0xf];
        index += 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_has_its_own_modules() {
        let content = Content::new(&Names::default(), IN_ROOT);
        let files: Vec<_> = content.files().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(files, super::super::names::OWN.map(|name| format!("{name}.py")));
    }

    const IN_ROOT: Variant = Variant { root: None, moves: true };

    fn names(bridged: &[(&str, &str)]) -> Names {
        let bridged = bridged.iter().map(|&(bare, full)| (bare.into(), full.into())).collect();
        Names { bridged, ..Names::default() }
    }

    fn text(content: &Content, file: &str) -> String {
        let text = content.files().find(|(name, _)| *name == file).expect("there").1;
        String::from_utf8(text.to_vec()).expect("text")
    }

    #[test]
    fn the_names_reach_the_files() {
        let mut names = names(&[("a", "x.a"), ("模", "y.z.模")]);
        names.of_sdk = ["x".into(), "y".into()].into();
        names.loose = ["app".into()].into();
        names.of_source = ["x".into()].into();
        let content = Content::new(&names, IN_ROOT);
        let hook = text(&content, "sitecustomize.py");
        assert!(hook.contains("\nNAMES = \"\\U00006a21 a app gunicorn uvicorn x y\"\n"), "{hook}");
        let helper = text(&content, "_heygem_run_bridge.py");
        let data = "\nDATA = {\n    \"bare\": {\n        \"a\": \"x.a\",\n        \"\\U00006a21\": \"y.z.\\U00006a21\",\n    },\n    \
                    \"sdk\": (\"x\",\"y\",),\n    \"source\": (\"x\",),\n    \"loose\": (\"app\",),\n    \"root\": None,\n    \
                    \"moves\": True,\n}\n";
        assert!(helper.contains(data), "{helper}");
        assert_eq!(content.alias_files().collect::<Vec<_>>(), ["a.py", "模.py"]);
    }

    #[test]
    fn a_root_is_written_byte_by_byte() {
        let root = Some(&b"/a \"b\\\xff\n\xe6\x95"[..]);
        let helper =
            text(&Content::new(&names(&[]), Variant { root, moves: false }), "_heygem_run_bridge.py");
        let data = "    \"root\": b\"/a \\\"b\\\\\\xff\\n\\xe6\\x95\",\n    \"moves\": False,\n";
        assert!(helper.contains(data), "{helper}");
    }

    #[test]
    fn other_names_or_another_variant_make_another_directory() {
        let names = [names(&[("a", "x.a")]), names(&[("a", "y.a")])];
        let variants =
            [IN_ROOT, Variant { moves: false, ..IN_ROOT }, Variant { root: Some(b"/a"), ..IN_ROOT }];
        let directories: Vec<_> = names
            .iter()
            .flat_map(|names| variants.map(|variant| Content::new(names, variant).directory))
            .collect();
        assert_eq!(directories.iter().collect::<BTreeSet<_>>().len(), 6, "{directories:?}");
        assert_eq!(directories[0], Content::new(&names[0], IN_ROOT).directory);
        assert!(is_bridge_name(directories[0].as_bytes()));
    }

    #[test]
    fn every_file_says_who_made_it() {
        let content = Content::new(&names(&[("a", "x.a")]), IN_ROOT);
        for text in content.files().map(|(_, text)| text).chain([content.alias_text()]) {
            assert!(memchr::memmem::find(text, MARK).is_some_and(|at| at < 400), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn only_our_own_names_are_bridges() {
        for name in ["heygem-bridge-", "heygem-bridge-0123", "heygem-bridge-0123456789abcdeg", "bridge", ""] {
            assert!(!is_bridge_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn nobody_can_name_an_sdk_so_that_it_has_the_key_of_another() {
        // A name that FNV-1a can't tell from this path is found in a second.
        let chosen = b"/home/eve/o259ow6\x0f=^;\x04\xfa`\x1631\x1a\x1e=";
        assert_eq!(fnv1a(FNV_OFFSET, b"/opt/sdk"), fnv1a(FNV_OFFSET, chosen));
        assert_ne!(key(b"/opt/sdk"), key(chosen));
        // From the test vectors of SHA-256 (FIPS 180-4), the first half.
        assert_eq!(key(b"abc"), "ba7816bf8f01cfea414140de5dae2223");
        assert!(is_key(key(b"").as_bytes()) && !is_key(b"0123456789abcdef"));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the reference test vectors of FNV (RFC 9923).
        assert_eq!(fnv1a(FNV_OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(FNV_OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
