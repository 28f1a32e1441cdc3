use super::*;
use crate::environment::Environment;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::time::Duration;

/// A directory of a test's own, removed when dropped.
struct TestDirectory(PathBuf);

impl TestDirectory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("heygem-root-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("create");
        Self(path.canonicalize().expect("is there"))
    }

    fn root(&self, name: &str) -> PathBuf {
        let root = self.0.join(name);
        fs::create_dir_all(root.join("service")).expect("create");
        for name in ["__init__.py", "trans_dh_service.py"] {
            fs::write(root.join("service").join(name), "").expect("write");
        }
        root
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Those of a launch without options.
fn settings() -> Settings {
    let cli = crate::reader::read(&["heygem-run", "true"]).expect("words");
    crate::settings::decide(cli, &Environment::new([])).expect("a command").1
}

/// A search that depends on no command.
fn anywhere<'a>(settings: &'a Settings, invocation: &'a Invocation<'a>) -> Candidates<'a> {
    Candidates { settings, invocation, words: None, launcher: None, well_known: &[] }
}

#[test]
fn the_places_of_containers_come_last_and_in_order() {
    let place = TestDirectory::new("well-known");
    let roots = ["bin", "app", "code"].map(|name| place.root(name));
    let [launcher, app, code] = roots.each_ref().map(|path| path.to_str().expect("text"));
    let invocation = Invocation::new([], [], rustix::process::geteuid().as_raw(), 0);
    let launcher = Path::new(launcher).join("heygem-run");
    let places = Candidates {
        settings: &settings(),
        invocation: &invocation,
        words: None,
        launcher: Some(&launcher),
        well_known: &[app, code],
    };
    for (root, source) in
        roots.iter().zip([RootSource::LauncherDirectory, RootSource::WellKnown, RootSource::WellKnown])
    {
        let found = places.search(None).expect("found");
        assert_eq!((&found.path, found.source), (root, source));
        fs::remove_dir_all(root).expect("remove");
    }
    let error = places.search(None).expect_err("all gone").to_string();
    let told = format!("  tried: {app} (a container's usual place): no such directory\n  tried: {code} (");
    assert!(error.contains(&told), "{error}");
    assert_eq!(WELL_KNOWN, ["/app/HeyGem-Linux-Python-Hack", "/code"]);
}

/// A file can be given away by root only; anyone else pretends to be another user.
#[test]
fn a_strangers_root_counts_only_where_not_everyone_could_have_put_it() {
    const NOBODY: u32 = 65534;
    let place = TestDirectory::new("stranger");
    let sdk = place.root("sdk");
    let own = fs::metadata(&sdk).expect("is there").uid();
    let (owner, user) = if own == 0 {
        chown(&sdk, Some(NOBODY), None).expect("root gives it away");
        (NOBODY, 0)
    } else {
        (own, own + 1)
    };
    let doubt = |path: &Path, user| {
        let (settings, invocation) = (settings(), Invocation::new([], [], user, 0));
        let candidates = anywhere(&settings, &invocation);
        candidates
            .start(&mut search_budget())
            .examine(path, RootSource::InWorkingDirectory)
            .err()
            .map(|why| why.to_string())
    };
    let planted =
        format!("an SDK, but everyone can write to {}, and it belongs to user {owner}", quote(&place.0));
    assert_eq!(doubt(&sdk, user), None);
    for mode in [0o777, 0o1777] {
        fs::set_permissions(&place.0, fs::Permissions::from_mode(mode)).expect("chmod");
        assert_eq!(doubt(&sdk, user), Some(planted.clone()));
        assert_eq!(doubt(&sdk, owner), None);
    }
    // Nor does a link there make it better.
    let link = place.0.join("link");
    symlink("sdk", &link).expect("link");
    assert_eq!(doubt(&link, user), Some(planted));
}

#[test]
fn all_listings_and_looks_have_one_budget() {
    let place = TestDirectory::new("budget");
    let work = place.0.join("work");
    fs::create_dir(&work).expect("create");
    for number in 0..30 {
        fs::create_dir_all(place.0.join(format!("many/{number}"))).expect("create");
        symlink("../many", work.join(number.to_string())).expect("link");
    }
    let settings = settings();
    let invocation = Invocation::new([], [], rustix::process::geteuid().as_raw(), 0);
    let told = |mut budget: Budget| {
        let candidates = anywhere(&settings, &invocation);
        let mut search = candidates.start(&mut budget);
        assert!(search.near(&work).expect("not two").is_none());
        search.failure(&[], None).to_string()
    };
    let whole = told(search_budget());
    assert!(whole.starts_with("no HeyGem SDK found\n") && whole.contains("in any of 900\n"), "{whole}");
    let cut = told(Budget::new(1_500, Duration::from_secs(1_000)));
    assert!(cut.starts_with("no HeyGem SDK found, and the search was cut: there is too much "), "{cut}");
    // 72 steps before, and 340 for thirty directories.
    assert!(cut.contains("in any of 122\n"), "{cut}");
}
