//! What pip has installed, by the directories that it keeps of it. Nothing is started.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::requirements::normal;
use crate::directory;
use crate::files;
use crate::remedy::Remedy;
use crate::shell::quote;

/// Distributions of an interpreter.
#[derive(Debug, Default)]
pub struct Installed {
    distributions: BTreeMap<String, Distribution>,
    places: Vec<PathBuf>,
}

#[derive(Debug)]
struct Distribution {
    version: String,
    directory: PathBuf,
}

impl Installed {
    /// Lists the directories, the first of two that have the same counts.
    pub fn read(places: &[PathBuf]) -> Self {
        let mut installed = Self { distributions: BTreeMap::new(), places: places.to_vec() };
        for place in places {
            for path in directory::paths_in(place) {
                let stem = path
                    .file_name()
                    .and_then(OsStr::to_str)
                    .and_then(|name| name.strip_suffix(".dist-info").or(name.strip_suffix(".egg-info")));
                let Some((name, version)) = stem.and_then(|stem| stem.split_once('-')) else { continue };
                let version = version.split("-py").next().unwrap_or(version).to_owned();
                let distribution = Distribution { version, directory: path.clone() };
                installed.distributions.entry(normal(name)).or_insert(distribution);
            }
        }
        installed
    }

    pub fn version(&self, name: &str) -> Option<&str> {
        self.distributions.get(name).map(|distribution| distribution.version.as_str())
    }

    /// The directories that its modules are imported from.
    pub fn packages_of(&self, name: &str) -> Vec<String> {
        let Some(distribution) = self.distributions.get(name) else { return Vec::new() };
        let listed = files::read_small(&distribution.directory.join("top_level.txt")).unwrap_or_default();
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let mut packages: Vec<String> = listed.split_whitespace().map(str::to_owned).collect();
        if packages.is_empty() {
            packages.push(if name == "protobuf" { "google".into() } else { name.replace('-', "_") });
        }
        packages
    }

    /// The distribution that a directory of packages came with, as pip is given it: `numpy==1.21.6`.
    pub fn owner_of(&self, package: &str) -> Option<String> {
        let is_owner = |name: &&String| self.packages_of(name).iter().any(|own| own == package);
        let name = self.distributions.keys().find(is_owner)?;
        Some(format!("{name}=={}", self.version(name)?))
    }

    /// What pip is to do for a package that is installed and damaged; it takes one that is listed for whole.
    pub fn again(&self, python: &str, package: &str) -> Option<Remedy> {
        let owner = self.owner_of(package)?;
        let line = format!("{} -m pip install --force-reinstall --no-deps {}", quote(python), quote(owner));
        Some(Remedy::shell(line))
    }

    /// Whether torch says of itself that it was built for no CUDA.
    pub fn torch_has_no_cuda(&self) -> bool {
        let says = |place: &PathBuf| {
            let text = files::read_small(&Path::new(place).join("torch/version.py")).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            let line = text.lines().find(|line| line.starts_with("cuda"))?;
            Some(line.trim_end().ends_with("None"))
        };
        self.places.iter().find_map(says).unwrap_or(false)
    }
}
