//! heygem-run inside heygem-run, and bridges that are inherited.

use std::ffi::OsString;

use super::launched;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};

/// `heygem-run` with these options, inside itself with others, and so on, and the probe in the middle.
fn nested(place: &Place, levels: &[&[&str]]) -> Report {
    let mut words: Vec<OsString> = Vec::new();
    for (level, options) in levels.iter().enumerate() {
        if level > 0 {
            words.push(LAUNCHER.into());
        }
        words.extend(options.iter().map(OsString::from));
        words.push("--".into());
    }
    words.push(probe().into());
    Report::of(place.launch(words).env("PYTHONPATH", "lib:/b::/b/"))
}

#[test]
fn a_launch_within_a_launch_changes_nothing() {
    let place = Place::new();
    let sdk = place.make_root("sdk");
    launched(&place, &sdk);
    let sdk = sdk.to_str().expect("text");
    let home = place.path("home");
    let home = home.to_str().expect("text");
    let rows: [&[&str]; 6] =
        [&[], &["-r", sdk], &["-C", home], &["--no-chdir"], &["-r", sdk, "-L", home], &["--no-bridge"]];
    for options in rows {
        let once = nested(&place, &[options]);
        assert_eq!(nested(&place, &[options, options]).state(), once.state(), "{options:?}");
        assert_eq!(nested(&place, &[options, options, options]).state(), once.state(), "{options:?}");
        // The inner one finds the same root without being told.
        if !options.contains(&"-C") && !options.contains(&"--no-bridge") && !options.contains(&"--no-chdir") {
            assert_eq!(nested(&place, &[options, &[]]).state(), once.state(), "{options:?}");
        }
    }
}

#[test]
fn a_launch_with_another_root_puts_that_first_and_drops_the_others_bridge() {
    let place = Place::new();
    let (one, two) = (place.make_root("a/one"), place.make_root("b/two"));
    place.write("b/two/h_utils/custom.so", "");
    let (bridge_one, bridge_two) = (launched(&place, &one).bridge(), launched(&place, &two).bridge());
    assert_ne!(bridge_one.file_name(), bridge_two.file_name());
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let (one, two, lib) = (text(&one), text(&two), text(&place.path("lib")));
    let (a, b) = (text(&place.path("a")), text(&place.path("b")));
    let (bridge_one, bridge_two) = (text(&bridge_one), text(&bridge_two));
    let (in_one, in_two): ([&str; 2], [&str; 2]) = (["-r", &one], ["-r", &two]);
    let inner = nested(&place, &[&in_one, &in_two]);
    assert_eq!(inner.python_path(), [&*two, &b, &one, &a, &lib, "/b", &bridge_two]);
    let here = place.dir.to_str().expect("text");
    assert_eq!((inner.variable("HEYGEM_DIR"), inner.one("cwd")), (Some(&*two), here));
    // Back again: the first is in front, and nothing is there twice.
    let back = nested(&place, &[&in_one, &in_two, &in_one]);
    assert_eq!(back.python_path(), [&*one, &a, &two, &b, &lib, "/b", &bridge_one]);
    // In a root of its own, each changes nothing.
    assert_eq!(nested(&place, &[&in_one, &in_two, &in_two]).state(), inner.state());
}

#[test]
fn an_inherited_bridge_is_dropped_by_its_name() {
    let place = Place::new();
    let sdk = place.make_root("sdk");
    let bridge = launched(&place, &sdk).bridge();
    let (sdk, here) = (sdk.to_str().expect("text"), place.dir.to_str().expect("text"));
    let bridge = bridge.to_str().expect("text");
    let inherited = [
        "/old/sdk/.heygem-run/heygem-bridge-0123456789abcdef",
        "/a",
        "/cache/heygem-bridge-0123456789abcdef/",
        "heygem-bridge-0123456789abcdef",
        bridge,
        // Somebody's own.
        "/heygem-bridge-0123456789abcdef/lib",
        "/heygem-bridge-old",
        "/heygem-bridge-0123456789abcdef0",
    ];
    let kept = [
        "/a",
        "/heygem-bridge-0123456789abcdef/lib",
        "/heygem-bridge-old",
        "/heygem-bridge-0123456789abcdef0",
    ];
    let launch = |options: &[&str]| {
        let words = options.iter().map(OsString::from).chain(["--".into(), probe().into()]);
        Report::of(place.launch(words).env("PYTHONPATH", inherited.join(":")))
    };
    assert_eq!(launch(&[]).python_path(), [&[sdk, here], &kept[..], &[bridge]].concat());
    assert_eq!(launch(&["--no-bridge"]).python_path(), [&[sdk, here], &kept[..]].concat());
    assert_eq!(launch(&["--no-inherit"]).python_path(), [sdk, here, bridge]);
}
