//! PYTHONPATH and LD_LIBRARY_PATH, as the target finds them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::launched;
use crate::support::fs::remove;
use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::run::Run;
use crate::support::user::set_mode;

/// The longest `NAME=value` that Linux allows.
const LONGEST: usize = 131_071;

fn launch(place: &Place, options: &[&str]) -> Run {
    let probe = probe();
    place.launch([options, &["--", probe.to_str().expect("text")]].concat())
}

#[test]
fn inherited_entries_stand_between_the_sdk_and_the_bridge() {
    let place = Place::new();
    let sdk = place.make_root("app/sdk");
    let bridge = launched(&place, &sdk).bridge();
    let rows: [(&[u8], &[u8]); 9] = [
        (b"", b""),
        (b"::: : \t", b""),
        (b"/b:/a:/b/:/a/.:/c", b":/b:/a:/c"),
        (b"lib:./lib:.", b":@/lib:@"),
        (b"../x", b":@/../x"),
        // What is first anyway is not there again.
        (b"/a:@/app/sdk/:@/app:/b", b":/a:/b"),
        (b"/a b:/\xff\n:/~", b":/a b:/\\xff\\x0a:/~"),
        ("/数字人".as_bytes(), br":/\xe6\x95\xb0\xe5\xad\x97\xe4\xba\xba"),
        (b"/a;/b", b":/a;/b"),
    ];
    let here = place.dir.to_str().expect("text");
    let filled = |text: &[u8]| {
        let parts: Vec<_> = text.split(|&byte| byte == b'@').map(<[u8]>::to_vec).collect();
        parts.join(here.as_bytes())
    };
    for (inherited, expected) in rows {
        let run = launch(&place, &["-r", "app/sdk"]).env("PYTHONPATH", OsStr::from_bytes(&filled(inherited)));
        let middle = String::from_utf8(filled(expected)).expect("text");
        let expected = format!("{here}/app/sdk:{here}/app{middle}:{}", bridge.display());
        assert_eq!(Report::of(run).variable("PYTHONPATH"), Some(&*expected));
    }
    let run = launch(&place, &["-r", "app/sdk", "--no-inherit"]).env("PYTHONPATH", "/a");
    let expected = format!("{here}/app/sdk:{here}/app:{}", bridge.display());
    assert_eq!(Report::of(run).variable("PYTHONPATH"), Some(&*expected));
}

/// Python runs one `sitecustomize`, the first on the path; the bridge's hands on to the next.
#[test]
fn the_bridge_stands_before_the_first_other_sitecustomize() {
    let place = Place::new();
    let sdk = place.make_root("app/sdk");
    let bridge = launched(&place, &sdk).bridge();
    let here = place.dir.to_str().expect("text").to_owned();
    place.write("agent/sitecustomize.py", "");
    place.write("packaged/sitecustomize/__init__.py", "");
    place.write("data/sitecustomize.txt", "");
    let path = |inherited: &str| {
        let inherited = inherited.replace('@', &here);
        let run = launch(&place, &["-r", "app/sdk"]).env("PYTHONPATH", inherited);
        let path = Report::of(run).python_path().join(":");
        path.replace(bridge.to_str().expect("text"), "BRIDGE").replace(&here, "@")
    };
    assert_eq!(path("/a:@/agent:/b"), "@/app/sdk:@/app:/a:BRIDGE:@/agent:/b");
    assert_eq!(path("/a:@/packaged:@/agent"), "@/app/sdk:@/app:/a:BRIDGE:@/packaged:@/agent");
    assert_eq!(path("/a:@/data"), "@/app/sdk:@/app:/a:@/data:BRIDGE");
    // A line that builds the bridge itself puts it in the same place.
    place.write("app/sitecustomize.py", "");
    let other = place.make_root("app/other");
    let run = launch(&place, &["-r", "app/other"]).env("PYTHONPATH", "/a");
    let built = Report::of(run).python_path().join(":");
    assert!(
        built.ends_with(&format!("{here}/app:/a")) && built.starts_with(other.to_str().expect("text")),
        "{built}"
    );
}

/// Between two launches, which rely on what the stamp says of the root.
#[test]
fn a_sitecustomize_of_the_roots_own_is_seen_when_it_comes_and_when_it_goes() {
    let place = Place::new();
    let sdk = place.make_root("app/sdk");
    let here = place.dir.to_str().expect("text").to_owned();
    let path = || {
        let by_listing = Report::of(launch(&place, &["-r", "app/sdk"])).python_path().join(":");
        let bridge = place.launch(["-r", "app/sdk", "--prepare"]).run().succeeded();
        let by_stamp = Report::of(launch(&place, &["-r", "app/sdk"])).python_path().join(":");
        let [by_listing, by_stamp] =
            [by_listing, by_stamp].map(|path| path.replace(bridge.trim_end(), "BRIDGE").replace(&here, "@"));
        assert_eq!(by_listing, by_stamp);
        by_stamp
    };
    place.make_dir("app/sdk/sitecustomize");
    assert_eq!(path(), "@/app/sdk:@/app:BRIDGE");
    let package = place.write("app/sdk/sitecustomize/__init__.py", "");
    assert_eq!(path(), "BRIDGE:@/app/sdk:@/app");
    remove(&package);
    assert_eq!(path(), "@/app/sdk:@/app:BRIDGE");
    let module = place.write(sdk.join("sitecustomize.py"), "");
    assert_eq!(path(), "BRIDGE:@/app/sdk:@/app");
    remove(&module);
    assert_eq!(path(), "@/app/sdk:@/app:BRIDGE");
}

#[test]
fn library_directories_stand_in_front() {
    let place = Place::new();
    place.make_root("sdk");
    place.make_dir("lib");
    type Row<'a> = (&'a [&'a str], &'a str, Option<&'a str>, Option<&'a str>);
    let rows: [Row; 12] = [
        // Untouched unless asked, whatever it holds.
        (&[], "", None, None),
        (&[], "", Some("/a::lib:/a"), Some("/a::lib:/a")),
        (&["-L", "/x"], "", None, Some("/x")),
        (&["-L", "/x", "-L", "/y"], "", Some("/a"), Some("/x:/y:/a")),
        (&["-L", "lib", "--library-dir=./lib/../lib"], "", Some(""), Some("@/lib:@/lib/../lib")),
        (&["-L", "/x", "-L", "/x/", "-L", "/y"], "", Some("/y:/x:/a"), Some("/x:/y:/a")),
        (&["-L", "/x"], "", Some("/a::lib: :/a/"), Some("/x:/a:@/lib")),
        (&[], "/x:lib::/y", Some("/a"), Some("/x:@/lib:/y:/a")),
        (&[], ":", Some("/a::"), Some("/a::")),
        (&["-L", "/z"], "/x", Some("/a"), Some("/z:/a")),
        // It need not be there yet: a driver's may be mounted later.
        (&["-L", "nowhere"], "", None, Some("@/nowhere")),
        (&["-L", "~/lib", "--no-chdir"], "", None, Some("@/~/lib")),
    ];
    let here = place.dir.to_str().expect("text");
    for (options, variable, inherited, expected) in rows {
        let mut run = launch(&place, options).env("HEYGEM_LIBRARY_PATH", variable);
        if let Some(inherited) = inherited {
            run = run.env("LD_LIBRARY_PATH", inherited);
        }
        let expected = expected.map(|expected| expected.replace('@', here));
        let report = Report::of(run);
        assert_eq!(
            report.variable("LD_LIBRARY_PATH"),
            expected.as_deref(),
            "{options:?} {variable:?} {inherited:?}"
        );
    }
}

#[test]
fn a_path_that_no_list_can_hold_is_an_error() {
    let place = Place::new();
    place.make_root("sdk");
    place.make_root("a:b");
    let here = place.dir.display();
    let hint = "hint: LD_LIBRARY_PATH can't hold it; for two directories write -L twice\n";
    for directory in ["/x:/y", "x;y"] {
        let absolute =
            if directory.starts_with('/') { directory.into() } else { format!("{here}/{directory}") };
        let quoted = if directory.contains(';') { format!("'{absolute}'") } else { absolute };
        launch(&place, &["-r", "sdk", "-L", directory]).fails(
            125,
            format!("heygem-run: error: the library directory {quoted} (--library-dir) has a colon or semicolon in its path\n{hint}"),
        );
    }
    // The variable is a list, so a colon separates; the loader takes the other for a separator as well.
    launch(&place, &["-r", "sdk"]).env("HEYGEM_LIBRARY_PATH", "/x;y").fails(
        125,
        "heygem-run: error: the library directory '/x;y' (HEYGEM_LIBRARY_PATH) has a colon or semicolon in its path\n\
             hint: LD_LIBRARY_PATH can't hold it; between two directories write a colon\n",
    );
    launch(&place, &["-r", "a:b"]).fails(
        125,
        format!(
            "heygem-run: error: the root {here}/a:b has a colon in its path\n\
             hint: PYTHONPATH can't hold it: move it, or name it through a link without one\n"
        ),
    );
    let words = ["-r", "../sdk", "--no-chdir"];
    let run = launch(&place, &words).within(place.make_dir("c:d")).env("PYTHONPATH", "lib:/a");
    let report = Report::with_warnings(
        run,
        "heygem-run: warning: the relative entry lib of PYTHONPATH is dropped: no absolute path can replace it\n",
    );
    assert_eq!(report.python_path()[2..3], ["/a"]);
}

#[test]
fn the_longest_value_that_the_kernel_takes_is_the_longest_that_is_tried() {
    let place = Place::new();
    let sdk = place.make_root("sdk");
    let alone = launched(&place, &sdk).variable("PYTHONPATH").expect("set").len();
    let room = LONGEST - "PYTHONPATH=".len() - alone - ":".len();
    let inherited = |length: usize| format!("/{}", "x".repeat(length - 1));
    let report = Report::of(launch(&place, &[]).env("PYTHONPATH", inherited(room)));
    assert_eq!(report.variable("PYTHONPATH").map(str::len), Some(LONGEST - "PYTHONPATH=".len()));
    launch(&place, &[]).env("PYTHONPATH", inherited(room + 1)).fails(
        125,
        "heygem-run: error: PYTHONPATH would be 131072 bytes long; Linux allows 131071\n\
         hint: --no-inherit drops the PYTHONPATH that was there\n",
    );
    let report = Report::of(launch(&place, &["--no-inherit"]).env("PYTHONPATH", inherited(room + 1)));
    assert_eq!(report.variable("PYTHONPATH").map(str::len), Some(alone));
    launch(&place, &["-L", "/lib"])
        .env("LD_LIBRARY_PATH", inherited(131_051))
        .fails(125, "heygem-run: error: LD_LIBRARY_PATH would be 131072 bytes long; Linux allows 131071\n");
}

#[test]
fn a_parent_that_everyone_can_write_to_is_worth_a_warning() {
    let place = Place::new();
    place.make_root("open/sdk");
    let here = place.dir.display();
    set_mode(&place.path("open"), 0o1777);
    Report::with_warnings(
        launch(&place, &["-r", "open/sdk"]),
        format!(
            "heygem-run: warning: everyone can write to {here}/open, and PYTHONPATH has it: move the SDK\n"
        ),
    );
    set_mode(&place.path("open"), 0o775);
    Report::of(launch(&place, &["-r", "open/sdk"]));
}
