//! Which files are Python modules, by their names.

use std::ffi::OsStr;

use super::abi::Version;

/// A file that Python would import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleFile<'n> {
    /// The name it is imported by.
    pub name: &'n str,
    pub kind: ModuleKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleKind {
    /// `.py` or a `.pyc` beside no source.
    Source,
    /// An extension module, and the version its tag binds it to.
    Compiled(Option<Version>),
}

impl<'n> ModuleFile<'n> {
    /// Reads a file's name; `None` where Python would not import it.
    pub fn parse(file_name: &'n OsStr) -> Option<Self> {
        let (name, suffix) = file_name.to_str()?.split_once('.')?;
        let kind = match suffix {
            "py" | "pyc" => ModuleKind::Source,
            // `libcudart.so` is a library that somebody put there. An untagged module may be called lib…, too, but no one
            // pickles by that name.
            "so" if name.starts_with("lib") => return None,
            "so" => ModuleKind::Compiled(None),
            tagged => ModuleKind::Compiled(Version::from_tag(known_tag(tagged.strip_suffix(".so")?)?)),
        };
        is_identifier(name).then_some(Self { name, kind })
    }
}

fn known_tag(tag: &str) -> Option<&str> {
    (tag == "abi3" || tag.starts_with("cpython-") || tag.starts_with("pypy")).then_some(tag)
}

/// Whether a name can stand in an `import` statement. Near enough to Python's own rule: it differs in rare scripts only.
pub fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|other| other == '_' || other.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_modules_from_other_files() {
        let compiled = |major, minor| Some(ModuleKind::Compiled(Some(Version { major, minor })));
        let table = [
            ("config.py", Some(ModuleKind::Source)),
            ("config.pyc", Some(ModuleKind::Source)),
            ("config.cpython-38-x86_64-linux-gnu.so", compiled(3, 8)),
            ("config.cpython-313t-x86_64-linux-gnu.so", compiled(3, 13)),
            ("config.abi3.so", Some(ModuleKind::Compiled(None))),
            ("config.so", Some(ModuleKind::Compiled(None))),
            ("模块.so", Some(ModuleKind::Compiled(None))),
            ("libcudart.so", None),
            ("libcudart.so.11", None),
            ("config.ini", None),
            ("config.py.bak", None),
            ("config.11.so", None),
            ("config", None),
            (".py", None),
            ("my-config.py", None),
            ("8k.py", None),
        ];
        for (name, expected) in table {
            assert_eq!(ModuleFile::parse(OsStr::new(name)).map(|file| file.kind), expected, "{name}");
        }
    }

    mod fuzz {
        use super::*;
        use proptest::prelude::*;
        use std::os::unix::ffi::OsStrExt as _;

        /// What stands in such names, and any bytes.
        fn name() -> impl Strategy<Value = Vec<u8>> {
            let parts = prop::sample::select(vec![
                "trans_dh_service",
                "__init__",
                "lib",
                "模",
                "8",
                "-",
                "_",
                ".",
                ".py",
                ".pyc",
                ".so",
                ".cpython-",
                "38",
                "310",
                "3999",
                "99999999999999999999",
                "t",
                "m",
                "-x86_64-linux-gnu",
                ".abi3",
                ".pypy38-pp73",
                " ",
            ]);
            prop_oneof![
                prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat().into_bytes()),
                prop::collection::vec(any::<u8>(), 0..24),
            ]
        }

        proptest! {
            #[test]
            fn a_module_is_an_identifier_at_the_start_of_its_file_name(name in name()) {
                if let Some(file) = ModuleFile::parse(OsStr::from_bytes(&name)) {
                    prop_assert!(is_identifier(file.name) && !file.name.contains(['.', '/', '\n', '"', ' ']));
                    prop_assert!(name.starts_with(file.name.as_bytes()));
                    prop_assert_eq!(name[file.name.len()], b'.');
                    let is_source = name.ends_with(b".py") || name.ends_with(b".pyc");
                    prop_assert_eq!(is_source, file.kind == ModuleKind::Source);
                    prop_assert!(is_source || name.ends_with(b".so"));
                }
            }
        }
    }
}
