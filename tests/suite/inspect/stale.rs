//! A bridge that was baked into an image's variables, and is gone or from before the SDK changed, is named.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use super::{IDLE, RESTART, Service, Stage, python};
use crate::support::fs::remove;

/// A service whose PYTHONPATH names this bridge.
fn baked(stage: &Stage, bridge: &std::path::Path) -> Service {
    let mut command = stage.place.command(python());
    let (root, parent) = (stage.root.display(), stage.place.dir.display());
    command.env("HEYGEM_DIR", &stage.root);
    command.env("PYTHONPATH", format!("{root}:{parent}:{}", bridge.display())).arg(IDLE);
    Service::start(command)
}

#[test]
fn a_bridge_from_before_the_sdk_changed_lacks_names() {
    let stage = Stage::new();
    let old = stage.bridge();
    stage.add_module("server");
    let before = baked(&stage, &old);
    let new = stage.bridge();
    // The kernel tells when a process started to the second.
    sleep(Duration::from_millis(1100));
    let after = baked(&stage, &old);
    let (code, report) = stage.report(before.pid(), &["--strict"]);
    assert_eq!((code, report.verdict(before.pid())), (Some(0), "ok"), "it is running: {:#}", report.0);
    let (code, report) = stage.report(after.pid(), &[]);
    let missing = json!([{ "what": "names of the bridge", "path": old, "names": ["server"] }]);
    assert_eq!((code, &report.of(after.pid())["missing"]), (Some(1), &missing), "{:#}", report.0);
    assert_eq!(report.of(after.pid())["hints"], json!([RESTART]));
    let right = baked(&stage, &new);
    stage.inspect(right.pid(), &["-q", "--strict"]).prints("");
}

#[test]
fn a_bridge_that_is_gone_or_of_a_place_that_was_left_is_named() {
    let stage = Stage::new();
    let bridge = stage.bridge();
    let left = stage.place.path("build/sdk/.heygem-run/heygem-bridge-0123456789abcdef");
    let service = baked(&stage, &left);
    let (code, report) = stage.report(service.pid(), &[]);
    let missing = json!([{ "what": "bridge", "path": bridge, "instead": left }]);
    assert_eq!((code, &report.of(service.pid())["missing"]), (Some(1), &missing), "{:#}", report.0);
    let service = baked(&stage, &bridge);
    stage.inspect(service.pid(), &["-q", "--strict"]).prints("");
    remove(&bridge);
    let (code, report) = stage.report(service.pid(), &[]);
    let missing = json!([{ "what": "deleted bridge", "path": bridge }]);
    assert_eq!((code, &report.of(service.pid())["missing"]), (Some(1), &missing), "{:#}", report.0);
}
