//! The files of a bridge: one helper, and the same few lines under every bare name.

use std::fmt::Write as _;

use super::names::Names;

const HELPER: &str = include_str!("bridge.py");
const HELPER_FILE: &str = "_heygem_run_bridge.py";
const ALIAS: &str = include_str!("alias.py");
const NO_NAMES: &str = "QUALIFIED = {}\n";

/// What every bridge directory's name begins with; by it an inherited bridge is known for ours, and the helper knows itself.
const PREFIX: &str = "heygem-bridge-";

/// Changes with every change of the helper or the alias, so that a newer heygem-run builds a new bridge.
pub const TEMPLATE: u64 = fnv1a(fnv1a(FNV_OFFSET, HELPER.as_bytes()), ALIAS.as_bytes());

/// The files, and the name of the directory that holds just these.
#[derive(Debug)]
pub struct Content {
    /// The directory's name: a hash of the files.
    pub directory: String,
    /// The helper's text.
    helper: String,
    /// The bare names.
    aliases: Vec<String>,
}

impl Content {
    /// Writes the files for these names, in memory.
    pub fn new(names: &Names) -> Self {
        let mut table = String::from("QUALIFIED = {\n");
        for (bare, qualified) in &names.bridged {
            // Writing to a `String` can't fail. Both names are identifiers, so neither needs an escape.
            let _ = writeln!(table, "    \"{bare}\": \"{qualified}\",");
        }
        table.push_str("}\n");
        let helper = HELPER.replacen(NO_NAMES, &table, 1);
        let hash = fnv1a(fnv1a(FNV_OFFSET, helper.as_bytes()), ALIAS.as_bytes());
        let directory = format!("{PREFIX}{hash:016x}");
        Self { directory, helper, aliases: names.bridged.keys().cloned().collect() }
    }

    /// The files that each have a text of their own: name and text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        std::iter::once((HELPER_FILE, self.helper.as_bytes()))
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

/// Whether a directory of that name is a bridge, of this or another heygem-run.
pub fn is_bridge_name(name: &[u8]) -> bool {
    name.strip_prefix(PREFIX.as_bytes())
        .is_some_and(|hash| hash.len() == 16 && hash.iter().all(u8::is_ascii_hexdigit))
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: names a content, guards against nothing (a bridge's directory is trusted or it is not used). Unlike the
/// standard library's hasher it stays the same from release to release.
pub const fn fnv1a(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x100_0000_01b3);
        index += 1;
    }
    hash
}

/// A name for a path, to keep the bridges of several roots apart in one cache.
pub fn key(path: &[u8]) -> String {
    format!("{:016x}", fnv1a(FNV_OFFSET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bridged: &[(&str, &str)]) -> Content {
        let bridged = bridged.iter().map(|&(bare, full)| (bare.into(), full.into())).collect();
        Content::new(&Names { bridged, ..Names::default() })
    }

    #[test]
    fn the_names_reach_the_helper() {
        let content = content(&[("a", "x.a"), ("b", "y.z.b")]);
        let text = &content.helper;
        assert!(text.contains("\nQUALIFIED = {\n    \"a\": \"x.a\",\n    \"b\": \"y.z.b\",\n}\n"), "{text}");
        assert_eq!(content.alias_files().collect::<Vec<_>>(), ["a.py", "b.py"]);
    }

    #[test]
    fn other_names_make_another_directory() {
        let [a, b, again] =
            [&[("a", "x.a")], &[("a", "y.a")], &[("a", "x.a")]].map(|names| content(names).directory);
        assert_ne!(a, b);
        assert_eq!(a, again);
        assert!(is_bridge_name(a.as_bytes()));
    }

    #[test]
    fn only_our_own_names_are_bridges() {
        for name in ["heygem-bridge-", "heygem-bridge-0123", "heygem-bridge-0123456789abcdeg", "bridge", ""] {
            assert!(!is_bridge_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the reference test vectors of FNV (RFC 9923).
        assert_eq!(fnv1a(FNV_OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(FNV_OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
