//! The live probe.

use std::fs;

use super::Site;

#[test]
fn children_without_a_bridge() {
    let mut site = Site::new();
    site.option(["--no-bridge"]);
    let cause = "spawn, forkserver: a child died: unpickling by the bare name: ModuleNotFoundError: No module named 'trans_dh_service'";
    site.is_mended_after("fail", "children", cause, |site, remedy| {
        assert_eq!(remedy, "leave out --no-bridge");
        site.options.clear();
    });
}

#[test]
fn an_sdk_that_lacks_a_module_or_fails() {
    let table = [
        ("import einops\n", "ModuleNotFoundError: No module named 'einops'", "einops"),
        ("raise ValueError('no licence')\n", "ValueError: no licence", "heygem-run -- "),
        ("import os; os._exit(9)\n", "", ""),
        ("import os; os.kill(os.getpid(), 11)\n", "signal 11", ""),
    ];
    for (code, cause, remedy) in table {
        let mut site = Site::new();
        site.place.write("app/sdk/service/__init__.py", code);
        site.is_mended_after("fail", "children", cause, |site, told| {
            assert!(told.contains(remedy), "{told}");
            site.place.write("app/sdk/service/__init__.py", "");
        });
    }
}

#[test]
fn a_child_that_hangs_is_killed_with_all_that_it_started() {
    let mut site = Site::new();
    let code = "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(600)\n";
    site.place.write("app/sdk/service/__init__.py", code);
    site.option(["--timeout", "3"]);
    let fault = site.has("fail", "children", "did not end in 3 s, and was killed");
    assert!(fault.remedy.contains("--timeout"), "{fault:?}");
    let mark = format!("HEYGEM_DIR={}", site.root.display());
    let processes = fs::read_dir("/proc").expect("there").flatten();
    let left: Vec<_> = processes
        .filter(|entry| {
            let variables = fs::read(entry.path().join("environ")).unwrap_or_default();
            variables.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes())
        })
        .map(|entry| entry.path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    site.place.write("app/sdk/service/__init__.py", "");
    site.option(["--timeout", "60"]);
    site.options.drain(..2);
    site.is_healthy();
}
