//! Which names the bridge has a part in, the bare ones above all: a pure decision over a [`Scan`].

use std::collections::{BTreeMap, BTreeSet};

use crate::sdk::scan::{Module, Scan};
use crate::sdk::{KNOWN_PACKAGES, SERVICE_MODULE, SERVICE_PACKAGE};

/// Every top-level name of the standard libraries of the releases in its first line, and more, a line each, sorted.
///
/// It keeps alias files from standing in front of what Python imports before the hook is there. A later release may have names that
/// it lacks: an alias gives way to whatever any finder finds. Besides, only what the doctor says depends on it.
///
/// Source: `sys.stdlib_module_names` where there is one (3.10 on), the library's own directory before.
/// The modules of every bridge, whose files `content.rs` writes.
pub const OWN: [&str; 4] =
    ["sitecustomize", "_heygem_run_bridge", "_heygem_run_process", "_heygem_run_start"];

const STANDARD_LIBRARY: &str = include_str!("stdlib_names.txt");

/// The names, decided.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Bare name to qualified name.
    pub bridged: BTreeMap<String, String>,
    /// Bare names that must resolve as they did before, and why.
    pub left_out: BTreeMap<String, Reason>,
    /// What is at the root's top level and is the SDK's, or has something of the SDK's in it: packages with compiled modules,
    /// compiled modules, and [`Self::of_source`].
    pub of_sdk: BTreeSet<String>,
    /// The known packages of an SDK that is kept as source: each module in them is the SDK's, compiled or not.
    pub of_source: BTreeSet<String>,
    /// Names at the root's top level that may be a lone source file: they must hide nothing else.
    pub loose: BTreeSet<String>,
}

/// Why a bare name is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The standard library has a module of that name.
    StandardLibrary,
    /// Python imports it by itself at its start, or the bridge has a file of that name.
    Start,
    /// The root has a module or package of that name at its top level.
    TopLevel,
    /// Several packages have a module of that name: which one was pickled can't be told.
    Ambiguous(Vec<String>),
}

/// Decides which names are bridged.
///
/// Each compiled module in a package, since those carry bare names. And `trans_dh_service` in whatever form it comes,
/// always as the one in `service`: the SDK is recognized by it, and a copy in a second package must not make the name
/// ambiguous.
pub fn decide(scan: &Scan) -> Names {
    let top_level: BTreeSet<&str> = scan
        .modules
        .iter()
        .filter(|module| module.package.is_empty())
        .map(|module| module.name.as_str())
        .collect();
    let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for module in scan.modules.iter().filter(|module| is_bare_named(module)) {
        packages.entry(&module.name).or_default().push(&module.package);
    }
    let mut names = top_level_names(scan.modules.iter());
    for (name, packages) in packages {
        let service = packages.iter().find(|&&package| name == SERVICE_MODULE && package == SERVICE_PACKAGE);
        let reason = if is_of_start(name) {
            Reason::Start
        } else if is_standard_library(name) {
            Reason::StandardLibrary
        } else if top_level.contains(name) {
            Reason::TopLevel
        } else if let Some(package) = service.or(single(&packages)) {
            names.bridged.insert(name.to_owned(), format!("{package}.{name}"));
            continue;
        } else {
            Reason::Ambiguous(packages.iter().map(|package| format!("{package}.{name}")).collect())
        };
        names.left_out.insert(name.to_owned(), reason);
    }
    names
}

/// What the names at the root's top level are, for the hook.
fn top_level_names<'m>(modules: impl Iterator<Item = &'m Module> + Clone) -> Names {
    let first = |module: &Module| {
        let package = module.package.split('.').next().filter(|package| !package.is_empty());
        package.unwrap_or(&module.name).to_owned()
    };
    let is_source_tree = modules.clone().any(|module| is_service(module) && !module.compiled);
    let is_known = |name: &String| KNOWN_PACKAGES.contains(&name.as_str());
    let packages = modules.clone().filter(|module| !module.package.is_empty()).map(first);
    let of_source: BTreeSet<_> = packages.filter(|name| is_source_tree && is_known(name)).collect();
    let compiled = modules.clone().filter(|module| module.compiled).map(first);
    let of_sdk: BTreeSet<_> = compiled.chain(of_source.iter().cloned()).collect();
    let inits = modules.clone().filter(|module| module.name == "__init__");
    let regular: BTreeSet<&str> = inits.map(|module| module.package.as_str()).collect();
    let is_loose = |module: &&Module| {
        module.package.is_empty() && !of_sdk.contains(&module.name) && !regular.contains(module.name.as_str())
    };
    let loose = modules.filter(is_loose).map(|module| module.name.clone()).collect();
    Names { of_sdk, of_source, loose, ..Names::default() }
}

fn is_service(module: &Module) -> bool {
    module.package == SERVICE_PACKAGE && module.name == SERVICE_MODULE
}

fn is_bare_named(module: &Module) -> bool {
    is_service(module) || (module.compiled && !module.package.is_empty() && module.name != "__init__")
}

fn single<T>(items: &[T]) -> Option<&T> {
    match items {
        [item] => Some(item),
        _ => None,
    }
}

/// Whether a module of that name runs at the start of every Python, asked for or not, or is the bridge's own. Some file systems take
/// two names for one that differ in their letters' case.
fn is_of_start(name: &str) -> bool {
    let own = OWN.into_iter();
    own.chain(["usercustomize", "__main__"]).any(|own| name.eq_ignore_ascii_case(own))
}

/// Whether any standard library has a module of that name.
pub fn is_standard_library(name: &str) -> bool {
    STANDARD_LIBRARY.lines().skip(1).any(|line| line == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(modules: &[(&str, &str, bool)]) -> Names {
        let modules = modules
            .iter()
            .map(|&(package, name, compiled)| Module { package: package.into(), name: name.into(), compiled })
            .collect();
        decide(&Scan { modules, ..Scan::default() })
    }

    #[test]
    fn compiled_modules_in_packages_are_bridged_under_their_bare_names() {
        let names = decided(&[
            ("", "service", false),
            ("service", "trans_dh_service", true),
            ("h_utils", "custom", true),
            ("landmark2face_wy.util", "image_pool", true),
            ("service", "plain", false),
            ("h_utils", "__init__", true),
            ("", "run", true),
        ]);
        let bridged = [
            ("custom", "h_utils.custom"),
            ("image_pool", "landmark2face_wy.util.image_pool"),
            ("trans_dh_service", "service.trans_dh_service"),
        ];
        assert_eq!(names.bridged, bridged.map(|(bare, full)| (bare.into(), full.into())).into());
        assert!(names.left_out.is_empty());
    }

    #[test]
    fn the_top_level_is_the_sdks_or_the_users() {
        let modules = [
            ("", "service", false),
            ("service", "__init__", false),
            ("service", "trans_dh_service", true),
            ("", "wenet", false),
            ("wenet", "__init__", false),
            ("", "mine", false),
            ("mine", "__init__", false),
            ("mine", "fast", true),
            ("", "run", true),
            ("", "app", false),
            ("", "example", false),
            ("example", "one", false),
            ("", "tools", false),
            ("tools", "__init__", false),
        ];
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let names = decided(&modules);
        assert_eq!(names.of_sdk, set(&["mine", "run", "service"]));
        assert_eq!(names.of_source, set(&[]));
        assert_eq!(names.loose, set(&["app", "example"]));
        let source = modules.map(|(package, name, compiled)| (package, name, compiled && name == "fast"));
        let names = decided(&source);
        assert_eq!(names.of_sdk, set(&["mine", "service", "wenet"]));
        assert_eq!(names.of_source, set(&["service", "wenet"]));
        assert_eq!(names.loose, set(&["app", "example", "run"]));
    }

    #[test]
    fn each_module_is_looked_at_as_often_however_many_there_are() {
        let looks = |count: usize| {
            let name =
                |number| Module { package: String::new(), name: format!("m{number}"), compiled: false };
            let modules: Vec<_> = (0..count).map(name).collect();
            let looked = std::cell::Cell::new(0);
            let names = top_level_names(modules.iter().inspect(|_| looked.set(looked.get() + 1)));
            assert_eq!(names.loose.len(), count);
            looked.get()
        };
        assert_eq!(looks(1_000), 10 * looks(100));
    }

    #[test]
    fn names_that_something_else_answers_to_are_left_alone() {
        let names = decided(&[
            ("", "logger", false),
            ("y_utils", "logger", true),
            ("landmark2face_wy.util", "html", true),
            ("landmark2face_wy.sync_batchnorm", "unittest", true),
            ("service", "distutils", true),
            ("a", "scrfd", true),
            ("b", "scrfd", true),
        ]);
        assert!(names.bridged.is_empty());
        let left_out = [
            ("html", Reason::StandardLibrary),
            ("unittest", Reason::StandardLibrary),
            ("distutils", Reason::StandardLibrary),
            ("logger", Reason::TopLevel),
            ("scrfd", Reason::Ambiguous(vec!["a.scrfd".into(), "b.scrfd".into()])),
        ];
        assert_eq!(names.left_out, left_out.map(|(name, reason)| (name.into(), reason)).into());
    }

    #[test]
    fn what_python_starts_with_is_left_alone() {
        let own = ["sitecustomize", "_heygem_run_bridge", "_heygem_run_process", "_heygem_run_start"];
        for name in own.into_iter().chain(["usercustomize", "SiteCustomize", "__main__"]) {
            let names = decided(&[("", "service", false), ("h_utils", name, true)]);
            assert_eq!(names.left_out, [(name.into(), Reason::Start)].into());
            assert!(names.bridged.is_empty());
        }
    }

    #[test]
    fn a_copy_of_the_service_elsewhere_does_not_undo_the_cure() {
        let names = decided(&[("service", "trans_dh_service", false), ("backup", "trans_dh_service", true)]);
        assert_eq!(names.bridged["trans_dh_service"], "service.trans_dh_service");
    }

    #[test]
    fn the_list_of_standard_names_is_sorted_and_has_the_oldest_and_the_newest() {
        let names: Vec<_> = STANDARD_LIBRARY.lines().skip(1).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        for name in ["_bootlocale", "binhex", "distutils", "tomllib", "unittest", "zoneinfo"] {
            assert!(is_standard_library(name), "{name}");
        }
    }
}
