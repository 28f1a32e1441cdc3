//! Shared objects that the SDK, torch or onnxruntime ask for, and the loader does not find.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::directory;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::elf::ElfFault;
use crate::doctor::library_search::{LOCAL, Loader, MOST_LOOKS, Search};
use crate::doctor::permission;
use crate::doctor::rehearsal::InterpreterFacts;
use crate::files;
use crate::package_names::debian_name;
use crate::path_list;
use crate::remedy::Remedy;
use crate::shell::{quote, quote_all};

/// Providers of onnxruntime that nobody loads unless asked to by name.
const UNASKED_FOR: [&str; 6] = ["tensorrt", "rocm", "migraphx", "dnnl", "openvino", "cann"];

/// What the driver brings, and only a machine with one has: the check of the GPU speaks of that.
const OF_THE_DRIVER: [&str; 3] = ["libcuda.so", "libnvidia-", "libnvcuvid.so"];

/// What is looked for, in order of how bad its absence is.
pub fn libraries(case: &Case, facts: &InterpreterFacts) -> Vec<CheckFinding> {
    let listed = case.variable("LD_LIBRARY_PATH").unwrap_or_default();
    let mut loader =
        Loader::new(path_list::split(&listed, Some(case.start())).directories, !facts.libc.is_empty());
    // What the interpreter itself is linked with is loaded before anything else.
    let mut search = Search::default();
    loader.search([PathBuf::from(&facts.executable)], &mut search);
    search = Search { loaded: search.loaded, ..Search::default() };
    let torch = objects(facts, &["torch", "torch/lib"]);
    loader.search(case.compiled.iter().cloned().chain(torch), &mut search);
    let mut findings = damaged(case, &search);
    findings.extend(missing(case, facts, &search, CheckFinding::fail));
    let by_torch = search.loaded.clone();
    let mut alone = Search::default();
    loader.search([PathBuf::from(&facts.executable)], &mut alone);
    let mut alone = Search { loaded: alone.loaded, ..Search::default() };
    loader.search(objects(facts, &["onnxruntime/capi"]), &mut alone);
    let (loaded, absent): (BTreeMap<_, _>, _) =
        std::mem::take(&mut alone.missing).into_iter().partition(|(name, _)| by_torch.contains(name));
    alone.missing = loaded;
    findings.extend(missing(case, facts, &alone, |found, remedy| {
        CheckFinding::info(format!("{found} before torch is loaded")).with_remedy(remedy)
    }));
    alone.missing = absent;
    findings.extend(missing(case, facts, &alone, CheckFinding::warn));
    findings.extend(too_late(case));
    findings.extend(loader.is_cut().then(|| {
        CheckFinding::skip(format!(
            "not told: what they ask for takes more than {MOST_LOOKS} looks, or too long"
        ))
    }));
    if findings.is_empty() {
        let count = search.loaded.len();
        findings.push(CheckFinding::ok(format!("the loader finds all {count} libraries that are asked for")));
    }
    findings
}

/// The dotted name of a module of the SDK.
fn module_of(root: &Path, file: &Path) -> Option<String> {
    let parts = file.strip_prefix(root).ok()?.iter().map(|part| part.to_str()?.split('.').next());
    Some(parts.collect::<Option<Vec<_>>>()?.join("."))
}

/// One finding for all that is damaged in one way: of a tree that was cloned in part, that is every module.
fn damaged(case: &Case, search: &Search) -> Vec<CheckFinding> {
    let mut by_fault: BTreeMap<&ElfFault, Vec<&Path>> = BTreeMap::new();
    for (path, fault) in &search.damaged {
        by_fault.entry(fault).or_default().push(path);
    }
    let told = |(fault, paths): (&ElfFault, Vec<&Path>)| {
        let (first, others) = (paths.first().map(quote).unwrap_or_default(), paths.len().saturating_sub(1));
        let others = if others > 0 { format!("; nor can {others} more") } else { String::new() };
        let remedy = match fault {
            ElfFault::Denied => {
                let list = quote_all(&paths);
                let may = paths.iter().all(|path| permission::is_own(path));
                Remedy::shell_as(may, format!("chmod a+r {list}"))
            }
            ElfFault::LfsPointer => Remedy::shell(format!("(cd {} && git lfs pull)", quote(&case.root.path))),
            ElfFault::Bits32 => "take the SDK that is built for this machine".into(),
            ElfFault::DeadLink(_) => "have what it leads to mounted, or put the file itself there".into(),
            _ if others.is_empty() => "copy it again".into(),
            _ => "copy them again".into(),
        };
        let modules = paths.iter().filter_map(|path| module_of(&case.root.path, path)).map(Topic::Module);
        let about = paths.iter().map(|path| Topic::Path((*path).to_owned())).chain(modules);
        CheckFinding::fail(format!("{first} can't be loaded: {fault}{others}"), remedy).about(about)
    };
    by_fault.into_iter().map(told).collect()
}

/// One finding for each object that lacks something.
fn missing(
    case: &Case,
    facts: &InterpreterFacts,
    search: &Search,
    finding: impl Fn(String, Remedy) -> CheckFinding,
) -> Vec<CheckFinding> {
    let mut by_object: BTreeMap<&Path, Vec<&OsStr>> = BTreeMap::new();
    let is_drivers =
        |name: &OsStr| OF_THE_DRIVER.iter().any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()));
    for (name, object) in search.missing.iter().filter(|(name, _)| !is_drivers(name)) {
        by_object.entry(object).or_default().push(name);
    }
    let told = |(object, names): (&Path, Vec<&OsStr>)| {
        let list: Vec<_> = names.iter().map(quote).collect();
        let found = format!("the loader does not find {}, which {} needs", list.join(", "), quote(object));
        let about = names.iter().map(|name| Topic::Library(name.to_string_lossy().into_owned()));
        finding(found, remedy(case, facts, &names)).about(about).about([Topic::Path(object.to_owned())])
    };
    by_object.into_iter().map(told).collect()
}

/// The directories that have them, as options.
pub fn remedy(case: &Case, facts: &InterpreterFacts, names: &[&OsStr]) -> Remedy {
    if let Some(remedy) = uncached(names, &LOCAL.map(Path::new), &configured()) {
        return remedy;
    }
    let places = places(case, facts);
    let (mut found, mut nowhere) = (Vec::new(), Vec::new());
    for name in names {
        match places.iter().find(|place| place.join(name).is_file()) {
            Some(place) => found.push(place.clone()),
            None => nowhere.push(*name),
        }
    }
    found.sort();
    found.dedup();
    if nowhere.is_empty() {
        let options = found.into_iter().flat_map(|place| ["-L".into(), place.into_os_string()]);
        return Remedy::Options(options.collect());
    }
    let packages: Option<Vec<&str>> = nowhere.iter().map(|name| debian_name(name.to_str()?)).collect();
    if let Some(packages) = packages.filter(|_| found.is_empty() && Path::new("/usr/bin/apt-get").exists()) {
        return Remedy::AsRoot(format!("apt-get update && apt-get install -y {}", packages.join(" ")));
    }
    let is_drivers =
        |name: &&OsStr| OF_THE_DRIVER.iter().any(|start| name.as_bytes().starts_with(start.as_bytes()));
    if nowhere.iter().all(is_drivers) {
        return Remedy::words(
            "in a container: docker run --gpus all …; on a host: have the NVIDIA driver installed",
        );
    }
    let list = nowhere.iter().map(quote).collect::<Vec<_>>().join(", ");
    let is_cuda = nowhere.iter().any(|name| {
        ["libcu", "libnv", "libonnxruntime"].iter().any(|start| name.as_bytes().starts_with(start.as_bytes()))
    });
    let more = match (is_cuda, nowhere.iter().any(|name| name.as_bytes().starts_with(b"libGL"))) {
        (true, _) => {
            "; for onnxruntime, take the onnxruntime-gpu that is made for the CUDA and cuDNN that are here"
        }
        (_, true) => "; or take opencv-python-headless, which needs none",
        _ => "",
    };
    Remedy::words(format!("have {list} installed, or name its directory: -L DIR{more}"))
}

/// The directories that `ldconfig` looks at, as far as its configuration names them.
fn configured() -> String {
    let files = directory::paths_in(Path::new("/etc/ld.so.conf.d"));
    let files = std::iter::once(PathBuf::from("/etc/ld.so.conf")).chain(files);
    let text = |file: PathBuf| String::from_utf8(files::read_small(&file).ok()?).ok();
    files.map(|file| text(file).unwrap_or_default() + "\n").collect()
}

/// What makes the loader find libraries that were put where it finds what its cache names.
fn uncached(names: &[&OsStr], places: &[&Path], configured: &str) -> Option<Remedy> {
    let mut used: Vec<&Path> = Vec::new();
    for name in names {
        used.push(places.iter().find(|place| place.join(name).is_file())?);
    }
    used.dedup();
    let is_known = |place: &Path| configured.lines().any(|line| Path::new(line.trim()) == place);
    let unknown: Vec<_> = used.into_iter().filter(|place| !is_known(place)).map(quote).collect();
    let is_root = rustix::process::geteuid().is_root();
    Some(match unknown.is_empty() {
        true => Remedy::shell_as(is_root, "ldconfig"),
        false => {
            let line =
                format!("printf '%s\\n' {} > /etc/ld.so.conf.d/local.conf && ldconfig", unknown.join(" "));
            Remedy::shell_as(is_root, line)
        }
    })
}

/// A directory with another library of that name.
pub fn place_with(case: &Case, facts: &InterpreterFacts, name: &OsStr, other: &Path) -> Option<PathBuf> {
    let has = |place: &PathBuf| {
        place.join(name).is_file() && !crate::invocation::same_file(&place.join(name), other)
    };
    places(case, facts).into_iter().find(has)
}

/// Where such libraries are often found, and the loader does not look.
fn places(case: &Case, facts: &InterpreterFacts) -> Vec<PathBuf> {
    let conda = case.variable("CONDA_PREFIX").map(|prefix| Path::new(&prefix).join("lib"));
    let own = Path::new(&facts.executable).parent().and_then(Path::parent).map(|prefix| prefix.join("lib"));
    let mut places: Vec<PathBuf> = conda.into_iter().chain(own).collect();
    for packages in &facts.site_packages {
        places.extend(children(&packages.join("nvidia")).into_iter().map(|package| package.join("lib")));
        places.push(packages.join("torch/lib"));
    }
    let cuda = children(Path::new("/usr/local"))
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"cuda")));
    places.extend(cuda.flat_map(|cuda| ["lib64", "lib"].map(|lib| cuda.join(lib))));
    places
}

/// What is in a directory, sorted; nothing where it can't be read.
fn children(directory: &Path) -> Vec<PathBuf> {
    let mut paths = directory::paths_in(directory);
    paths.sort();
    paths
}

/// The shared objects in directories of the interpreter's packages.
fn objects(facts: &InterpreterFacts, directories: &[&str]) -> Vec<PathBuf> {
    let is_object = |path: &PathBuf| {
        let name = path.file_name().map(OsStr::as_bytes).unwrap_or_default();
        let is_library = name.ends_with(b".so") || name.windows(4).any(|window| window == b".so.");
        is_library
            && !UNASKED_FOR
                .iter()
                .any(|word| name.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    let places = facts.site_packages.iter().flat_map(|place| directories.iter().map(|name| place.join(name)));
    places.flat_map(|place| children(&place)).filter(is_object).collect()
}

/// No script that somebody wrote is longer.
const LONGEST_SCRIPT: u64 = 4 << 20;

/// A script that sets `LD_LIBRARY_PATH` for itself: the loader has read it by then.
fn too_late(case: &Case) -> Option<CheckFinding> {
    let target = case.target.as_ref().filter(|target| target.script_directory.is_some())?;
    let script = target.words[..target.arguments.min(target.words.len())].last().map(OsString::as_os_str)?;
    let script = case.start().join(script);
    let text = files::read(&script, LONGEST_SCRIPT).ok()?;
    let number = late_line(&String::from_utf8_lossy(&text))?;
    Some(CheckFinding::warn(
        format!(
            "{}, line {number}, sets LD_LIBRARY_PATH: too late, the loader reads it when a program starts",
            quote(&script)
        ),
        "take the line out, and say it before: -L DIR",
    ))
}

/// The first line that sets it, in a script that does not start itself again afterwards.
fn late_line(script: &str) -> Option<usize> {
    let sets = |line: &str| {
        let line = line.trim_start();
        let Some((before, after)) = line.split_once("LD_LIBRARY_PATH") else { return false };
        let after = after.trim_start_matches(['"', '\'']).trim_start();
        let is_item = after.starts_with(']')
            && after[1..].trim_start().starts_with(['=', '+'])
            && !after[1..].trim_start().starts_with("==");
        let is_call = ["setdefault(", "putenv("].iter().any(|call| before.contains(call));
        !line.starts_with('#') && before.contains("os.") && (is_item || is_call)
    };
    let starts_again = ["os.exec", "subprocess", "Popen", "os.spawn", "os.system"];
    if starts_again.iter().any(|call| script.contains(call)) {
        return None;
    }
    script.lines().position(sets).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_outside_the_cache_is_added_to_it() {
        let place = Path::new(env!("CARGO_MANIFEST_DIR"));
        let remedy = |name: &str, configured: &str| {
            uncached(&[OsStr::new(name)], &[Path::new("/nowhere"), place], configured)
                .map(|remedy| remedy.to_string())
        };
        let path = quote(place);
        let known = remedy("Cargo.toml", &format!("# local\n{path}\n")).expect("it is there");
        assert_eq!(known.trim_start_matches("as root: "), "ldconfig");
        let unknown = remedy("Cargo.toml", "# none").expect("it is there");
        assert!(unknown.contains(&format!("{path} > ")) && unknown.ends_with("&& ldconfig"), "{unknown}");
        assert_eq!(remedy("liby.so", &path), None);
    }

    #[test]
    fn a_script_that_sets_the_path_for_itself_is_seen() {
        let table = [
            ("import os\nos.environ['LD_LIBRARY_PATH'] = '/x'\n", Some(2)),
            ("os.environ[\"LD_LIBRARY_PATH\"] += ':/x'", Some(1)),
            ("os.environ.setdefault('LD_LIBRARY_PATH', '/x')", Some(1)),
            ("# os.environ['LD_LIBRARY_PATH'] = '/x'", None),
            ("print(os.environ['LD_LIBRARY_PATH'])", None),
            ("if os.environ['LD_LIBRARY_PATH'] == '/x': pass", None),
            ("os.environ['LD_LIBRARY_PATH'] = '/x'\nos.execv(sys.executable, sys.argv)", None),
            ("", None),
        ];
        for (script, expected) in table {
            assert_eq!(late_line(script), expected, "{script}");
        }
    }
}
